"""Import the salaries that aijobs.net and its sister board infosec-jobs publish.

A row has one amount. Nearly every row comes right after or before a row that is the same except for
the amount, the higher first: together they are the ends of one advertised range. Read as separate
salaries, they would overstate the spread of pay.
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
from paycite.importers.common import limits
from paycite.importers.common.checksum import checksum
from paycite.importers.common.fields import HOW_READ, FieldParser, RowRefused, annual_pay
from paycite.importers.common.progress import Progress, with_progress
from paycite.importers.common.records import content_id, read_lines, refuse_row
from paycite.model.figure import Published, Source
from paycite.model.observation import Observation, RefusedRow
from paycite.model.vocabulary import NATION, Role

YEARS = 2
"""The number of most recent years used; older pay is out of date."""
# As aijobs.net explains them: Entry-level / Junior, Mid-level / Intermediate, Senior-level /
# Expert. EX, Executive-level / Director, is not a level here.
_LEVELS = {"EN": "entry", "MI": "mid", "SE": "senior"}
_SECURITY = "15-1212"  # information security analysts
_NOTE = (
    "Advertised ranges, which the source lists as two rows (maximum and minimum), plus a few "
    "self-reported salaries; not pay received. {board} Employers are not named: identical ranges "
    "count once. "
)


class Board(Struct, frozen=True, kw_only=True):
    """A job board of the publisher. Both boards have one originator, so they share one weight."""

    series: str
    publisher: str
    title: str
    url: str
    about: str
    occupation: str | None  # if set, only its roles are written as percentiles

    @property
    def note(self) -> str:
        return (
            f"{_NOTE.format(board=self.about)}The source gives only the year, "
            f"recorded as January 1. {HOW_READ}"
        )

    def has_role(self, role: Role) -> bool:
        """Whether percentiles of the role are written."""
        return self.occupation in (None, role.soc_codes[0])


BOARDS = {
    board.series: board
    for board in (
        Board(
            series="aijobs",
            publisher="aijobs.net",
            title="Global AI, ML, Data Science Salary Index",
            url="https://aijobs.net/salaries/",
            about="From a job board for AI, ML and data, including for roles in other fields.",
            occupation=None,
        ),
        Board(
            series="infosec",
            publisher="infosec-jobs.com",
            title="Global InfoSec / Cybersecurity Salary Index",
            url="https://infosec-jobs.com/salaries/",
            about="From a job board for information security, the sister site of aijobs.net.",
            occupation=_SECURITY,
        ),
    )
}

_Code = Annotated[str, Meta(min_length=1)]
_Amount = Annotated[int, Meta(gt=0, lt=10**12)]  # in any currency


class Row(Struct, frozen=True):
    """A row as published, with exactly these columns."""

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
        """Whether it is for a full-time job in the United States, paid in dollars."""
        places = (self.employee_residence, self.company_location)
        is_national = places == ("US", "US") and self.salary_currency == "USD"
        return is_national and self.employment_type == "FT"


class Range(NamedTuple):
    """An advertised range: the row of the maximum, and the minimum."""

    row: Row
    minimum: int


def build_source(board: Board, file: Path, month: datetime.date | None) -> Source:
    """Cite the release of a month (its first day); by default, the month in the file's name."""
    month = month or _month_in_name(file)
    title = f"{board.title}, {month:%B %Y}"
    return Source(
        id=f"{board.series}-{month:%Y-%m}",
        series=board.series,
        publisher=board.publisher,
        originators=("aijobs.net (advertised and self-reported salaries)",),
        title=title,
        published=Published(date=month, precision="month"),
        citation=f"{board.publisher}, {title}, {board.url}",
        license="CC0 1.0",
        url=board.url,
        sha256=checksum([file]),
    )


def _month_in_name(file: Path) -> datetime.date:
    found = re.search(r"(?<!\d)(20\d{2})-(0[1-9]|1[0-2])(?!\d)", file.name)
    if found is None:
        raise ImportRefused(
            file,
            "the name does not say the month of the release, as in 2025-08: give --release 2025-08",
        )
    return datetime.date(int(found[1]), int(found[2]), 1)


def refuse_other_years(file: Path, release: Source, newest: int) -> None:
    """Refuse a file whose newest rows are neither of the release's year nor of the year before."""
    assert release.published.date
    if not newest <= release.published.date.year <= newest + 1:
        raise ImportRefused(
            file, f"its newest rows are of {newest}, so it is not of {release.published.date:%B %Y}"
        )


