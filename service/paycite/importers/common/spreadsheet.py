"""Stream the rows of workbooks (.xlsx), alone or in a zip file."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import openpyxl
from msgspec import Struct
from openpyxl.worksheet._reader import WorkSheetParser

from paycite.importers import ImportRefused
from paycite.importers.common import limits

_ZIP, _OLD_WORKBOOK = b"PK", b"\xd0\xcf\x11\xe0"


class Book(Struct, frozen=True):
    name: str
    file: IO[bytes]
    sheets: Sequence[Any]  # of openpyxl


def is_workbook(file: Path) -> bool:
    """Whether the file is a workbook, or a zip file that may contain some."""
    with file.open("rb") as opened:
        start = opened.read(len(_OLD_WORKBOOK))
    if not start:
        raise ImportRefused(file, "the file is empty; download it again")
    if start == _OLD_WORKBOOK:
        raise ImportRefused(file, "an old or encrypted workbook: save it as .xlsx")
    return start.startswith(_ZIP)


def books(file: Path, largest: int, opened: ExitStack) -> Iterator[Book]:
    """Yield the workbook, or those in the zip file. ImportRefused above `largest` bytes."""
    packed = opened.enter_context(file.open("rb"))
    archive = _archive(str(file), packed, largest)
    if "xl/workbook.xml" in archive.namelist():
        yield _book(str(file), packed)
        return
    members = [name for name in archive.namelist() if name.lower().endswith(".xlsx")]
    if not members:
        raise ImportRefused(file, "neither a workbook (.xlsx) nor a zip file with one")
    for member in members:
        content, name = BytesIO(archive.read(member)), f"{file}/{member}"
        _archive(name, content, largest)
        yield _book(name, content)


def rows(book: Book, sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the values of each row of a sheet, empty for one that the file leaves out."""
    place = f"{book.name}, sheet {sheet.title}"
    sheet.reset_dimensions()  # a workbook may state a wrong size
    last = 0
    try:
        for number, cells in _numbered_rows(sheet):
            if number <= last:
                raise ImportRefused(
                    place,
                    f"row {number:,} comes after row {last:,}: open the workbook in a spreadsheet "
                    "and save it again",
                )
            if number > limits.SHEET_ROWS:
                most = f"{limits.SHEET_ROWS:,}"
                raise ImportRefused(place, f"more than {most} rows, the limit of a sheet")
            if cells and cells[-1]["column"] > limits.COLUMNS:
                most = f"{limits.COLUMNS:,}"
                raise ImportRefused(
                    place, f"row {number:,} has more than {most} columns, the limit"
                )
            for _ in range(last + 1, number):
                yield ()
            yield sheet._get_row(cells, values_only=True)
            last = number
    except ImportRefused:
        raise
    except Exception as error:  # openpyxl raises errors of any kind
        raise ImportRefused(place, f"cannot be read: {error!r}") from None


def _numbered_rows(sheet: Any) -> Iterator[tuple[int, Any]]:
    """Yield the rows as `sheet.iter_rows` does, but with their numbers: it drops in silence what is
    out of order."""
    book = sheet.parent
    with sheet._get_source() as source:
        yield from WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        ).parse()


def _archive(name: str, file: IO[bytes], largest: int) -> ZipFile:
    """Open the zip file, and check that it is complete and not too large."""
    try:
        archive = ZipFile(file)
        unpacked = sum(member.file_size for member in archive.infolist())
        packed = sum(member.compress_size for member in archive.infolist())
        if unpacked > min(largest, limits.UNPACKED * packed):
            raise ImportRefused(
                name,
                f"it unpacks to {unpacked:,} bytes from {packed:,}; the limit is "
                f"{largest:,} bytes, and {limits.UNPACKED} times the packed size",
            )
        damaged = archive.testzip()
    except ImportRefused:
        raise
    except Exception as error:  # as openpyxl, zipfile raises errors of any kind for damaged files
        raise ImportRefused(name, f"damaged or cut off; download it again: {error}") from None
    if damaged:
        raise ImportRefused(name, f"damaged; download it again ({damaged} fails its checksum)")
    return archive


def _book(name: str, file: IO[bytes]) -> Book:
    try:
        sheets = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets
    except ImportRefused:  # it takes too long
        raise
    except Exception as error:  # of any kind, too
        raise ImportRefused(name, f"the workbook cannot be read: {error!r}") from None
    if not sheets:
        raise ImportRefused(name, "the workbook has no sheet")
    return Book(name, file, sheets)
