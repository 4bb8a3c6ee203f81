"""The salaries of aijobs.net: two rows an advertisement, into the ranges that they state.

A row has one amount. Nearly every row stands before or behind one that is the same but for the
amount, the higher first: the ends of one advertised range. Read as salaries of their own they
would make the spread of pay up.
"""

import csv
import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct, structs

from paycite.importers import ImportRefused
from paycite.importers.common.checksum import checksum
from paycite.importers.common.fields import HOW_READ, FieldParser, RowRefused, annual_pay
from paycite.importers.common.progress import Progress, with_progress
from paycite.importers.common.records import content_id, read_lines, refuse_row
from paycite.model.figure import Published, Source
from paycite.model.observation import Observation, RefusedRow
from paycite.model.vocabulary import NATION

YEARS = 2
"""Years that are counted, up to the newest: the last ones of a market that moves."""
# As aijobs.net explains them: Entry-level / Junior, Mid-level / Intermediate, Senior-level /
# Expert. EX, Executive-level / Director, is no level of ours.
LEVELS = {"EN": "entry", "MI": "mid", "SE": "senior"}
NOTE = (
    "Advertised ranges, of which the source has maximum and minimum in two rows, and a few "
    "self-reported salaries; not pay received. From a job board for AI, ML and data, also where "
    "the role is another. Employers are unknown: ranges that are alike in every column count once. "
    "Of days the source states the year alone: they stand as the first of January. " + HOW_READ
)
_URL = "https://aijobs.net/salaries/"
_LONGEST_LINE = 10_000

_Code = Annotated[str, Meta(min_length=1)]
_Amount = Annotated[int, Meta(gt=0, lt=10**12)]  # in any currency


class Row(Struct, frozen=True):
    """A row as published; its columns are these, and only these."""

    work_year: Annotated[int, Meta(ge=2000, le=2999)]
    experience_level: Literal["EN", "MI", "SE", "EX"]
    employment_type: Literal["FT", "PT", "CT", "FL"]
    job_title: _Code
    salary: _Amount
    salary_currency: _Code
    salary_in_usd: _Amount
    employee_residence: _Code
    remote_ratio: _Code
    company_location: _Code
    company_size: _Code

    @property
    def is_ours(self) -> bool:
        """Whether it is of a full-time job in the United States, in dollars."""
        places = (self.employee_residence, self.company_location)
        is_national = places == ("US", "US") and self.salary_currency == "USD"
        return is_national and self.employment_type == "FT"


class Range(NamedTuple):
    """What was advertised: the row of the maximum, and the minimum."""

    row: Row
    minimum: int


def source(file: Path, month: datetime.date | None) -> Source:
    """The release that a file is, of the first day of a month; None if its name says that."""
    month = month or _named(file)
    title = f"Global AI, ML, Data Science Salary Index, {month:%B %Y}"
    return Source(
        id=f"aijobs-{month:%Y-%m}",
        publisher="aijobs.net",
        originators=("aijobs.net (advertised and self-reported salaries)",),
        title=title,
        published=Published(date=month, precision="month"),
        citation=f"aijobs.net, {title}, {_URL}",
        license="CC0 1.0",
        url=_URL,
        sha256=checksum([file]),
    )


def _named(file: Path) -> datetime.date:
    found = re.search(r"(?<!\d)(20\d{2})-(0[1-9]|1[0-2])(?!\d)", file.name)
    if found is None:
        raise ImportRefused(
            file, "its name does not say the month of the release, as in 2025-08: give --release"
        )
    return datetime.date(int(found[1]), int(found[2]), 1)


def refuse_other_years(file: Path, release: Source, newest: int) -> None:
    """Rows of a release are of its year, or at the beginning of one of the year before."""
    assert release.published.date
    if not newest <= release.published.date.year <= newest + 1:
        raise ImportRefused(
            file, f"of {release.published.date:%B %Y}, and its newest rows are of {newest}"
        )


