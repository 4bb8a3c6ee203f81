"""Scores of estimates against observed pay, by row and by unit (employer): numpy only.

Quantiles and pay are natural logarithms; a quantile that an answer does not give is NaN. In the
weighting by unit, every employer weighs 1 among the rows that are scored.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBABILITIES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
MEDIAN = 2
INNER = slice(1, 4)  # P25 to P75
DRAWS = 1_000
SEED = 2026
MEASURES = ("mae", "pinball", "mdape")  # that two methods are compared by


class Rows(NamedTuple):
    """Observed rows with what one method estimates for them."""

    pay: Floats  # (n,) log pay
    quantiles: Floats  # (n, 5) logs of P10 to P90
    units: Ints  # (n,) number of the employer

    def where(self, mask: NDArray[np.bool_]) -> "Rows":
        return Rows(self.pay[mask], self.quantiles[mask], self.units[mask])


class Scores(NamedTuple):
    """Shares and percentages are fractions of 1."""

    mdape: float  # median absolute percentage error
    bias: float  # median of estimate / observed - 1
    mae: float  # mean absolute error of log pay
    coverage_p25_p75: float
    coverage_p10_p90: float  # of rows with P10 and P90, as is pinball_all
    pinball_inner: float  # mean pinball loss of log pay over P25, P50, P75
    pinball_all: float  # over P10, P25, P50, P75, P90
    share_all: float  # share of rows with P10 and P90


class Difference(NamedTuple):
    """B less A in one measure, with a 95% interval and a two-sided p-value."""

    a: float
    b: float
    low: float
    high: float
    p: float


def weights(units: Ints, by_unit: bool) -> Floats:
    if not by_unit:
        return np.ones(len(units))
    _, index, counts = np.unique(units, return_inverse=True, return_counts=True)
    return np.asarray(1 / counts[index], dtype=np.float64)


def weighted_median(values: Floats, weight: Floats) -> float:
    """The mean of the two middle values where the weights split in half exactly."""
    order = np.argsort(values, kind="stable")
    return _sorted_median(values[order], weight[order])


def _sorted_median(values: Floats, weight: Floats) -> float:
    total = np.cumsum(weight)
    half = total[-1] / 2
    slack = total[-1] * 1e-12
    low = np.searchsorted(total, half - slack)
    high = np.searchsorted(total, half + slack)
    return float(values[low] + values[min(high, len(values) - 1)]) / 2


def pinball(pay: Floats, quantiles: Floats) -> Floats:
    """(n, 5) losses."""
    short = pay[:, np.newaxis] - quantiles
    return np.maximum(PROBABILITIES * short, (PROBABILITIES - 1) * short)


def score(rows: Rows, by_unit: bool) -> Scores:
    pay, quantiles, units = rows
    weight = weights(units, by_unit)
    signed = np.expm1(quantiles[:, MEDIAN] - pay)
    has_all = np.asarray(~np.isnan(quantiles).any(axis=1))
    inner = pinball(pay, quantiles)[:, INNER].mean(axis=1)
    covered = np.asarray((quantiles[:, 1] <= pay) & (pay <= quantiles[:, 3]))
    scores = Scores(
        mdape=weighted_median(np.abs(signed), weight),
        bias=weighted_median(signed, weight),
        mae=_mean(np.abs(quantiles[:, MEDIAN] - pay), weight),
        coverage_p25_p75=_mean(covered, weight),
        coverage_p10_p90=math.nan,
        pinball_inner=_mean(inner, weight),
        pinball_all=math.nan,
        share_all=_mean(has_all, weight),
    )
    if not has_all.any():
        return scores
    pay, quantiles, units = rows.where(has_all)
    weight = weights(units, by_unit)
    covered = np.asarray((quantiles[:, 0] <= pay) & (pay <= quantiles[:, 4]))
    return scores._replace(
        coverage_p10_p90=_mean(covered, weight),
        pinball_all=_mean(pinball(pay, quantiles).mean(axis=1), weight),
    )


def _mean(values: Floats | NDArray[np.bool_], weight: Floats) -> float:
    return float(np.average(values, weights=weight))


def compare(a: Rows, b: Rows, by_unit: bool) -> dict[str, Difference]:
    """Paired differences B less A in mae, inner pinball loss and MdAPE of the same rows in the
    same order. The interval is the middle 95% of a bootstrap over units; the p-value takes the
    difference over its bootstrap standard error as normal."""
    _, units = np.unique(a.units, return_inverse=True)
    size = int(units.max()) + 1
    weight = weights(units, by_unit)
    total = np.bincount(units, weight, size)
    losses = []  # per side: mae and pinball loss summed by unit, and sorted percentage errors
    for rows in (a, b):
        error = rows.quantiles[:, MEDIAN] - rows.pay
        inner = pinball(rows.pay, rows.quantiles)[:, INNER].mean(axis=1)
        sums = [np.bincount(units, weight * loss, size) for loss in (np.abs(error), inner)]
        percentage = np.abs(np.expm1(error))
        order = np.argsort(percentage, kind="stable")
        losses.append((np.array(sums), percentage[order], weight[order], units[order]))

    def measure(drawn: Floats) -> Floats:
        """(2, 3): of A and B; mae, pinball loss, MdAPE."""
        return np.array(
            [
                [*(sums @ drawn / (drawn @ total)), _sorted_median(values, weight * drawn[unit])]
                for sums, values, weight, unit in losses
            ]
        )

    generator = np.random.default_rng(SEED)
    draws = np.empty((DRAWS, len(MEASURES)))
    for draw in draws:
        drawn = np.bincount(generator.integers(0, size, size), minlength=size)
        draw[:] = np.diff(measure(drawn.astype(np.float64)), axis=0)[0]
    (of_a, of_b), errors = measure(np.ones(size)), draws.std(axis=0, ddof=1)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return {
        name: Difference(
            a=float(of_a[at]),
            b=float(of_b[at]),
            low=float(low[at]),
            high=float(high[at]),
            p=_p_value(float(of_b[at] - of_a[at]), float(errors[at])),
        )
        for at, name in enumerate(MEASURES)
    }


def _p_value(difference: float, error: float) -> float:
    if error == 0:
        return 1.0 if difference == 0 else 0.0
    return math.erfc(abs(difference) / error / math.sqrt(2))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values of a family of tests, in the order given."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = largest
    return adjusted
