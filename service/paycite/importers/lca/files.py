"""The files of labour condition applications: workbooks as published, or CSV made of them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from paycite.importers import ImportRefused
from paycite.importers.common import spreadsheet
from paycite.importers.common.progress import Progress, with_progress
from paycite.importers.common.records import Record
from paycite.importers.common.records import read_records as csv_records
from paycite.model.observation import RefusedRow

COLUMNS = (
    *("CASE_NUMBER", "CASE_STATUS", "DECISION_DATE", "VISA_CLASS", "FULL_TIME_POSITION"),
    *("JOB_TITLE", "SOC_CODE", "EMPLOYER_NAME"),
    *("WORKSITE_CITY", "WORKSITE_STATE", "WORKSITE_POSTAL_CODE"),
    *("WAGE_RATE_OF_PAY_FROM", "WAGE_RATE_OF_PAY_TO", "WAGE_UNIT_OF_PAY"),
    *("PREVAILING_WAGE", "PW_UNIT_OF_PAY"),
)
"""Those that are read; a release has about 80 more, other ones every few years."""
_LARGEST = 2**32  # bytes of a workbook unpacked; a release takes about a third of it


def read_records(file: Path, progress: Progress) -> Iterator[Record | RefusedRow]:
    """The rows of a file, also the blank ones; ImportRefused where it is of another kind."""
    if spreadsheet.is_workbook(file):
        yield from _of_workbooks(file, progress)
    else:
        yield from _of_csv(file, progress)


def _of_workbooks(file: Path, progress: Progress) -> Iterator[Record]:
    """The rows of the first sheet, which has another name in each release."""
    with ExitStack() as opened:
        for book in spreadsheet.books(file, _LARGEST, opened):
            counted = enumerate(spreadsheet.rows(book, book.sheets[0]), start=1)
            header = [
                "" if cell is None else str(cell).strip() for cell in next(counted, (1, ()))[1]
            ]
            _refuse_other_columns(f"{book.name}, row 1", header)
            for count, cells in with_progress(counted, book.file, progress):
                yield Record(f"{book.name}, row {count}", dict(zip(header, cells, strict=False)))


def _of_csv(file: Path, progress: Progress) -> Iterator[Record | RefusedRow]:
    if not file.name.lower().endswith((".csv", ".csv.gz")):
        raise ImportRefused(file, "neither a workbook (.xlsx) nor CSV, by its content and its name")
    _refuse_cut_off(file)
    yield from csv_records(file, _refuse_other_columns, progress)


def _refuse_cut_off(file: Path) -> None:
    with file.open("rb") as opened:
        opened.seek(-1, 2)
        if file.suffix != ".gz" and opened.read() != b"\n":
            raise ImportRefused(file, "its last line has no end; it is cut off, get it again")


def _refuse_other_columns(place: str, header: Sequence[str]) -> None:
    for column in COLUMNS:
        if header.count(column) != 1:
            raise ImportRefused(
                place,
                f"missing or repeated column {column!r}; the releases that can be read, those "
                f"since FY2020, have {', '.join(COLUMNS)}",
            )