def read_observations(
    file: Path, release: Source, parser: FieldParser, progress: Progress = lambda _: None
) -> Iterator[Observation | RefusedRow]:
    """Yield the ranges of full-time jobs in the United States in the last years, and the ranges
    that are refused. ImportRefused for a file of another layout."""
    newest = max((row.work_year for _, row in _read_rows(file, lambda _: None)), default=0)
    refuse_other_years(file, release, newest)
    for place, found in read_ranges(file, progress):
        try:
            yield _build_observation(found, newest - YEARS + 1, parser)
        except RowRefused as error:
            yield refuse_row(place, error.reason, error.value)


def _build_observation(found: Range, oldest: int, parser: FieldParser) -> Observation:
    row = found.row
    if not row.is_ours:
        where = f"{row.employment_type}, {row.company_location}, {row.employee_residence}"
        raise RowRefused(
            "not full-time in the U.S., paid in dollars", f"{where}, {row.salary_currency}"
        )
    if row.work_year < oldest:
        raise RowRefused(f"a year before {oldest}", row.work_year)
    level = find_level(row)
    if not level:
        raise RowRefused("an executive or a director", row.experience_level)
    yearly = annual_pay(found.minimum, row.salary, "year")
    return Observation(
        id=content_id(found),
        role=parser.parse_title(row.job_title).role,
        occupation=None,
        level=level,
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


def find_level(row: Row) -> str | None:
    """The level of a row; None for an executive or a director.

    Of analysts 38% are EN (August 2025), of others 5%, and they are paid like MI: 7% less on one
    board, 3% more on the other. So EN says only that an analyst is not senior, and is read as MI.
    """
    if row.experience_level == "EN" and "analyst" in row.job_title.casefold().split():
        return _LEVELS["MI"]
    return _LEVELS.get(row.experience_level)


def read_ranges(file: Path, progress: Progress = lambda _: None) -> Iterator[tuple[str, Range]]:
    """Yield the ranges of a release and their places. ImportRefused at the first faulty row.

    Two consecutive rows that differ only in the amount are a range, the maximum first. Of an odd
    number of such rows, the single one is that before a higher amount, or else the last.
    """
    waiting: tuple[int, Row] | None = None
    for line, row in _read_rows(file, progress):
        if waiting and row.salary <= waiting[1].salary and _differs_only_in_amount(row, waiting[1]):
            yield f"{file}, lines {waiting[0]} and {line}", Range(waiting[1], row.salary)
            waiting = None
        else:
            if waiting:
                yield _single(file, *waiting)
            waiting = line, row
    if waiting:
        yield _single(file, *waiting)


def _single(file: Path, line: int, row: Row) -> tuple[str, Range]:
    return f"{file}, line {line}", Range(row, row.salary)


def _differs_only_in_amount(row: Row, other: Row) -> bool:
    same = structs.replace(row, salary=other.salary, salary_in_usd=other.salary_in_usd)
    return same == other


def _read_rows(file: Path, progress: Progress) -> Iterator[tuple[int, Row]]:
    """Yield each row with its line number."""
    with file.open("rb") as packed:
        reader = csv.reader(_read_whole_lines(file, packed), strict=True)
        try:
            header = next(reader, [])
            _check_columns(file, header)
            for cells in with_progress(reader, packed, progress):
                yield reader.line_num, _parse_row(f"{file}, line {reader.line_num}", header, cells)
        except csv.Error as error:
            raise ImportRefused(f"{file}, line {reader.line_num}", f"not CSV: {error}") from None


def _read_whole_lines(file: Path, packed: IO[bytes]) -> Iterator[str]:
    for count, line in enumerate(read_lines(file, packed, limits.RELEASE_LINE), start=1):
        if not line.endswith("\n"):
            reason = "the line has no end, so the file is cut off; download it again"
            raise ImportRefused(f"{file}, line {count}", reason)
        yield line


def _check_columns(file: Path, header: list[str]) -> None:
    for column in [*Row.__struct_fields__, *header]:
        if header.count(column) != 1 or column not in Row.__struct_fields__:
            raise ImportRefused(
                f"{file}, line 1",
                f"unknown, missing or repeated column {column!r}; the columns of a release are "
                f"{', '.join(Row.__struct_fields__)}",
            )


def _parse_row(place: str, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise ImportRefused(place, f"{len(cells)} cells under the {len(header)} columns")
    values = dict(zip(header, cells, strict=True))
    try:
        return msgspec.convert(values, Row, strict=False)
    except msgspec.ValidationError as error:
        wrong, _, column = str(error).removesuffix("`").partition(" - at `$.")
        raise ImportRefused(f"{place}, column {column}", f"{values[column]!r}: {wrong}") from None
