"""The salaries of aijobs.net: two rows an advertisement, into percentiles by role and level.

A row has one amount. Nearly every row stands before or behind one that is the same but for the
amount, the higher first: the ends of one advertised range. Read as salaries of their own they
would make the spread of pay up.
"""

import csv
import datetime
import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from gzip import BadGzipFile, GzipFile
from math import sqrt
from pathlib import Path
from statistics import quantiles
from typing import IO, Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct, structs

from service import seeds
from service.importers import ImportRefused
from service.importers.publish import publish
from service.importers.release import Tell, told
from service.match import title_reader
from service.model.distribution import PERCENTILES, PROBABILITIES
from service.model.problem import Refusal
from service.model.vocabulary import NATION
from service.seeds.distributions import COLUMNS

FEWEST = 30
"""Ranges below which a cell is not stated: of 30, three lie beyond P10 and three beyond P90; of
fewer, one employer's advertisements decide them."""
YEARS = 2
"""Years that are counted, up to the newest: the last ones of a market that moves."""

# As aijobs.net explains them: Entry-level / Junior, Mid-level / Intermediate, Senior-level /
# Expert. EX, Executive-level / Director, is no level of ours.
_LEVELS = {"EN": "entry", "MI": "mid", "SE": "senior"}
_AND_ABOVE = "senior"
_GZIP = b"\x1f\x8b"
_HIGHEST_RATIO = 100  # of unpacked to packed bytes; a release has about 8
_LONGEST_LINE = 10_000

_ABOUT = """\
[source]
publisher = "aijobs.net"
originators = ["aijobs.net (advertised and self-reported salaries)"]
title = "Global AI, ML, Data Science Salary Index, {month}"
published = {{ date = {published}, precision = "month" }}
citation = "aijobs.net, Global AI, ML, Data Science Salary Index, {month}, \
https://aijobs.net/salaries/"
license = "CC0 1.0"
url = "https://aijobs.net/salaries/"
sha256 = "{sha256}"

[distributions]
kind = "derived"
component = "base"
as_of = "{newest}"
has_series = false
locator = "computed by Paycite from the rows of work_year {oldest} to {newest} with \
employment_type FT, company_location and employee_residence US and salary_currency USD; \
experience_level EN is entry, MI mid, SE senior and above, EX left out; of two rows one after the \
other that are alike but for the amount, the second no higher, one range, whose midpoint is the \
square root of maximum times minimum; a row alone is its own midpoint; ranges alike in every \
column count once; role as Paycite reads job_title; percentiles interpolated linearly between the \
midpoints in order (the lowest is P0, the highest P100), in whole dollars"
note = "Midpoints of advertised ranges, of which the source has maximum and minimum in two rows, \
and a few self-reported salaries; not pay received. From a job board for AI, ML and data, also \
where the role is another. The nation is where the advertisements are, so expensive metros weigh \
heavily. Employers are unknown: one with many different ranges counts with each."
"""

_Code = Annotated[str, Meta(min_length=1)]
_Amount = Annotated[int, Meta(gt=0, lt=10**12)]  # in any currency
_Cell: TypeAlias = tuple[str, str]  # role and level
_Roles: TypeAlias = Mapping[str, str | None]  # by title


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


class Imported(Struct, frozen=True, kw_only=True):
    """What was imported, in ranges, by role and level; and how many were not, and why.

    `too_few` are the cells that are not stated; `unread` the titles that name no role, or more
    than one.
    """

    name: str
    cells: dict[_Cell, int]
    left_out: dict[str, int]
    too_few: dict[_Cell, int]
    unread: dict[str, int]


def import_release(
    file: Path,
    into: Path,
    seeds_directory: Path,
    release: datetime.date | None,
    tell: Tell = lambda _: None,
) -> Imported:
    """Write the percentiles of a release (.csv, or .csv.gz) into the folder.

    `release` is the first day of the month that it is of; None if the name of the file says it.
    Raises ImportRefused or SeedError, and then changes nothing.
    """
    release = release or _named(file)
    found = Counter(ranges(file, tell))
    newest = max((one.row.work_year for one in found), default=0)
    if not newest <= release.year <= newest + 1:
        raise ImportRefused(file, f"of {release:%B %Y}, and its newest rows are of {newest}")
    ours = [one for one in found if one.row.is_ours and one.row.work_year > newest - YEARS]
    read = _title_reader(seeds_directory)
    roles = {title: read(title) for title in {one.row.job_title for one in ours}}
    midpoints = _midpoints(ours, roles)
    stated = {cell: amounts for cell, amounts in midpoints.items() if len(amounts) >= FEWEST}
    if not stated:
        raise ImportRefused(
            file, f"nothing is left: no role and level has {FEWEST} ranges in the United States"
        )
    name = f"aijobs-{release:%Y-%m}"
    publish(into, name, _table(stated), _about(release, newest, _checksum(file)), seeds_directory)
    return _imported(name, found, ours, roles, midpoints)


def _named(file: Path) -> datetime.date:
    found = re.search(r"(?<!\d)(20\d{2})-(0[1-9]|1[0-2])(?!\d)", file.name)
    if found is None:
        raise ImportRefused(
            file, "its name does not say the month of the release, as in 2025-08: give --release"
        )
    return datetime.date(int(found[1]), int(found[2]), 1)


