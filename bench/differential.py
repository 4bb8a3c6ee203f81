"""Does the official ratio of a metro, to some power, lower the error of a national figure?

Each advertisement is estimated twice: with the median of its role and level over the nation, and
with that median times (official median of the role's first occupation in the metro / in the
nation) ** exponent. The national medians are those of the same advertisements, so that neither
year nor source makes a difference. The interval is a bootstrap over employers, paired.

    python bench/differential.py ADVERTISEMENTS.parquet

The columns are job_title, location, employer, annual_usd. The table goes into bench/README.md, and
the roles that earn a differential into seeds/differentials.toml.
"""

import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

from service.dataset.build import build
from service.dataset.store import Datasets
from service.match import Vocabulary
from service.model.problem import Refusal
from service.model.snapshot import Snapshot
from service.model.vocabulary import NATION
from service.settings import ROOT

EXPONENTS = (0.25, 0.5, 0.75, 1.0)
FEWEST = 200
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
            (role, _), level = vocabulary.title(title)
            metro, _ = vocabulary.metro(place)
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


def changes(
    found: Sequence[Advertisement], exponent: float, snapshot: Snapshot
) -> dict[str, list[Change]]:
    national = defaultdict(list)
    for one in found:
        national[one.role, one.level].append(one.log_pay)
    middles = {cell: median(pays) for cell, pays in national.items()}
    by_role = defaultdict(list)
    for one in found:
        ratio = log_ratio(one, snapshot) if snapshot.metros[one.metro].kind == "metro" else None
        if ratio is not None:
            without = one.log_pay - middles[one.role, one.level]
            change = Change(one.employer, without, without - exponent * ratio)
            by_role[one.role].append(change)
    return by_role


def percentage_error(errors: Sequence[float]) -> float:
    return median(abs(math.expm1(-error)) for error in errors)


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


def main(file: str) -> None:
    with TemporaryDirectory() as folder:
        build(ROOT / "seeds", Path(folder), keep=1)
        snapshot = Datasets(Path(folder)).current.snapshot
        found = list(advertisements(file, snapshot))
        print(
            f"{len(found):,} advertisements read; roles with {FEWEST} or more in metros are shown"
        )
        print("| role | n | exponent | error without | with | change | 95% interval | earned |")
        print("|---|---:|---:|---:|---:|---:|---|---|")
        for exponent in EXPONENTS:
            for role, tested in sorted(changes(found, exponent, snapshot).items()):
                if len(tested) < FEWEST:
                    continue
                without = [change.without for change in tested]
                with_it = [change.with_it for change in tested]
                change = fmean(map(abs, with_it)) / fmean(map(abs, without)) - 1
                low, high = interval(tested)
                earned = "yes" if high < 0 else "no"
                print(
                    f"| {role} | {len(tested):,} | {exponent} | {percentage_error(without):.1%} "
                    f"| {percentage_error(with_it):.1%} | {change:+.1%} "
                    f"| {low:+.1%} to {high:+.1%} | {earned} |"
                )


if __name__ == "__main__":
    main(sys.argv[1])
