"""Derive pay from published distributions: one as published, or a mixture of several."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Literal

import msgspec
from msgspec import Struct

from paycite.estimate.derivation import (
    Derivation,
    cite,
    middle_half,
    multiply,
    multiply_percentiles,
    sentences,
)
from paycite.estimate.mixture import Curve, curve, mixed
from paycite.model.answer import Factor, Percentiles, RatioToNation, Statistics, Step
from paycite.model.distribution import PERCENTILES, Distribution, Percentile
from paycite.model.figure import Citation
from paycite.model.money import whole_dollars
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Metro, Role

# The same distributions are cited in the steps of many answers.
_KEPT = 256
_SHARE_DECIMALS = 9  # with fewer, amounts would not be those of the counts
_ALL_LEVELS = "All levels: the mixture of the levels that the source prices ({}), by observations."


class MixturePart(Struct, frozen=True):
    """A distribution and its share of a mixture; `nation` is the national one to compare with.

    `factor` adjusts a national distribution to a place for which none was released; `figures` are
    those it was computed from.
    """

    distribution: Distribution
    share: float
    nation: Distribution | None = None
    factor: float | None = None
    figures: tuple[Citation, ...] = ()


def is_priced(distribution: Distribution) -> bool:
    """Whether the source released every percentile, which a mixture needs."""
    return all(getattr(distribution, name) is not None for name in PERCENTILES)


@lru_cache(_KEPT)
def statistics(distribution: Distribution, nation: Distribution | None = None) -> Statistics:
    employment = distribution.employment
    return Statistics(
        percentiles=percentiles_of(distribution),
        employment=int(employment) if employment is not None else None,
        employment_rse=distribution.employment_rse,
        mean_rse=distribution.mean_rse,
        location_quotient=distribution.location_quotient,
        ratio_to_nation=_ratio(distribution, nation) if nation else None,
        figures=tuple(distribution.citations()),
    )


@lru_cache(_KEPT)
def median(distribution: Distribution) -> Citation:
    cited = distribution.citation("p50")
    assert cited is not None  # it is priced
    return cited


def _ratio(there: Distribution, nation: Distribution) -> RatioToNation | None:
    if there.id == nation.id or not there.p50 or not nation.p50:
        return None
    return RatioToNation(
        ratio=round(there.p50 / nation.p50, 3),
        mean_rse=nation.mean_rse,
        **msgspec.structs.asdict(median(nation)),
    )


@lru_cache(_KEPT)
def percentiles_of(distribution: Distribution) -> Percentiles:
    amounts = {name: getattr(distribution, name) for name in PERCENTILES}
    return _round_percentiles(amounts, distribution.capped)


def _round_percentiles(
    amounts: Mapping[Percentile, float | None], capped: tuple[Percentile, ...]
) -> Percentiles:
    dollars = {
        name: None if amount is None else whole_dollars(amount) for name, amount in amounts.items()
    }
    return Percentiles(**dollars, capped=capped)


def mix(parts: Sequence[MixturePart]) -> tuple[Step, ...]:
    """A step for each part, with the mixture of all parts so far."""
    first = parts[0]
    steps = [_take(first, "published", percentiles_of(first.distribution), len(parts))]
    if first.factor is not None:
        cited = first.figures[0]
        carried = multiply(steps[0], "place", first.factor, cited, figures=first.figures[1:])
        steps.append(carried)
    taken = [(part.share, _carried(part)) for part in parts]
    for place, part in enumerate(parts[1:], start=2):
        steps.append(_take(part, "mix", mix_percentiles(taken[:place]), len(parts)))
    return tuple(steps)


def _take(
    part: MixturePart, operation: Literal["published", "mix"], so_far: Percentiles, of: int
) -> Step:
    factor = part.factor if operation == "mix" else None
    return Step(
        operation=operation,
        factor=None if factor is None else Factor(min=factor, max=factor),
        range=middle_half(so_far),
        percentiles=so_far,
        share=part.share if of > 1 else None,
        statistics=statistics(part.distribution, part.nation),
        figures=() if factor is None else part.figures,
        **cite(median(part.distribution)),
    )


def mix_percentiles(parts: Sequence[tuple[float, Percentiles]]) -> Percentiles:
    """Compute the percentiles of a mixture of distributions, each with its share."""
    if len(parts) == 1:
        return parts[0][1]
    found = mixed([curve(share, one.amounts(), one.capped) for share, one in parts])
    return _round_percentiles(found.values, found.capped)


def _carried(part: MixturePart) -> Percentiles:
    published = percentiles_of(part.distribution)
    return published if part.factor is None else multiply_percentiles(published, part.factor)


def distributions_of(role: Role, source_id: str, snapshot: Snapshot) -> tuple[Distribution, ...]:
    """List the base pay distributions of a role in a source that have every percentile."""
    return tuple(
        one
        for one in snapshot.distributions(role.id)
        if one.source_id == source_id and one.component == "base" and is_priced(one)
    )


def from_distributions(
    distributions: Sequence[Distribution], level: Level | None, metro: Metro, snapshot: Snapshot
) -> Derivation | None:
    """Derive pay at a level in exactly this place, as published. For all levels, use the mixture of
    the levels if the source does not publish them together."""
    there = {one.level: one for one in distributions if one.geography == metro.id}
    if level or None in there:
        own = there.get(level.id if level else None)
        return _distributed([MixturePart(own, 1)], level, metro) if own else None
    levels = [one for one in snapshot.levels.values() if one.id in there]
    total = sum(there[one.id].n or 0 for one in levels)
    if len(levels) < 2 or not total:
        return None
    counted = [there[one.id] for one in levels if there[one.id].n]
    parts = [MixturePart(one, round((one.n or 0) / total, _SHARE_DECIMALS)) for one in counted]
    found = _distributed(parts, None, metro)
    priced = ", ".join(one.level for one in counted if one.level)
    return msgspec.structs.replace(
        found, n=total, caveats=(_ALL_LEVELS.format(priced), *found.caveats)
    )


def _distributed(parts: Sequence[MixturePart], level: Level | None, metro: Metro) -> Derivation:
    every = [part.distribution for part in parts]
    return Derivation(
        source_id=every[0].source_id,
        kind=every[0].kind if len(parts) == 1 else "derived",
        component="base",
        level=level,
        metro=metro,
        steps=mix(parts),
        caveats=sentences(one.note for one in every),
        as_of=min(one.as_of for one in every),
        middle=every[0].middle,
        n=every[0].n,
        is_and_above=bool(level) and every[0].and_above,
        speaks_of_place=True,
    )


def percentile(amount: float, percentiles: Percentiles) -> float | None:
    """The percentile rank of an amount, interpolated linearly in log pay; None (unknown) below P10,
    above P90, and at or above a capped percentile."""
    known = {name: value for name, value in percentiles.amounts().items() if value is not None}
    if len(known) < len(PERCENTILES) or any(amount >= known[name] for name in percentiles.capped):
        return None
    if not known["p10"] <= amount <= known["p90"]:
        return None
    (probability,) = _curve(percentiles).probabilities([log(amount)])
    return round(100 * probability, 1)


@lru_cache(1_000)  # of the ranges that offers are compared to
def _curve(percentiles: Percentiles) -> Curve:
    return curve(1, percentiles.amounts(), percentiles.capped)
