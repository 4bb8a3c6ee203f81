"""The checksum that identifies the files of a release."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from paycite.files import sha256


def checksum(files: Sequence[Path]) -> str:
    """Return the SHA-256 of the file. For several files, hash the sorted lines
    `<sha256>  <name>`, as `sha256sum` prints them."""
    sums = [(sha256(file), file.name) for file in files]
    if len(sums) == 1:
        return sums[0][0]
    listed = "".join(f"{digest}  {name}\n" for digest, name in sorted(sums))
    return hashlib.sha256(listed.encode()).hexdigest()
