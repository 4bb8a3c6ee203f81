"""Import filings of H-1B pay: labor condition applications, which the U.S. Department of Labor
discloses quarter by quarter."""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from paycite.importers import ImportRefused
from paycite.importers.common import fields
from paycite.importers.common.checksum import checksum
from paycite.importers.common.fields import HOW_READ, FieldParser, Pay, RowRefused
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import Record, cell_text, content_id, refuse_row
from paycite.importers.lca.files import COLUMNS, DEPENDENT, has_all_columns, read_rows
from paycite.model.figure import Published, Source
from paycite.model.observation import Observation, RefusedRow
from paycite.model.pay import PERIODS_A_YEAR

SERIES = "lca"
NOTE = (
    "Wages that employers offer in certified H-1B filings for full-time positions, each case as of "
    "its latest decision; not pay received, and not a survey of the market. By law they are no "
    "lower than the prevailing wage of the occupation in the area. If Paycite knows no role with "
    f"that job title, the occupation (SOC) is used. {HOW_READ}"
)
# A wage outside these bounds was filed for another period: the law allows none below the prevailing
# wage, and monthly pay filed as yearly (or the reverse) is off by a factor of twelve.
_MIN_OF_PREVAILING, _MAX_OF_PREVAILING = 0.8, 10
_URL = "https://www.dol.gov/agencies/eta/foreign-labor/performance"
_OFFICE = "U.S. Department of Labor, Office of Foreign Labor Certification"
_QUARTER = re.compile(r"FY[ _-]?(20\d\d)[ _-]?Q([1-4])(?!\d)", re.IGNORECASE)
_ISO_DATE = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d\d?)[-/](?P<d>\d\d?)(?:[T ].*)?", re.ASCII)
_US_DATE = re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})(?: .*)?", re.ASCII)
_ZIP = re.compile(r"(\d{3,5})(?:-?\d{4})?", re.ASCII)  # spreadsheets drop leading zeros
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)


