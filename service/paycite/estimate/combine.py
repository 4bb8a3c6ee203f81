"""Combine chains into one estimate: weights, the weighted geometric mean, and the confidence."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from math import exp, fsum, log

from paycite.estimate.derivation import (
    geometric_mean,
    multiply_percentiles,
    multiply_range,
    newest,
    quartiles,
    read_band,
    round_half_up,
)
from paycite.model.answer import (
    Chain,
    Confidence,
    Estimate,
    Interval,
    Percentiles,
    Range,
    Step,
)
from paycite.model.distribution import PERCENTILES
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level
from paycite.model.voice import Label, SourceWeight

_UNIT = Decimal("0.000001")
_INNER = ("p25", "p50", "p75")


def share_out(weights: Sequence[float]) -> list[float]:
    """Scale weights to add up to exactly 1, to six decimals, so that they can be added by hand.
    Every weight is above 0, and the largest absorbs the rounding error."""
    total = sum(weights)
    shares = [max(Decimal(round(weight / total, 6)).quantize(_UNIT), _UNIT) for weight in weights]
    largest = shares.index(max(shares))
    shares[largest] += 1 - sum(shares)
    return [float(share) for share in shares]


def combine(weighted: Sequence[tuple[float, Sequence[Step]]]) -> Percentiles:
    """The weighted geometric mean of P25, P50 and P75 in each chain's last step. P10 and P90
    follow from the mean ratios P10 / P25 and P90 / P75 of the chains that have them. A region is
    kept between the lowest and the highest of its metros, which rounding could leave by a dollar.
    """
    last = ((weight, steps[-1]) for weight, steps in weighted)
    used = [(weight, step.percentiles or read_band(step.range)) for weight, step in last]
    middle = _means(used)
    if metros := [_means(one) for one in _by_metro(weighted)]:
        for name in _INNER:
            stated = [one[name] for one in metros]
            middle[name] = min(max(middle[name], min(stated)), max(stated))
    amounts: dict[str, float | None] = {**middle}
    for name, inner in (("p10", "p25"), ("p90", "p75")):
        tails = [
            (weight, log(getattr(percentiles, name) / getattr(percentiles, inner)))
            for weight, percentiles in used
            if getattr(percentiles, name) is not None
        ]
        mean = fsum(weight * tail for weight, tail in tails)
        total = fsum(weight for weight, _ in tails)
        base = amounts[inner]
        assert base is not None
        amounts[name] = round_half_up(base * exp(mean / total)) if tails else None
    capped = {name for _, percentiles in used for name in percentiles.capped}
    return Percentiles(
        **{name: amounts[name] for name in PERCENTILES}, capped=tuple(sorted(capped))
    )


def _means(used: Sequence[tuple[float, Percentiles]]) -> dict[str, int]:
    return {
        name: round_half_up(geometric_mean((weight, getattr(one, name)) for weight, one in used))
        for name in _INNER
    }


def _by_metro(
    weighted: Sequence[tuple[float, Sequence[Step]]],
) -> Iterator[list[tuple[float, Percentiles]]]:
    """Yield what the chains of a region say of each metro; nothing for another place."""
    every = [_in_metros(steps) for _, steps in weighted]
    if len(set(map(len, every))) == 1:
        for metro in zip(*every, strict=True):
            yield [(weight, one) for (weight, _), one in zip(weighted, metro, strict=True)]


def _in_metros(steps: Sequence[Step]) -> list[Percentiles]:
    """What a chain of a region says of each metro, aged as the region is."""
    last = steps[-1]
    growth = last.factor if last.operation == "age" else None
    joined = steps[-2] if growth else last
    if None in [part.share for part in joined.parts]:
        return []  # another place, with parts in several
    found = []
    for part in joined.parts:
        ends, percentiles = part.range, part.percentiles
        if growth:
            ends = multiply_range(ends, growth)
            percentiles = percentiles and multiply_percentiles(percentiles, growth.min)
        found.append(percentiles or read_band(ends))
    return found


def estimate(
    chains: Sequence[Chain],
    percentiles: Percentiles,
    weights: Iterable[SourceWeight],
    level: Level | None,
    snapshot: Snapshot,
) -> Estimate:
    """The estimate for a level from several chains with the weights of their sources."""
    ends = quartiles(percentiles)
    if all(one.kind == "band" or one.is_proxy for one in weights):
        confidence = Confidence(label="low", reason="no source has a sample of this role")
    else:
        confidence = _rate(ends, [_median(chain) for chain in chains], level, snapshot)
    return _estimate(chains, ends, percentiles, confidence)


def _median(chain: Chain) -> float:
    median = (chain.percentiles or read_band(chain.steps[-1].range)).p50
    assert median is not None
    return median


def estimate_alone(chain: Chain, level: Level | None, snapshot: Snapshot) -> Estimate:
    """The estimate from one source that was requested alone: as it publishes."""
    ends = chain.steps[-1].range
    ranges = sum(step.operation in ("published", "mix") for step in chain.steps)
    if not ends.max:
        confidence = Confidence(label="low", reason="the range has no maximum")
    elif not chain.percentiles:
        what = "one published range" if ranges == 1 else f"the mean of {ranges} published ranges"
        confidence = Confidence(label="low", reason=f"{what}, with no sample size")
    else:
        confidence = _rate(ends, [1], level, snapshot)
    return _estimate([chain], ends, chain.percentiles, confidence)


def _estimate(
    chains: Sequence[Chain],
    ends: Interval,
    percentiles: Percentiles | None,
    confidence: Confidence,
) -> Estimate:
    is_known = percentiles is not None and "p50" not in percentiles.capped
    return Estimate(
        range=Range.of(ends),
        median=percentiles.p50 if percentiles and is_known else None,
        percentiles=percentiles,
        currency="USD",
        period="year",
        component="base",
        kind=chains[0].kind if len(chains) == 1 else "derived",
        method="weighted-geometric-mean",
        as_of=newest(chain.as_of for chain in chains),
        confidence=confidence,
    )


def _rate(
    ends: Interval, medians: Sequence[float], level: Level | None, snapshot: Snapshot
) -> Confidence:
    """Rate by the width of the range, or by how far the medians of its sources lie apart, whichever
    is more: on held-out pay, the error grew with both. No single source is rated high. All levels
    are rated one label lower than they would be, because their error was that of the next label."""
    assert ends.max is not None
    # To two decimals, as they are written.
    width, apart = (
        int(100 * ratio + 0.5) / 100 for ratio in (ends.max / ends.min, max(medians) / min(medians))
    )
    high, medium = (
        snapshot.constant(f"{label}-confidence").low or 0 for label in ("high", "medium")
    )
    label: Label = "low"
    if (reach := max(width, apart)) <= medium:
        label = "high" if reach <= high and len(medians) > 1 else "medium"
    if apart > width:
        how = {"high": "are close", "medium": "differ", "low": "disagree"}[label]
        reason = f"the sources {how}; the highest median is {apart:.2f} times the lowest"
    else:
        how = {"high": "narrow", "medium": "of average width", "low": "wide"}[label]
        reason = f"the range is {how}; its high end is {width:.2f} times its low end"
    if reach <= high and label != "high":
        reason = "a single source, with none to confirm it"
    if not level and label != "low":
        label = "medium" if label == "high" else "low"
        reason = "it covers all levels, so a single job may be paid quite differently"
    return Confidence(label=label, reason=reason)
