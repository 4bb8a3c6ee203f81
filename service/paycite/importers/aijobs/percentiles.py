"""Write percentiles by role and level of advertised ranges, as Paycite ships them."""

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
from paycite.importers.aijobs import YEARS, Board, Range, find_level
from paycite.importers.common.progress import Progress
from paycite.importers.common.publish import publish_distributions
from paycite.match import build_title_parser
from paycite.model.distribution import PERCENTILES, PROBABILITIES
from paycite.model.problem import Refusal
from paycite.model.vocabulary import NATION
from paycite.seeds.distributions import COLUMNS

FEWEST = 30
"""The fewest ranges of a role and level: of 30, three lie beyond P10 and three beyond P90. With
fewer, one employer's advertisements decide them."""

_AND_ABOVE = "senior"
_LOCATOR = (
    "computed by Paycite from rows with work_year {oldest} to {newest}, employment_type FT, "
    "company_location and employee_residence US, and salary_currency USD; experience_level EN is "
    "entry (of an analyst: mid, because it pays the same), MI is mid, SE is senior and above, EX "
    "is excluded; two consecutive rows that differ only in the amount, the second no higher, are "
    "one range, with the square root of maximum times minimum as its midpoint; a single row is its "
    "own midpoint; identical ranges count once; role as Paycite parses job_title; percentiles by "
    "linear interpolation between the sorted midpoints (the lowest is P0, the highest P100), in "
    "whole dollars"
)
_NOTE = (
    "Midpoints of advertised ranges, which the source lists as two rows (maximum and minimum), "
    "plus a few self-reported salaries; not pay received. {about} National figures reflect where "
    "the jobs are, so expensive metros weigh heavily. Employers are not named: one with many "
    "different ranges counts once for each."
)

_Cell: TypeAlias = tuple[str, str]  # role and level
_Roles: TypeAlias = Mapping[str, str | None]  # by title


class PercentilesImport(Struct, frozen=True, kw_only=True):
    """How many ranges each role and level has, and how many were left out, and why.

    `too_few` has the roles and levels with fewer than `FEWEST` ranges, and `unread` the titles
    that name no role, or several.
    """

    name: str
    cells: dict[_Cell, int]
    left_out: dict[str, int]
    too_few: dict[_Cell, int]
    unread: dict[str, int]


def import_release(
    board: Board,
    file: Path,
    into: Path,
    seeds_directory: Path,
    release: datetime.date | None,
    progress: Progress = lambda _: None,
) -> PercentilesImport:
    """Write the percentiles of a release (.csv, or .csv.gz) into the directory.

    `release` is the first day of its month; None if the name of the file says it. Raises
    ImportRefused or SeedError, and then changes nothing.
    """
    source = aijobs.build_source(board, file, release)
    found = Counter(one for _, one in aijobs.read_ranges(file, progress))
    newest = max((one.row.work_year for one in found), default=0)
    aijobs.refuse_other_years(file, source, newest)
    ours = [one for one in found if one.row.is_ours and one.row.work_year > newest - YEARS]
    parse = _title_parser(board, seeds_directory)
    roles = {title: parse(title) for title in {one.row.job_title for one in ours}}
    midpoints = _collect_midpoints(ours, roles)
    stated = {cell: amounts for cell, amounts in midpoints.items() if len(amounts) >= FEWEST}
    if not stated:
        raise ImportRefused(
            file,
            f"no role and level has {FEWEST} ranges in the United States, so none can be imported",
        )
    about = _describe(board, newest, source.published.date)
    publish_distributions([file], into, source, about, _build_table(stated), seeds_directory)
    return _summarize(source.id, found, ours, roles, midpoints)


def _title_parser(board: Board, seeds_directory: Path) -> Callable[[str], str | None]:
    """Return the function that finds the role of a title: None for no role, or for several."""
    loaded = seeds.read(seeds_directory)
    roles = {role.id: role for role in loaded.roles}
    titles = build_title_parser(roles, {level.id: level for level in loaded.levels}, loaded.words)

    def parse(title: str) -> str | None:
        try:
            (role, _), _ = titles.parse(title)
        except Refusal:
            return None
        return role.id if board.has_role(role) else None

    return parse


def _collect_midpoints(ours: Iterable[Range], roles: _Roles) -> dict[_Cell, list[float]]:
    found: defaultdict[_Cell, list[float]] = defaultdict(list)
    for row, minimum in ours:
        role, level = roles[row.job_title], find_level(row)
        if role and level:
            found[role, level].append(sqrt(row.salary * minimum))
    return found


def _build_table(stated: Mapping[_Cell, list[float]]) -> list[list[str]]:
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


def _describe(board: Board, newest: int, release: datetime.date | None) -> dict[str, object]:
    oldest = newest - YEARS + 1
    return {
        "kind": "derived",
        "component": "base",
        "as_of": str(newest),
        "middle": _middle(oldest, newest, release),
        "has_series": False,
        "locator": _LOCATOR.format(oldest=oldest, newest=newest),
        "note": _NOTE.format(about=board.about),
    }


def _middle(oldest: int, newest: int, release: datetime.date | None) -> str:
    """The month in the middle of the years, of which the last ends with the release."""
    assert release is not None
    last = min(12 * release.year + release.month, 12 * newest + 12) - 1
    year, month = divmod((12 * oldest + last) // 2, 12)
    return f"{year}-{month + 1:02}"


def _summarize(
    name: str,
    found: Counter[Range],
    ours: Sequence[Range],
    roles: _Roles,
    midpoints: Mapping[_Cell, list[float]],
) -> PercentilesImport:
    counts = {cell: len(amounts) for cell, amounts in sorted(midpoints.items())}
    titles = [row.job_title for row, _ in ours if find_level(row)]
    unread = Counter(title for title in titles if roles[title] is None)
    return PercentilesImport(
        name=name,
        cells={cell: n for cell, n in counts.items() if n >= FEWEST},
        left_out={
            "not full-time in the U.S., paid in dollars, or of an earlier year": (
                found.total() - sum(found[one] for one in ours)
            ),
            "repeated in every column": sum(found[one] - 1 for one in ours),
            "an executive or a director": len(ours) - len(titles),
            "the title names no role, or several": unread.total(),
        },
        too_few={cell: n for cell, n in counts.items() if n < FEWEST},
        unread=dict(unread.most_common()),
    )