def build_source(
    files: Sequence[Path], release: str | None, published: datetime.date | None
) -> Source:
    """Cite the release that the files are: `release` (`FY2025Q1`), or the quarters in their names.

    Several quarters are one source, whose id has the first and the last of them.
    """
    quarters: set[tuple[int, int]] = set()
    for name in [release] if release else [file.name for file in files]:
        found = _QUARTER.findall(name)
        if not found:
            reason = "the name does not say the quarter, as in FY2024_Q4: give --release FY2024Q4"
            raise ImportRefused(name, reason)
        quarters.update((int(year), int(quarter)) for year, quarter in found)
    year, quarter = max(quarters)
    # A fiscal year begins on October 1 of the year before.
    if published and published < datetime.date(year, 3 * quarter - 2, 1):
        raise ImportRefused(published, f"FY{year} Q{quarter} was released later than that")
    ends = dict.fromkeys(f"fy{year}q{quarter}" for year, quarter in (min(quarters), max(quarters)))
    title = "LCA Programs Disclosure Data, " + ", ".join(
        f"FY{year} Q{quarter}" for year, quarter in sorted(quarters)
    )
    released = f" (released {published})" if published else ""
    return Source(
        id="-".join(["dol-lca", *ends]),
        series=SERIES,
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
    """The filings in files. `blank` counts the blank rows once they have been read.

    `crosswalk` has the 2018 occupation of each 2010 one (see `seeds.occupations`). Filings of
    H-1B-dependent employers, most of which are outsourcing firms, are refused unless
    `with_dependent`: their wages lie further below the official survey.
    """

    def __init__(
        self,
        files: Sequence[Path],
        crosswalk: Mapping[str, str | None],
        with_dependent: bool = False,
    ) -> None:
        self._files = files
        self._crosswalk = crosswalk
        self._with_dependent = with_dependent
        self.blank = 0

    def read_observations(
        self, parser: FieldParser, progress: Progress = lambda _: None
    ) -> Iterator[Observation | RefusedRow]:
        """Yield certified full-time H-1B filings, and the rows that are refused.

        Files repeat cases, in any order, and a case counts as it was last decided. So observations
        wait on disk until all rows are read, and are refused where a later row of the case is not
        an observation, such as a withdrawal. Of several observations of a case, the dataset keeps
        the latest.
        """
        refused_cases: dict[str, datetime.date] = {}  # with the day of the decision
        with TemporaryFile() as waiting:
            for row in self._read_rows(progress):
                if isinstance(row, RefusedRow):
                    yield row
                    continue
                try:
                    filing = self._parse_row(row, parser, refused_cases)
                except RowRefused as error:
                    yield refuse_row(row.place, error.reason, error.value)
                else:
                    waiting.write(msgspec.json.encode((row.place, filing)) + b"\n")
            waiting.seek(0)
            for line in waiting:
                place, filing = msgspec.json.decode(line, type=tuple[str, Observation])
                decided = refused_cases.get(filing.id)
                if decided and filing.date and filing.date <= decided:
                    yield refuse_row(place, "a later decision replaced this one", filing.id)
                else:
                    yield filing

    def _read_rows(self, progress: Progress) -> Iterator[Record | RefusedRow]:
        for file in self._files:
            for row in read_rows(file, progress):
                if isinstance(row, Record) and not any(map(_has_content, row.values.values())):
                    self.blank += 1
                else:
                    yield row

    def _parse_row(
        self, row: Record, parser: FieldParser, refused_cases: dict[str, datetime.date]
    ) -> Observation:
        """Parse an observation. Where the row is not one, note its case and the day."""
        cells = {name: _parse_cell(row.values.get(name)) for name in COLUMNS}
        cells[DEPENDENT] = _parse_cell(
            row.values.get(DEPENDENT) or row.values.get("H-1B_DEPENDENT")
        )
        decided = _parse_date(cells["DECISION_DATE"])
        if not has_all_columns(row):
            cells["CASE_NUMBER"] = content_id(cells)  # so equal rows are one case
            cells["VISA_CLASS"] = "H-1B" if cells[DEPENDENT] else ""  # others leave it empty
        case = cells["CASE_NUMBER"]
        if not case:
            raise RowRefused("the row has no case number", "")
        try:
            return self._parse_filing(case, decided, cells, parser)
        except RowRefused:
            if has_all_columns(row):
                refused_cases[case] = max(decided, refused_cases.get(case, decided))
            raise

    def _parse_filing(
        self, case: str, decided: datetime.date, cells: Mapping[str, str], parser: FieldParser
    ) -> Observation:
        self._refuse_other_cases(cells)
        pay = _parse_pay(cells)
        _refuse_other_than_prevailing(pay, cells)
        code = self._current_code(cells["SOC_CODE"])
        job = parser.parse_job(cells["JOB_TITLE"], code)
        city, state, zip_code = (
            cells[f"WORKSITE_{part}"] for part in ("CITY", "STATE", "POSTAL_CODE")
        )
        return Observation(
            id=case,
            role=job.role,
            occupation=job.occupation or (parser.find_occupation(code) if code else None),
            level=job.level,
            geography=_parse_worksite(city, state, zip_code, parser),
            title=cells["JOB_TITLE"] or None,
            place=f"{city}, {state} {zip_code}",
            employer=cells["EMPLOYER_NAME"] or None,
            low=pay.low,
            high=pay.high,
            component="base",
            kind="filed",
            date=decided,
        )

    def _refuse_other_cases(self, cells: Mapping[str, str]) -> None:
        for column, expected, reason in (
            ("VISA_CLASS", "H-1B", "the visa is not H-1B"),
            ("CASE_STATUS", "Certified", "the case is not certified"),
            ("FULL_TIME_POSITION", "Y", "the position is not full-time"),
        ):
            if cells[column].casefold() != expected.casefold():
                raise RowRefused(reason, cells[column])
        if cells[DEPENDENT].casefold() in ("yes", "y") and not self._with_dependent:
            raise RowRefused("the employer is H-1B-dependent", cells["EMPLOYER_NAME"])

    def _current_code(self, code: str) -> str | None:
        """The code in SOC 2018; None if the occupation was split since 2010."""
        return self._crosswalk.get(code[:7], code)


def _has_content(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _parse_cell(value: object) -> str:
    """The text of a cell. One release wraps it, as in `="15-1252.00"`."""
    cell = cell_text(value)
    wrapped = _FORMULA.fullmatch(cell)
    return wrapped[1].strip() if wrapped else cell


def _parse_date(cell: str) -> datetime.date:
    found = _ISO_DATE.fullmatch(cell) or _US_DATE.fullmatch(cell)
    if found is None:
        raise RowRefused("the decision date is not a date", cell)
    return fields.parse_date(f"{found['y']}-{found['m']:0>2}-{found['d']:0>2}")


def _parse_pay(cells: Mapping[str, str]) -> Pay:
    """The range, or a single amount where the upper end is missing or 0."""
    low = fields.parse_number("wage", cells["WAGE_RATE_OF_PAY_FROM"])
    high = fields.parse_number("wage", cells["WAGE_RATE_OF_PAY_TO"] or "0")
    return fields.annual_pay(low, high or low, fields.parse_period(cells["WAGE_UNIT_OF_PAY"]))


def _refuse_other_than_prevailing(pay: Pay, cells: Mapping[str, str]) -> None:
    amount = fields.parse_number("prevailing wage", cells["PREVAILING_WAGE"] or "0")
    if not amount:
        return
    prevailing = amount * PERIODS_A_YEAR[fields.parse_period(cells["PW_UNIT_OF_PAY"])]
    if not _MIN_OF_PREVAILING <= pay.low / prevailing <= _MAX_OF_PREVAILING:
        raise RowRefused(
            f"the wage is not {_MIN_OF_PREVAILING} to {_MAX_OF_PREVAILING} times the prevailing "
            "wage, so one of them is for another period",
            f"{pay.low:,.0f} and {prevailing:,.0f} a year",
        )


def _parse_worksite(city: str, state: str, code: str, parser: FieldParser) -> str:
    """The metro of the ZIP code if it lies in the state, or of the city if the code is unknown."""
    found = _ZIP.fullmatch(code)
    zip_code = found[1].zfill(5) if found else ""
    try:
        parser.parse_place(zip_code)
    except RowRefused:
        return parser.parse_place(f"{city}, {state}")
    try:
        return parser.parse_place(f"{state} {zip_code}")
    except RowRefused:
        raise RowRefused("the ZIP code is in another state", f"{state} {code}") from None
