"""Percentiles by role and level of the ranges of aijobs.net, as Paycite ships them."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from pathlib import Path
from statistics import quantiles
from typing import TypeAlias

from msgspec import Struct

from paycite import seeds
from paycite.importers import ImportRefused, aijobs
from paycite.importers.aijobs import LEVELS, YEARS, Range
from paycite.importers.common.publish import publish
from paycite.importers.common.release import Tell
from paycite.match import build_title_parser
from paycite.model.distribution import PERCENTILES, PROBABILITIES
from paycite.model.figure import Source
from paycite.model.problem import Refusal
from paycite.model.vocabulary import NATION
from paycite.seeds.distributions import COLUMNS

FEWEST = 30
"""Ranges below which a cell is not stated: of 30, three lie beyond P10 and three beyond P90; of
fewer, one employer's advertisements decide them."""

_AND_ABOVE = "senior"
_ABOUT = """\
[source]
publisher = "{source.publisher}"
originators = ["{source.originators[0]}"]
title = "{source.title}"
published = {{ date = {source.published.date}, precision = "{source.published.precision}" }}
citation = "{source.citation}"
license = "{source.license}"
url = "{source.url}"
sha256 = "{source.sha256}"

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

_Cell: TypeAlias = tuple[str, str]  # role and level
_Roles: TypeAlias = Mapping[str, str | None]  # by title


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
    source = aijobs.source(file, release)
    found = Counter(one for _, one in aijobs.ranges(file, tell))
    newest = max((one.row.work_year for one in found), default=0)
    aijobs.refuse_other_years(file, source, newest)
    ours = [one for one in found if one.row.is_ours and one.row.work_year > newest - YEARS]
    read = _title_reader(seeds_directory)
    roles = {title: read(title) for title in {one.row.job_title for one in ours}}
    midpoints = _midpoints(ours, roles)
    stated = {cell: amounts for cell, amounts in midpoints.items() if len(amounts) >= FEWEST}
    if not stated:
        raise ImportRefused(
            file, f"nothing is left: no role and level has {FEWEST} ranges in the United States"
        )
    publish(into, source.id, _table(stated), _about(source, newest), seeds_directory)
    return _imported(source.id, found, ours, roles, midpoints)


def _title_reader(seeds_directory: Path) -> Callable[[str], str | None]:
    """What says the role of a title; None where it names none, or more than one."""
    sown = seeds.read(seeds_directory)
    roles = {role.id: role for role in sown.roles}
    titles = build_title_parser(roles, {level.id: level for level in sown.levels}, sown.words)

    def read(title: str) -> str | None:
        try:
            (role, _), _ = titles.parse(title)
        except Refusal:
            return None
        return role.id

    return read


def _midpoints(ours: Iterable[Range], roles: _Roles) -> dict[_Cell, list[float]]:
    found: defaultdict[_Cell, list[float]] = defaultdict(list)
    for row, minimum in ours:
        role, level = roles[row.job_title], LEVELS.get(row.experience_level)
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


def _about(source: Source, newest: int) -> str:
    return _ABOUT.format(source=source, oldest=newest - YEARS + 1, newest=newest)


def _imported(
    name: str,
    found: Counter[Range],
    ours: Sequence[Range],
    roles: _Roles,
    midpoints: Mapping[_Cell, list[float]],
) -> Imported:
    counts = {cell: len(amounts) for cell, amounts in sorted(midpoints.items())}
    titles = [row.job_title for row, _ in ours if row.experience_level in LEVELS]
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
