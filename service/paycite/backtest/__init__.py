"""Back-tests: how well held-out observations are predicted."""

import datetime
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Literal, get_args

from msgspec import Struct

from paycite.backtest import boosting
from paycite.backtest.interval import MOST, bootstrap_intervals
from paycite.backtest.published import find_claims
from paycite.dataset.backtest import (
    AS_ANSWERED,
    COUNTED,
    POOLING,
    Backtest,
    Cell,
    Claim,
    Fold,
    Measured,
    RangeErrors,
    backtesting,
)
from paycite.model.observation import Observed
from paycite.model.snapshot import Snapshot

METHODS = (POOLING, AS_ANSWERED, *COUNTED, boosting.METHOD)
# The least number of observations for a role, level or place to be reported separately.
FEWEST = 30
Dimension = Literal["role", "level", "geography"]


class Split(Struct, frozen=True, kw_only=True):
    """How to hold out observations: folds of employers, each predicted from the others; or a day,
    with later observations predicted from earlier ones."""

    folds: int | None = None
    since: datetime.date | None = None


class Tested(Struct, frozen=True, kw_only=True):
    """The errors of a method: overall, and by role, level and place, the largest first; with the
    95% interval of its pinball loss relative to LightGBM."""

    overall: Measured
    by: dict[Dimension, tuple[Measured, ...]]
    interval: tuple[float, float] | None


class Result(Struct, frozen=True, kw_only=True):
    """A back-test of a source. `tested` has no LightGBM if it is not installed.

    `range_errors` has those of each other source, overall and then by place, the largest first.
    """

    observed: Observed
    split: Split
    parts: tuple[Fold, ...]
    tested: dict[str, Tested]
    range_errors: dict[str, tuple[RangeErrors, ...]]

    def ratio(self, one: Measured) -> float | None:
        """The pinball loss relative to LightGBM on the same observations."""
        boosted = self.tested.get(boosting.METHOD)
        if boosted is None:
            return None
        key = attrgetter("role", "level", "geography")
        others = (boosted.overall, *(other for found in boosted.by.values() for other in found))
        return one.pinball / next(other for other in others if key(other) == key(one)).pinball


def run_backtest(
    observed: Observed,
    file: Path,
    split: Split,
    dataset: Path,
    snapshot: Snapshot,
    tell: Callable[[int], object] = lambda _: None,
    newest: datetime.date | None = None,
) -> Result:
    """Test how well the observations of a file are predicted; NotTestable if there are too few.

    `tell` is called after each fold. Folds have no observations after the day `newest`.
    """
    with backtesting(dataset) as test:
        if split.since:
            parts = test.divide_by_day(file, split.since)
        else:
            assert split.folds is not None
            parts = test.divide_by_employer(file, split.folds, newest)
        cells = test.cells()
        for part in parts:
            if part.part is not None:
                _predict(test, part.part, cells)
                tell(1)
        return Result(
            observed=observed,
            split=split,
            parts=tuple(parts),
            tested=_tested(test),
            range_errors=_measure_ranges(test, find_claims(cells, observed, snapshot)),
        )


def _predict(test: Backtest, part: int, cells: list[Cell]) -> None:
    test.predict(part)
    if boosting.is_installed():
        test.add(boosting.METHOD, part, boosting.quantiles(test.known(boosting.MOST), cells))


def _tested(test: Backtest) -> dict[str, Tested]:
    is_benchmarked = boosting.is_installed()
    methods = METHODS if is_benchmarked else METHODS[:-1]
    measured = {method: test.measure(method, MOST) for method in methods}
    losses = {method: found for method, (_, found) in measured.items()}
    sure = bootstrap_intervals(losses, boosting.METHOD) if is_benchmarked else {}
    return {
        method: Tested(
            overall=found[0],
            by={by: tuple(one for one in found if getattr(one, by)) for by in get_args(Dimension)},
            interval=sure.get(method),
        )
        for method, (found, _) in measured.items()
    }


def _measure_ranges(test: Backtest, claimed: Iterable[Claim]) -> dict[str, tuple[RangeErrors, ...]]:
    found = test.measure_ranges(claimed)
    return {source: tuple(errors) for source, errors in groupby(found, attrgetter("source_id"))}
