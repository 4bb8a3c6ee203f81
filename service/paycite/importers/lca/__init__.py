"""Filings of H-1B pay: labour condition applications, as the U.S. Department of Labor discloses
them quarter by quarter."""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import msgspec

from paycite.importers import ImportRefused
from paycite.importers.common import fields as reading
from paycite.importers.common.checksum import checksum
from paycite.importers.common.fields import HOW_READ, FieldParser, Pay, RowRefused
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import Record, cell_text, refuse_row
from paycite.importers.lca.files import COLUMNS, read_records
from paycite.model.figure import Published, Source
from paycite.model.observation import PERIODS_A_YEAR, Observation, RefusedRow

NOTE = (
    "Wages that employers offer in certified H-1B filings for full-time positions, each case as it "
    "was last decided: not pay received, and not a survey of the market. By law they are no lower "
    "than the prevailing wage of the occupation in the area. Where the title names no role that "
    f"Paycite knows, the occupation (SOC) decides. {HOW_READ}"
)
# A wage beyond is one of another period: the law allows none below the prevailing wage, and a
# month's filed as a year's, or the reverse, is twelve times off.
_LEAST_OF_PREVAILING, _MOST_OF_PREVAILING = 0.8, 10
_URL = "https://www.dol.gov/agencies/eta/foreign-labor/performance"
_OFFICE = "U.S. Department of Labor, Office of Foreign Labor Certification"
_QUARTER = re.compile(r"FY[ _-]?(20\d\d)[ _-]?Q([1-4])(?!\d)", re.IGNORECASE)
_DAY = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d\d?)[-/](?P<d>\d\d?)(?:[T ].*)?", re.ASCII)
_U_S_DAY = re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})(?: .*)?", re.ASCII)
_ZIP = re.compile(r"(\d{3,5})(?:-?\d{4})?", re.ASCII)  # spreadsheets drop zeros before it
_AS_FORMULA = re.compile(r'="(.*)"', re.DOTALL)


def source(files: Sequence[Path], named: str | None, published: datetime.date | None) -> Source:
    """The release that the files are: `named` (`FY2025Q1`), or as their names say; several
    quarters are one source, named after the first and the last."""
    quarters: set[tuple[int, int]] = set()
    for name in [named] if named else [file.name for file in files]:
        found = _QUARTER.findall(name)
        if not found:
            reason = "does not say the quarter, as in FY2024_Q4: give --release FY2024Q4"
            raise ImportRefused(name, reason)
        quarters.update((int(year), int(quarter)) for year, quarter in found)
    year, quarter = max(quarters)
    # A fiscal year begins on the 1st of October before.
    if published and published < datetime.date(year, 3 * quarter - 2, 1):
        raise ImportRefused(published, f"a release of FY{year} Q{quarter} is published later")
    ends = dict.fromkeys(f"fy{year}q{quarter}" for year, quarter in (min(quarters), max(quarters)))
    title = "LCA Programs Disclosure Data, " + ", ".join(
        f"FY{year} Q{quarter}" for year, quarter in sorted(quarters)
    )
    released = f" (released {published})" if published else ""
    return Source(
        id="-".join(["dol-lca", *ends]),
        publisher=_OFFICE,
        originators=("Employers, in labor condition applications (Form ETA-9035)",),
        title=title,
        published=Published(date=published, precision="day" if published else "none"),
        citation=f"{_OFFICE}, {title}, {_URL}{released}",
        license="public domain (work of the U.S. government)",
        url=_URL,
        sha256=checksum(files),
    )


