"""What stops a command, in a sentence with what to do."""

import errno
import sys

_WHAT_TO_DO = {
    errno.ENOSPC: "The disk is full. Free some space, and run the command again.",
    errno.EDQUOT: "The disk quota is used up. Free some space, and run the command again.",
    errno.EROFS: "The disk is read-only. Set PAYCITE_DATA to a folder that can be written.",
    errno.EACCES: "Give this user the right to it, or set PAYCITE_DATA to a folder of this user.",
    errno.EPERM: "Give this user the right to it, or set PAYCITE_DATA to a folder of this user.",
    errno.EMFILE: "Too few files may be open: raise the limit (`ulimit -n 4096`).",
    errno.ENFILE: "Too few files may be open on this system.",
    errno.EFBIG: "Files may not be so large: raise the limit (`ulimit -f unlimited`).",
    errno.ENOMEM: "Memory is used up: give the process more (`ulimit -v unlimited`).",
}
_OUT_OF_MEMORY = (
    "OutOfMemory",
    "failed to map segment",
    "cannot allocate memory",
    "can't start new thread",
    "bad_alloc",
    "resource temporarily unavailable",
)


def explain(error: BaseException) -> str | None:
    """Explain an error of the system or of DuckDB; Paycite's own explain themselves. None for any
    other."""
    text, _, _ = (str(error) or type(error).__name__).partition("\n")
    if isinstance(error, MemoryError) or _says_no_memory(error, text):
        return f"{text}. {_WHAT_TO_DO[errno.ENOMEM]}"
    if isinstance(error, OSError):
        named = f"{error.strerror}: {error.filename}" if error.filename else error.strerror or text
        return f"{named}. {_WHAT_TO_DO.get(error.errno or 0, '')}".rstrip()
    duckdb = sys.modules.get("duckdb")  # most commands that fail have not loaded it
    if duckdb and isinstance(error, duckdb.Error):
        return f"The database failed: {text}"
    return str(error) if type(error).__module__.startswith("paycite.") else None


def _says_no_memory(error: BaseException, text: str) -> bool:
    """Whether a library says so with an error of another kind."""
    said = f"{type(error).__name__}: {text}".lower()
    return any(one.lower() in said for one in _OUT_OF_MEMORY)
