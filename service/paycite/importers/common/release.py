"""What the readers of releases share: parts of OEWS, how far a file is read, checksums."""

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

from paycite.model.distribution import Measure
from paycite.seeds.files import sha256

T = TypeVar("T")
# How many more bytes have been read.
Tell = Callable[[int], object]
_NUMBER = re.compile(r"\d*\.?\d+")
_TOLD_EVERY = 1_000


class Part(NamedTuple):
    """What one line or row states of an occupation in an area: cells as the seeds write them.

    `area` is the code of 7 digits; `group` tells rows of a workbook apart that state an occupation
    twice, once as broad and once as detailed. An empty cell: there is no such number.
    """

    place: str
    year: int
    area: str
    area_name: str
    occupation: str
    title: str
    group: str
    cells: dict[Measure, str]


def number(cell: str | float) -> str | None:
    """A number as the seeds write it, in one way whatever the format; None if it is none."""
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    if not 0 <= value < math.inf:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def cap(text: str) -> str | None:
    """Dollars a year at and above which a release states no wage, where its legend says that."""
    stated = re.search(r"equal to or greater than .*\$([\d,]+)(?:\.\d+)? per year", text)
    return stated[1].replace(",", "") if stated else None


def told(items: Iterable[T], file: IO[bytes], tell: Tell) -> Iterator[T]:
    """The items, and now and then how far the file that they come from has been read."""
    before = 0
    for count, item in enumerate(items):
        if count % _TOLD_EVERY == 0:
            tell(max(0, file.tell() - before))
            before = file.tell()
        yield item
    tell(max(0, file.tell() - before))


def checksum(files: Sequence[Path]) -> str:
    """SHA-256 of the file; of several, that of the lines `<sha256>  <name>` in order, as
    `sha256sum` prints them."""
    sums = [(sha256(file), file.name) for file in files]
    if len(sums) == 1:
        return sums[0][0]
    listed = "".join(f"{digest}  {name}\n" for digest, name in sorted(sums))
    return hashlib.sha256(listed.encode()).hexdigest()