def _title_reader(seeds_directory: Path) -> Callable[[str], str | None]:
    """What says the role of a title; None where it names none, or more than one."""
    sown = seeds.read(seeds_directory)
    roles = {role.id: role for role in sown.roles}
    titles = title_reader(roles, {level.id: level for level in sown.levels}, sown.words)

    def read(title: str) -> str | None:
        try:
            (role, _), _ = titles.read(title)
        except Refusal:
            return None
        return role.id

    return read


# Reading.


def ranges(file: Path, tell: Tell = lambda _: None) -> Iterator[Range]:
    """The ranges of a release as they stand there; ImportRefused at the first row that is amiss.

    Two rows one after the other that are alike but for the amount are a range, the maximum first.
    In an odd number of rows that are alike, one that the next is above is alone; else the last.
    """
    waiting: Row | None = None
    for row in _rows(file, tell):
        if waiting and row.salary <= waiting.salary and _is_alike(row, waiting):
            yield Range(waiting, row.salary)
            waiting = None
        else:
            if waiting:
                yield Range(waiting, waiting.salary)
            waiting = row
    if waiting:
        yield Range(waiting, waiting.salary)


def _is_alike(row: Row, other: Row) -> bool:
    same = structs.replace(row, salary=other.salary, salary_in_usd=other.salary_in_usd)
    return same == other


def _rows(file: Path, tell: Tell) -> Iterator[Row]:
    with file.open("rb") as packed:
        reader = csv.reader(_lines(file, packed), strict=True)
        try:
            header = next(reader, [])
            _refuse_other_columns(file, header)
            for cells in told(reader, packed, tell):
                yield _row(f"{file}, line {reader.line_num}", header, cells)
        except csv.Error as error:
            raise ImportRefused(f"{file}, line {reader.line_num}", f"not CSV: {error}") from None


def _lines(file: Path, packed: IO[bytes]) -> Iterator[str]:
    """The lines, without reading more than one of them into memory."""
    is_packed = packed.read(len(_GZIP)) == _GZIP
    packed.seek(0)
    opened = GzipFile(fileobj=packed) if is_packed else packed
    most = file.stat().st_size * (_HIGHEST_RATIO if is_packed else 1)
    count = unpacked = 0
    try:
        while line := opened.readline(_LONGEST_LINE):
            count += 1
            unpacked += len(line)
            if not line.endswith(b"\n"):
                reason = "the line has no end; the file is cut off or of another kind, get it again"
                raise ImportRefused(f"{file}, line {count}", reason)
            if unpacked > most:
                reason = (
                    f"it unpacks to more than {_HIGHEST_RATIO} times its size; a release does not"
                )
                raise ImportRefused(file, reason)
            yield line.decode("utf-8-sig")  # spreadsheets write a byte order mark
    except (EOFError, zlib.error, BadGzipFile) as error:
        raise ImportRefused(file, f"damaged or cut off, get it again: {error}") from None
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{file}, line {count}", f"not UTF-8: {error.reason}") from None


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


# Counting.


def _midpoints(ours: Iterable[Range], roles: _Roles) -> dict[_Cell, list[float]]:
    found: defaultdict[_Cell, list[float]] = defaultdict(list)
    for row, minimum in ours:
        role, level = roles[row.job_title], _LEVELS.get(row.experience_level)
        if role and level:
            found[role, level].append(sqrt(row.salary * minimum))
    return found


def _table(stated: Mapping[_Cell, list[float]]) -> list[list[str]]:
    table = []
    for (role, level), midpoints in sorted(stated.items()):
        hundredths = quantiles(midpoints, n=100, method="inclusive")
        cells: dict[str, str] = {
            name: str(round(hundredths[round(100 * PROBABILITIES[name]) - 1]))
            for name in PERCENTILES
        }
        cells |= {
            "role": role,
            "level": level,
            "and_above": "true" if level == _AND_ABOVE else "",
            "geography": NATION,
            "n": str(len(midpoints)),
        }
        table.append([cells.get(column, "") for column in COLUMNS])
    return table


def _about(release: datetime.date, newest: int, sha256: str) -> str:
    return _ABOUT.format(
        month=f"{release:%B %Y}",
        published=release,
        oldest=newest - YEARS + 1,
        newest=newest,
        sha256=sha256,
    )


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _imported(
    name: str,
    found: Counter[Range],
    ours: Sequence[Range],
    roles: _Roles,
    midpoints: Mapping[_Cell, list[float]],
) -> Imported:
    counts = {cell: len(amounts) for cell, amounts in sorted(midpoints.items())}
    titles = [row.job_title for row, _ in ours if row.experience_level in _LEVELS]
    unread = Counter(title for title in titles if roles[title] is None)
    return Imported(
        name=name,
        cells={cell: n for cell, n in counts.items() if n >= FEWEST},
        left_out={
            "not full-time, in the U.S. and in dollars, or of earlier years": (
                found.total() - sum(found[one] for one in ours)
            ),
            "repeated": sum(found[one] - 1 for one in ours),
            "of executives and directors": len(ours) - len(titles),
            "of titles that name no role, or more than one": unread.total(),
        },
        too_few={cell: n for cell, n in counts.items() if n < FEWEST},
        unread=dict(unread.most_common()),
    )