def observations(
    file: Path, release: Source, parser: FieldParser, progress: Progress = lambda _: None
) -> Iterator[Observation | RefusedRow]:
    """The ranges of full-time jobs in the United States of the last years, and those that are none;
    ImportRefused for a file of another shape."""
    newest = max((row.work_year for _, row in _rows(file, lambda _: None)), default=0)
    refuse_other_years(file, release, newest)
    for place, found in ranges(file, progress):
        try:
            yield _observation(found, newest - YEARS + 1, parser)
        except RowRefused as error:
            yield refuse_row(place, error.reason, error.value)


def _observation(found: Range, oldest: int, parser: FieldParser) -> Observation:
    row = found.row
    if not row.is_ours:
        where = f"{row.employment_type}, {row.company_location}, {row.employee_residence}"
        raise RowRefused(
            "not full-time, in the U.S. and in dollars", f"{where}, {row.salary_currency}"
        )
    if row.work_year < oldest:
        raise RowRefused(f"of a year before {oldest}", row.work_year)
    if row.experience_level not in LEVELS:
        raise RowRefused("of executives and directors", row.experience_level)
    yearly = annual_pay(found.minimum, row.salary, "year")
    return Observation(
        id=content_id(found),
        role=parser.parse_title(row.job_title).role,
        occupation=None,
        level=LEVELS[row.experience_level],
        geography=NATION,
        title=row.job_title,
        place=None,
        employer=None,
        low=yearly.low,
        high=yearly.high,
        component="base",
        kind="advertised",
        date=datetime.date(row.work_year, 1, 1),
    )


# Reading.


def ranges(file: Path, progress: Progress = lambda _: None) -> Iterator[tuple[str, Range]]:
    """The ranges of a release and their places; ImportRefused at the first row that is amiss.

    Two rows one after the other that are alike but for the amount are a range, the maximum first.
    In an odd number of rows that are alike, one that the next is above is alone; else the last.
    """
    waiting: tuple[int, Row] | None = None
    for line, row in _rows(file, progress):
        if waiting and row.salary <= waiting[1].salary and _is_alike(row, waiting[1]):
            yield f"{file}, lines {waiting[0]} and {line}", Range(waiting[1], row.salary)
            waiting = None
        else:
            if waiting:
                yield _alone(file, *waiting)
            waiting = line, row
    if waiting:
        yield _alone(file, *waiting)


def _alone(file: Path, line: int, row: Row) -> tuple[str, Range]:
    return f"{file}, line {line}", Range(row, row.salary)


def _is_alike(row: Row, other: Row) -> bool:
    same = structs.replace(row, salary=other.salary, salary_in_usd=other.salary_in_usd)
    return same == other


def _rows(file: Path, progress: Progress) -> Iterator[tuple[int, Row]]:
    """The rows, each with its line."""
    with file.open("rb") as packed:
        reader = csv.reader(_whole_lines(file, packed), strict=True)
        try:
            header = next(reader, [])
            _refuse_other_columns(file, header)
            for cells in with_progress(reader, packed, progress):
                yield reader.line_num, _row(f"{file}, line {reader.line_num}", header, cells)
        except csv.Error as error:
            raise ImportRefused(f"{file}, line {reader.line_num}", f"not CSV: {error}") from None


def _whole_lines(file: Path, packed: IO[bytes]) -> Iterator[str]:
    for count, line in enumerate(read_lines(file, packed, _LONGEST_LINE), start=1):
        if not line.endswith("\n"):
            reason = "the line has no end; the file is cut off, get it again"
            raise ImportRefused(f"{file}, line {count}", reason)
        yield line


def _refuse_other_columns(file: Path, header: list[str]) -> None:
    for column in [*Row.__struct_fields__, *header]:
        if header.count(column) != 1 or column not in Row.__struct_fields__:
            raise ImportRefused(
                f"{file}, line 1",
                f"unknown, missing or repeated column {column!r}; the columns of a release are "
                f"{', '.join(Row.__struct_fields__)}",
            )


def _row(place: str, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise ImportRefused(place, f"{len(cells)} cells under the {len(header)} columns")
    values = dict(zip(header, cells, strict=True))
    try:
        return msgspec.convert(values, Row, strict=False)
    except msgspec.ValidationError as error:
        wrong, _, column = str(error).removesuffix("`").partition(" - at `$.")
        raise ImportRefused(f"{place}, column {column}", f"{values[column]!r}: {wrong}") from None
