"""Compute the percentiles of a mixture of distributions, such as several occupations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from math import exp, inf, log
from operator import mul

from msgspec import Struct

from paycite.model.distribution import PERCENTILES, PROBABILITIES, Percentile

# Separates equal percentiles in log pay, so that every curve can be inverted.
_APART = 1e-9


class Mixed(Struct, frozen=True):
    """Percentiles in dollars. One in `capped` depends on a component that is capped below it: that
    amount or more."""

    values: Mapping[Percentile, float]
    capped: tuple[Percentile, ...]


class Curve(Struct, frozen=True):
    """A cumulative distribution of log pay: linear between the published percentiles, and
    extrapolated beyond the outermost two to probability 0 and 1."""

    share: float
    points: tuple[tuple[float, float], ...]  # log pay, probability
    certain: float  # log pay above which the source is capped; infinite if it is not

    def probabilities(self, places: Iterable[float]) -> Iterator[float]:
        """The probability of each log pay; they are in ascending order."""
        points = self.points
        at, end = 0, len(points)
        for log_pay in places:
            while at < end and points[at][0] < log_pay:
                at += 1
            if at == 0:
                yield 0.0 if log_pay < points[0][0] else points[0][1]
            elif at == end:
                yield points[-1][1]
            else:
                (low, below), (high, above) = points[at - 1], points[at]
                yield below + (above - below) * (log_pay - low) / (high - low)


def curve(
    share: float, values: Mapping[Percentile, float | None], capped: Sequence[Percentile]
) -> Curve:
    """Build the curve of one distribution; of the capped percentiles it has only the first."""
    known = [(log(value), PROBABILITIES[name]) for name in PERCENTILES if (value := values[name])]
    exact = [(log_pay, p) for log_pay, p in known if not _is_capped(p, capped)]
    # A source may cap at less than a percentile that it publishes.
    rising = accumulate((log_pay for log_pay, _ in known[: len(exact) + 1]), max)
    points = [(log_pay + _APART * place, known[place][1]) for place, log_pay in enumerate(rising)]
    certain = (exact[-1][0] if exact else -inf) if capped else inf
    if len(exact) > 1:
        points.insert(0, _continued(points[1], points[0], 0))
        if not capped:
            points.append(_continued(points[-2], points[-1], 1))
    if capped:
        # The rest is at least the cap: this gives a lower bound for the percentiles of the mixture.
        points.append((points[-1][0] + _APART, 1))
    return Curve(share, tuple(points), certain)


def _is_capped(probability: float, capped: Sequence[Percentile]) -> bool:
    return any(PROBABILITIES[name] <= probability for name in capped)


def _continued(
    inner: tuple[float, float], outer: tuple[float, float], end: float
) -> tuple[float, float]:
    slope = (outer[0] - inner[0]) / (outer[1] - inner[1])
    return outer[0] + slope * (end - outer[1]), end


def mixed(curves: Sequence[Curve]) -> Mixed:
    """Compute the percentiles of a mixture by inverting the weighted sum of its curves. The sum is
    piecewise linear, so this is exact."""
    total = sum(curve.share for curve in curves)
    places = sorted({log_pay for curve in curves for log_pay, _ in curve.points})
    shares = [curve.share / total for curve in curves]
    each = zip(*(curve.probabilities(places) for curve in curves), strict=True)
    heights = [sum(map(mul, shares, found)) for found in each]
    certain = min(curve.certain for curve in curves)
    values: dict[Percentile, float] = {}
    capped: list[Percentile] = []
    for name in PERCENTILES:
        log_pay = _inverse(places, heights, PROBABILITIES[name])
        if log_pay > certain:
            capped.append(name)
        values[name] = exp(log_pay)
    return Mixed(values, tuple(capped))


def _inverse(places: Sequence[float], heights: Sequence[float], probability: float) -> float:
    """Find the log pay at which the curve reaches a probability."""
    for (low, high), (below, above) in zip(pairwise(places), pairwise(heights), strict=True):
        if below <= probability <= above and below < above:
            return low + (high - low) * (probability - below) / (above - below)
    return places[-1]
