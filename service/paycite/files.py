"""Replace a file so that neither a killed process nor a power failure leaves half of it, let one
process write at a time, and hash a file."""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_file(file: Path, content: bytes, mode: int = 0o666) -> None:
    """Write the content beside the file, to the disk, and put it in its place. `mode` has the
    permissions of the new file."""
    refuse_directory(file)
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)  # of a process that was killed
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(opened, "wb") as written:  # noqa: PTH123
            written.write(content)
        put_in_place(unfinished, file)
    except OSError:  # such as a full disk
        unfinished.unlink(missing_ok=True)
        raise


def put_in_place(finished: Path, file: Path) -> None:
    """Write a finished file to the disk, and only then give it the name of the other."""
    with finished.open("rb") as opened:
        os.fsync(opened.fileno())
    finished.replace(file)


def refuse_directory(file: Path) -> None:
    """IsADirectoryError if there is one in the place of the file."""
    if file.is_dir():
        reason = "Delete this directory, which is in the place of a file"
        raise IsADirectoryError(errno.EISDIR, reason, str(file))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock file, which is made, when no other process or thread holds it."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sha256(file: Path) -> str:
    """The SHA-256 of a file, which is not read into memory."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