class Filings:
    """The filings of files, and how many rows of them were blank."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self.blank = 0

    def read(
        self, parser: FieldParser, progress: Progress = lambda _: None
    ) -> Iterator[Observation | RefusedRow]:
        """Certified full-time H-1B filings, and the rows that are none.

        Files repeat cases, in any order, and a case counts as it was last decided. So what is an
        observation waits on disk until all rows are read, and is refused where a later row of the
        case is none, such as one that says that it was withdrawn. Of several observations of a
        case, the dataset keeps the latest.
        """
        otherwise: dict[str, datetime.date] = {}  # when cases were last decided to be none
        with TemporaryFile() as waiting:
            for record in self._records(progress):
                if isinstance(record, RefusedRow):
                    yield record
                    continue
                try:
                    filing = _observation(record.values, parser, otherwise)
                except RowRefused as error:
                    yield refuse_row(record.place, error.reason, error.value)
                else:
                    waiting.write(msgspec.json.encode((record.place, filing)) + b"\n")
            waiting.seek(0)
            for line in waiting:
                place, filing = msgspec.json.decode(line, type=tuple[str, Observation])
                decided = otherwise.get(filing.id)
                if decided and filing.date and filing.date <= decided:
                    yield refuse_row(place, "the case was decided otherwise later", filing.id)
                else:
                    yield filing

    def _records(self, progress: Progress) -> Iterator[Record | RefusedRow]:
        for file in self._files:
            for record in read_records(file, progress):
                if isinstance(record, Record) and not any(map(_is_stated, record.values.values())):
                    self.blank += 1
                else:
                    yield record


def _is_stated(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _observation(
    values: Mapping[str, Any], parser: FieldParser, otherwise: dict[str, datetime.date]
) -> Observation:
    """The observation that a row is; where it is none, its case is noted with the day."""
    case, decided = _cell(values, "CASE_NUMBER"), _date(_cell(values, "DECISION_DATE"))
    if not case:
        raise RowRefused("the row has no case number", "")
    try:
        return _filing(case, decided, {name: _cell(values, name) for name in COLUMNS}, parser)
    except RowRefused:
        otherwise[case] = max(decided, otherwise.get(case, decided))
        raise


def _cell(values: Mapping[str, Any], column: str) -> str:
    """The text of a cell; one release wraps it, as in `="15-1252.00"`."""
    cell = cell_text(values.get(column))
    wrapped = _AS_FORMULA.fullmatch(cell)
    return wrapped[1].strip() if wrapped else cell


def _date(cell: str) -> datetime.date:
    found = _DAY.fullmatch(cell) or _U_S_DAY.fullmatch(cell)
    if found is None:
        raise RowRefused("the day of the decision cannot be read", cell)
    return reading.parse_date(f"{found['y']}-{found['m']:0>2}-{found['d']:0>2}")


def _filing(
    case: str, decided: datetime.date, cells: Mapping[str, str], parser: FieldParser
) -> Observation:
    _refuse_other_cases(cells)
    job = parser.parse_job(cells["JOB_TITLE"], cells["SOC_CODE"])
    pay = _pay(cells)
    _refuse_other_than_prevailing(pay, cells)
    city, state, code = (cells[f"WORKSITE_{part}"] for part in ("CITY", "STATE", "POSTAL_CODE"))
    return Observation(
        id=case,
        role=job.role,
        occupation=None if job.role else job.occupation,
        level=job.level,
        geography=_geography(city, state, code, parser),
        title=cells["JOB_TITLE"] or None,
        place=f"{city}, {state} {code}",
        employer=cells["EMPLOYER_NAME"] or None,
        low=pay.low,
        high=pay.high,
        component="base",
        kind="filed",
        date=decided,
    )


def _refuse_other_cases(cells: Mapping[str, str]) -> None:
    for column, ours, reason in (
        ("VISA_CLASS", "H-1B", "the visa is not H-1B"),
        ("CASE_STATUS", "Certified", "the case is not certified"),
        ("FULL_TIME_POSITION", "Y", "the position is not full-time"),
    ):
        if cells[column] != ours:
            raise RowRefused(reason, cells[column])


def _pay(cells: Mapping[str, str]) -> Pay:
    """The range; where there is no upper end, or it is 0, a single amount."""
    low = reading.parse_number("wage", cells["WAGE_RATE_OF_PAY_FROM"])
    high = reading.parse_number("wage", cells["WAGE_RATE_OF_PAY_TO"] or "0")
    return reading.annual_pay(low, high or low, reading.parse_period(cells["WAGE_UNIT_OF_PAY"]))


def _refuse_other_than_prevailing(pay: Pay, cells: Mapping[str, str]) -> None:
    amount = reading.parse_number("prevailing wage", cells["PREVAILING_WAGE"] or "0")
    if not amount:
        return
    prevailing = amount * PERIODS_A_YEAR[reading.parse_period(cells["PW_UNIT_OF_PAY"])]
    if not _LEAST_OF_PREVAILING <= pay.low / prevailing <= _MOST_OF_PREVAILING:
        raise RowRefused(
            f"the wage is not {_LEAST_OF_PREVAILING} to {_MOST_OF_PREVAILING} times the prevailing "
            "wage: one of them is of another period",
            f"{pay.low:,.0f} and {prevailing:,.0f} a year",
        )


def _geography(city: str, state: str, code: str, parser: FieldParser) -> str:
    """The metro of the ZIP code, if it is of the state; that of the city where no such code is
    known."""
    found = _ZIP.fullmatch(code)
    zip_code = found[1].zfill(5) if found else ""
    try:
        parser.parse_place(zip_code)
    except RowRefused:
        return parser.parse_place(f"{city}, {state}")
    try:
        return parser.parse_place(f"{state} {zip_code}")
    except RowRefused:
        raise RowRefused("the ZIP code is not of the state", f"{state} {code}") from None
