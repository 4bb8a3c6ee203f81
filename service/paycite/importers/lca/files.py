"""Read the files of labor condition applications: workbooks, or CSV and Parquet made from them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from paycite.importers import ImportRefused
from paycite.importers.common import limits, records, spreadsheet
from paycite.importers.common.progress import Progress, with_progress
from paycite.importers.common.records import Record
from paycite.model.observation import RefusedRow

# Some copies lack these four, which identify a filing and describe it further.
FULL_ONLY = ("CASE_NUMBER", "VISA_CLASS", "WORKSITE_POSTAL_CODE", "WAGE_RATE_OF_PAY_TO")
DEPENDENT = "H_1B_DEPENDENT"
COLUMNS = (
    *FULL_ONLY,
    *("CASE_STATUS", "DECISION_DATE", "FULL_TIME_POSITION"),
    *("JOB_TITLE", "SOC_CODE", "EMPLOYER_NAME", "WORKSITE_CITY", "WORKSITE_STATE"),
    *("WAGE_RATE_OF_PAY_FROM", "WAGE_UNIT_OF_PAY", "PREVAILING_WAGE", "PW_UNIT_OF_PAY"),
)
"""The columns that are used. A release has about 80 more, which change every few years."""


def read_rows(file: Path, progress: Progress) -> Iterator[Record | RefusedRow]:
    """Yield the rows of a file, blank ones too. ImportRefused if it is not a release."""
    if spreadsheet.is_workbook(file):
        yield from _read_workbooks(file, progress)
    else:
        yield from _read_table(file, progress)


def has_all_columns(row: Record) -> bool:
    """Whether a row comes from the Department's own layout, not from a reduced copy."""
    return FULL_ONLY[0] in row.values


def _read_workbooks(file: Path, progress: Progress) -> Iterator[Record]:
    """Yield the rows of the first sheet, whose name changes with each release."""
    with ExitStack() as opened:
        for book in spreadsheet.books(file, limits.LARGEST_WORKBOOK, opened):
            counted = enumerate(spreadsheet.rows(book, book.sheets[0]), start=1)
            header = [
                "" if cell is None else str(cell).strip() for cell in next(counted, (1, ()))[1]
            ]
            _check_columns(f"{book.name}, row 1", header)
            for count, cells in with_progress(counted, book.file, progress):
                yield Record(f"{book.name}, row {count}", dict(zip(header, cells, strict=False)))


def _read_table(file: Path, progress: Progress) -> Iterator[Record | RefusedRow]:
    if not file.name.lower().endswith((".csv", ".csv.gz", ".parquet")):
        raise ImportRefused(
            file, "neither a workbook (.xlsx) nor CSV nor Parquet, by its content and its name"
        )
    if file.suffix.lower() == ".csv":
        _refuse_truncated(file)
    yield from records.read_records(file, _check_columns, progress)


def _refuse_truncated(file: Path) -> None:
    with file.open("rb") as opened:
        opened.seek(-1, 2)
        if opened.read() != b"\n":
            reason = "the last line has no end, so the file is cut off; download it again"
            raise ImportRefused(file, reason)


def _check_columns(place: str, header: Sequence[str]) -> None:
    is_reduced = not any(column in header for column in FULL_ONLY)
    for column in (*COLUMNS[len(FULL_ONLY) :], DEPENDENT) if is_reduced else COLUMNS:
        if header.count(column) != 1:
            raise ImportRefused(
                place,
                f"missing or repeated column {column!r}; Paycite reads releases since FY2020, "
                f"which have {', '.join(COLUMNS)} (and copies without {', '.join(FULL_ONLY)}, "
                f"which have {DEPENDENT})",
            )
