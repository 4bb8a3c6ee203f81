"""Read OEWS workbooks: national, state, metropolitan and nonmetropolitan, zipped or not.

They are streamed, because the largest has 150,000 rows.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePath
from typing import Any

from paycite.importers import ImportRefused
from paycite.importers.common import limits
from paycite.importers.common.progress import Progress, with_progress
from paycite.importers.common.spreadsheet import Book, books, rows
from paycite.importers.oews.estimates import AreaEstimates, find_cap, format_number
from paycite.model.distribution import PERCENTILES, Measure
from paycite.seeds.distributions import CAPPED, WITHHELD

# As the sheet "Field Descriptions" of the workbooks describes them.
_TEXTS = (
    *("AREA", "AREA_TITLE", "AREA_TYPE", "PRIM_STATE", "NAICS", "NAICS_TITLE", "I_GROUP"),
    *("OWN_CODE", "OCC_CODE", "OCC_TITLE", "O_GROUP"),
)
_NUMBERS = (
    *("TOT_EMP", "EMP_PRSE", "JOBS_1000", "LOC_QUOTIENT", "PCT_TOTAL", "PCT_RPT"),
    *("H_MEAN", "A_MEAN", "MEAN_PRSE"),
    *("H_PCT10", "H_PCT25", "H_MEDIAN", "H_PCT75", "H_PCT90"),
    *("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90"),
)
COLUMNS = (*_TEXTS, *_NUMBERS, "ANNUAL", "HOURLY")
MEASURES: dict[str, Measure] = {
    "A_PCT10": "p10",
    "A_PCT25": "p25",
    "A_MEDIAN": "p50",
    "A_PCT75": "p75",
    "A_PCT90": "p90",
    "TOT_EMP": "employment",
    "EMP_PRSE": "employment_rse",
    "MEAN_PRSE": "mean_rse",
    "LOC_QUOTIENT": "location_quotient",
}
_ALIKE = {name: f"A{name[1:]}" for name in _NUMBERS if name.startswith("H_")}
_HOURS_A_YEAR = 2_080  # as BLS computes annual from hourly pay
_ROUNDING = 0.005  # one cent is about a thousandth of the lowest hourly pay
# Wage or employment not available; wage at or above the cap; under 0.5% of establishments.
_NOT_RELEASED, _CAPPED, _FEW = ("*", "**"), "#", "~"
_SENTINELS = {*_NOT_RELEASED, _CAPPED, _FEW}
_ALL_INDUSTRIES, _ALL_OWNERS = "000000", "1235"
_ROWS_OF_A_LEGEND = 100


def read_estimates(files: Sequence[Path], progress: Progress) -> Iterator[AreaEstimates]:
    """Yield the estimates in each row for all industries and owners; skip other rows."""
    with ExitStack() as opened:
        found = [book for file in files for book in books(file, limits.WORKBOOK, opened)]
        stated = [find_cap(text) for book in found for text in _legend(book)]
        capped_at = next((amount for amount in stated if amount), None)
        for book in found:
            if not _has_only_a_legend(book):
                yield from _parts(book, capped_at, progress)


def _has_only_a_legend(book: Book) -> bool:
    return "description" in PurePath(book.name).stem.lower()


def _legend(book: Book) -> Iterator[str]:
    for sheet in book.sheets[0 if _has_only_a_legend(book) else 1 :]:
        for row, _ in zip(rows(book, sheet), range(_ROWS_OF_A_LEGEND), strict=False):
            yield from (cell for cell in row if isinstance(cell, str))


def _parts(book: Book, capped_at: str | None, progress: Progress) -> Iterator[AreaEstimates]:
    sheet = book.sheets[0]
    year = _year(book.name, sheet.title)
    counted = enumerate(rows(book, sheet), start=1)
    _refuse_other_columns(f"{book.name}, row 1", next(counted, (1, ()))[1])
    for count, cells in with_progress(counted, book.file, progress):
        place = f"{book.name}, row {count}"
        if any(cell is not None for cell in cells[len(COLUMNS) :]):
            raise ImportRefused(place, f"more cells than the {len(COLUMNS)} columns")
        if any(cell is not None for cell in cells):
            padded = [*cells, *[None] * (len(COLUMNS) - len(cells))]
            row = dict(zip(COLUMNS, padded, strict=False))
            _refuse_other_than_numbers(place, row)
            _refuse_contradictions(place, row)
            if _code(row["NAICS"], 6) == _ALL_INDUSTRIES and _code(row["OWN_CODE"]) == _ALL_OWNERS:
                yield _part(place, year, row, capped_at)


def _year(name: str, sheet: str) -> int:
    years = {
        int(found[1])
        for text in (sheet, PurePath(name).stem)
        if (found := re.search(r"_M_?(\d{4})(?!\d)", text))
    }
    if len(years) != 1:
        raise ImportRefused(
            name,
            f"cannot tell the release from the names of the file and of its first sheet "
            f"({sheet!r}): found {' and '.join(map(str, sorted(years))) or 'no year'}; expected "
            "one year, as in national_M2025_dl",
        )
    return years.pop()


def _refuse_other_columns(place: str, header: tuple[Any, ...]) -> None:
    found = [_code(cell).upper() for cell in header]
    for at, column in enumerate(COLUMNS):
        if at >= len(found) or found[at] != column:
            actual = repr(found[at]) if at < len(found) else "nothing"
            raise ImportRefused(
                f"{place}, column {at + 1}",
                f"expected column {column}, found {actual}; the supported workbooks have the "
                f"{len(COLUMNS)} columns {COLUMNS[0]} to {COLUMNS[-1]}",
            )
    if extra := [name for name in found[len(COLUMNS) :] if name]:
        raise ImportRefused(place, f"unexpected columns after {COLUMNS[-1]}: {extra}")


def _refuse_other_than_numbers(place: str, row: dict[str, Any]) -> None:
    for column in _NUMBERS:
        cell = row[column]
        if cell is not None and cell not in _SENTINELS and _number(cell) is None:
            raise ImportRefused(
                f"{place}, column {column}",
                f"expected a number or one of {', '.join(sorted(_SENTINELS))}, found {cell!r}",
            )


def _number(cell: object) -> str | None:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    return format_number(cell)


def _code(cell: object, digits: int = 0) -> str:
    """Restore the leading zeros of a code that may have been stored as a number."""
    return "" if cell is None else str(cell).strip().zfill(digits)


def _part(place: str, year: int, row: dict[str, Any], capped_at: str | None) -> AreaEstimates:
    occupation = _code(row["OCC_CODE"])
    if not re.fullmatch(r"\d{2}-\d{4}", occupation):
        raise ImportRefused(
            f"{place}, column OCC_CODE", f"expected a code like 15-1252, found {occupation!r}"
        )
    return AreaEstimates(
        place=place,
        year=year,
        area=_area(place, _code(row["AREA_TYPE"]), _code(row["AREA"])),
        area_name=_code(row["AREA_TITLE"]),
        occupation=occupation,
        title=_code(row["OCC_TITLE"]),
        group=_code(row["O_GROUP"]),
        cells={
            measure: _cell(f"{place}, column {column}", measure, row, column, capped_at)
            for column, measure in MEASURES.items()
        },
    )


def _refuse_contradictions(place: str, row: dict[str, Any]) -> None:
    """Refuse annual pay that is not hourly pay times 2,080 hours, up to rounding."""
    for hourly, yearly in _ALIKE.items():
        by_hour, by_year = _number(row[hourly]), _number(row[yearly])
        if by_hour and by_year:
            expected = float(by_hour) * _HOURS_A_YEAR
            if abs(float(by_year) - expected) > _ROUNDING * expected:
                raise ImportRefused(
                    f"{place}, column {yearly}",
                    f"{by_year} is not {hourly} {by_hour} times {_HOURS_A_YEAR:,} hours",
                )


def _area(place: str, type_: str, code: str) -> str:
    """The 7-digit area code, as in BLS series ids; area types as in the field descriptions."""
    if code.isdecimal():
        if type_ == "1" and code == "99":
            return "0000000"
        if type_ in ("2", "3") and len(code) <= 2:
            return f"{code.zfill(2)}00000"
        if type_ in ("4", "6") and len(code) <= 7:
            return code.zfill(7)
    raise ImportRefused(
        f"{place}, column AREA",
        f"{code!r} with AREA_TYPE {type_!r}; expected the nation (1: 99), a state or territory "
        "(2, 3: two digits), or a metropolitan (4) or nonmetropolitan area (6)",
    )


def _cell(
    place: str, measure: Measure, row: dict[str, Any], column: str, capped_at: str | None
) -> str:
    cell = row[column]
    if cell in _NOT_RELEASED:
        is_by_the_hour = _code(row["HOURLY"]).upper() == "TRUE"
        return "" if is_by_the_hour and measure in PERCENTILES else WITHHELD
    if cell == _CAPPED and measure in PERCENTILES:
        if capped_at is None:
            reason = (
                "# means a wage above a cap that no sheet states; also give the workbook with the "
                "field descriptions"
            )
            raise ImportRefused(place, reason)
        return f"{CAPPED}{capped_at}"
    if cell is None and measure == "location_quotient":
        return ""
    printed = None if cell is None else _number(cell)
    if printed is None:
        raise ImportRefused(place, f"expected a number or *, found {cell!r}")
    return printed
