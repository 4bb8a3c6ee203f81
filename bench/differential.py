"""Does the official ratio of a metro, to some power, lower the error of a national figure?

Every advertisement whose title says a level is estimated twice: with the national median that the
service answers with from one source, and with that median times (official median of the role's
first occupation in the metro / in the nation) ** exponent. The interval is a bootstrap over
employers, paired. The source and the advertisements differ in year and board, and so in level:
"levelled" is the change where that difference, over all advertisements of the role, is taken out.

    python bench/differential.py ADVERTISEMENTS.parquet

The columns are job_title, location, employer, annual_usd. The table goes into bench/README.md, and
the roles that earn a differential into seeds/differentials.toml.
"""

import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

from paycite.dataset.build import build
from paycite.dataset.store import Datasets
from paycite.estimate import build_answer
from paycite.match import Vocabulary
from paycite.model.answer import Links, Requested
from paycite.model.problem import Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION
from paycite.settings import ROOT

EXPONENTS = (0.25, 0.5, 0.75, 1.0)
FEWEST = 200
SOURCE = "aijobs-2025-08"
DRAWS = 1_000
SEED = 2026


class Advertisement(NamedTuple):
    role: str
    level: str | None
    metro: str
    employer: str
    log_pay: float


class Change(NamedTuple):
    """Of the mean absolute error in log pay, with the differential less without it."""

    employer: str
    without: float
    with_it: float


def advertisements(file: str, snapshot: Snapshot) -> Iterator[Advertisement]:
    """Those whose title and place are read."""
    vocabulary = Vocabulary(snapshot)
    query = "select job_title, location, employer, annual_usd from read_parquet($file)"
    rows = duckdb.execute(f"{query} where location is not null", {"file": file}).fetchall()
    for title, place, employer, pay in rows:
        try:
            (role, _), level = vocabulary.parse_title(title)
            metro, _ = vocabulary.parse_metro(place)
        except Refusal:
            continue
        yield Advertisement(
            role.id, level[0].id if level else None, metro.id, employer or title, math.log(pay)
        )


def log_ratio(advertisement: Advertisement, snapshot: Snapshot) -> float | None:
    occupation = snapshot.roles[advertisement.role].soc_codes[0]
    medians = [
        cells[0].p50 if (cells := snapshot.official.get((occupation, place), ())) else None
        for place in (advertisement.metro, NATION)
    ]
    return math.log(medians[0] / medians[1]) if medians[0] and medians[1] else None


def national(snapshot: Snapshot) -> Callable[[str, str], float | None]:
    """The log of the median that the service answers with, of a role and level over the nation."""

    @cache
    def median_of(role: str, level: str) -> float | None:
        question = Question(
            requested=Requested(role=role),
            matches=(),
            role=snapshot.roles[role],
            level=snapshot.levels[level],
            metro=snapshot.metros[NATION],
            offer=None,
            sources=frozenset([SOURCE]),
            strict=False,
        )
        try:
            found = build_answer(question, snapshot, Links(self="/", permalink="/")).estimate.median
        except Refusal:
            return None
        return math.log(found) if found else None

    return median_of


def changes(
    found: Sequence[Advertisement], exponent: float, snapshot: Snapshot, is_levelled: bool
) -> dict[str, list[Change]]:
    middle = national(snapshot)
    errors = defaultdict(list)
    for one in found:
        if one.level and (estimate := middle(one.role, one.level)):
            errors[one.role].append((one, one.log_pay - estimate))
    by_role = defaultdict(list)
    for role, tested in errors.items():
        level = median(error for _, error in tested) if is_levelled else 0
        for one, error in tested:
            is_metro = snapshot.metros[one.metro].kind == "metro"
            ratio = log_ratio(one, snapshot) if is_metro else None
            if ratio is not None:
                without = error - level
                by_role[role].append(Change(one.employer, without, without - exponent * ratio))
    return by_role


def interval(found: Sequence[Change]) -> tuple[float, float]:
    """Of the change in mean absolute error, as a part of the error without: 95%, by employer."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for change in found:
        sums[change.employer][0] += abs(change.with_it) - abs(change.without)
        sums[change.employer][1] += abs(change.without)
    employers, draw = list(sums.values()), random.Random(SEED)
    drawn = []
    for _ in range(DRAWS):
        sample = draw.choices(employers, k=len(employers))
        drawn.append(sum(s[0] for s in sample) / sum(s[1] for s in sample))
    drawn.sort()
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS) - 1]


def error(logs: Iterable[float]) -> float:
    """The mean absolute error in log pay: twice the pinball loss of the middle."""
    return fmean(map(abs, logs))


def change(tested: Sequence[Change]) -> float:
    return error(one.with_it for one in tested) / error(one.without for one in tested) - 1


def main(file: str) -> None:
    with TemporaryDirectory() as folder:
        build(ROOT / "seeds", Path(folder), keep=1)
        snapshot = Datasets(Path(folder)).current.snapshot
        found = list(advertisements(file, snapshot))
    print(f"{len(found):,} advertisements read; roles with {FEWEST} or more in metros are shown")
    print(
        "| role | n | exponent | error without | with | change | 95% interval | levelled | earned |"
    )
    print("|---|---:|---:|---:|---:|---:|---|---:|---|")
    for exponent in EXPONENTS:
        levelled = changes(found, exponent, snapshot, is_levelled=True)
        for role, tested in sorted(changes(found, exponent, snapshot, is_levelled=False).items()):
            if len(tested) < FEWEST:
                continue
            low, high = interval(tested)
            print(
                f"| {role} | {len(tested):,} | {exponent} "
                f"| {error(one.without for one in tested):.3f} "
                f"| {error(one.with_it for one in tested):.3f} "
                f"| {change(tested):+.1%} | {low:+.1%} to {high:+.1%} "
                f"| {change(levelled[role]):+.1%} | {'yes' if high < 0 else 'no'} |"
            )


if __name__ == "__main__":
    main(sys.argv[1])
