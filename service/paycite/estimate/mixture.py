"""The percentiles of a mixture of distributions, such as two metros or several occupations."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import exp, inf, log

from msgspec import Struct

from paycite.model.distribution import PERCENTILES, PROBABILITIES, Percentile

# Equal percentiles stand this far apart in log pay, so that every curve can be inverted.
_APART = 1e-9


class Mixed(Struct, frozen=True):
    """Percentiles in dollars; None where no part says anything so high or so low. One in
    `capped` rests on a part that is capped below it: it is that much or more."""

    values: Mapping[Percentile, float | None]
    capped: tuple[Percentile, ...]


class Curve(Struct, frozen=True):
    """How probability rises with log pay: straight between the published percentiles; beyond the
    outermost two the straight line between them is continued, to probability 0 and 1."""

    share: float
    points: tuple[tuple[float, float], ...]  # log pay, probability
    certain: float  # log pay above which the source is capped; infinite where it is not

    def probability(self, log_pay: float) -> float:
        place = bisect_left(self.points, (log_pay,))
        if place == 0:
            return 0.0 if log_pay < self.points[0][0] else self.points[0][1]
        if place == len(self.points):
            return self.points[-1][1]
        (low, below), (high, above) = self.points[place - 1 : place + 1]
        return below + (above - below) * (log_pay - low) / (high - low)


def curve(
    share: float, values: Mapping[Percentile, float | None], capped: Sequence[Percentile]
) -> Curve:
    """The curve of one distribution; of the capped percentiles only the first has a place."""
    known = [(log(value), PROBABILITIES[name]) for name in PERCENTILES if (value := values[name])]
    exact = [(log_pay, p) for log_pay, p in known if not _is_capped(p, capped)]
    # A source may cap at less than a percentile that it states.
    rising = accumulate((log_pay for log_pay, _ in known[: len(exact) + 1]), max)
    points = [(log_pay + _APART * place, known[place][1]) for place, log_pay in enumerate(rising)]
    certain = (exact[-1][0] if exact else -inf) if capped else inf
    if len(exact) > 1:
        points.insert(0, _continued(points[1], points[0], 0))
        if not capped:
            points.append(_continued(points[-2], points[-1], 1))
    if capped:
        # All the rest may be just above the cap: so a percentile of the mixture is no less.
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
    """The percentiles of the mixed distribution, by inverting the sum of the curves, each times its
    part of all shares. It is straight between the points of the curves, so this is exact."""
    total = sum(curve.share for curve in curves)
    places = sorted({log_pay for curve in curves for log_pay, _ in curve.points})
    heights = [
        sum(curve.share / total * curve.probability(place) for curve in curves) for place in places
    ]
    certain = min(curve.certain for curve in curves)
    values: dict[Percentile, float | None] = {}
    capped: list[Percentile] = []
    for name in PERCENTILES:
        log_pay = _inverse(places, heights, PROBABILITIES[name])
        if log_pay > certain:
            capped.append(name)
        values[name] = exp(log_pay)
    return Mixed(values, tuple(capped))


def _inverse(places: Sequence[float], heights: Sequence[float], probability: float) -> float:
    """Where the height is reached."""
    for (low, high), (below, above) in zip(pairwise(places), pairwise(heights), strict=True):
        if below <= probability <= above and below < above:
            return low + (high - low) * (probability - below) / (above - below)
    return places[-1]
