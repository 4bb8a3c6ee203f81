"""Distributions as steps: one as published, or a mixture of several."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

import msgspec
from msgspec import Struct

from paycite.estimate.mixture import curve, mixed
from paycite.model.answer import Interval, Percentiles, RatioToNation, Statistics, Step
from paycite.model.distribution import PERCENTILES, Distribution, Percentile
from paycite.model.figure import Citation
from paycite.model.money import whole_dollars

# Distributions whose figures are cited again and again: in steps, and beside other answers.
_KEPT = 1_024


class Part(Struct, frozen=True):
    """A distribution and its share of a mixture; the nation's, where there is one to compare."""

    distribution: Distribution
    share: float
    nation: Distribution | None = None


def is_priced(distribution: Distribution) -> bool:
    """Whether the source released every percentile: a mixture needs them all."""
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
        figures=tuple(figure.citation() for figure in distribution.figures()),
    )


@lru_cache(_KEPT)
def median(distribution: Distribution) -> Citation:
    figure = distribution.figure("p50")
    assert figure is not None  # it is priced
    return figure.citation()


def _ratio(there: Distribution, nation: Distribution) -> RatioToNation | None:
    if there.id == nation.id or not there.p50 or not nation.p50:
        return None
    return RatioToNation(
        ratio=round(there.p50 / nation.p50, 3),
        mean_rse=nation.mean_rse,
        **msgspec.structs.asdict(median(nation)),
    )


def percentiles_of(distribution: Distribution) -> Percentiles:
    return _round_percentiles(_amounts(distribution), distribution.capped)


def _amounts(distribution: Distribution) -> dict[Percentile, float | None]:
    return {name: getattr(distribution, name) for name in PERCENTILES}


def _round_percentiles(
    amounts: Mapping[Percentile, float | None], capped: tuple[Percentile, ...]
) -> Percentiles:
    dollars = {
        name: None if amount is None else whole_dollars(amount) for name, amount in amounts.items()
    }
    return Percentiles(**dollars, capped=capped)


def mix(parts: Sequence[Part]) -> tuple[tuple[Step, ...], Percentiles]:
    """A step for each part, and the percentiles of them all."""
    so_far = [_mixture(parts[:place]) for place in range(1, len(parts) + 1)]
    steps = (
        Step(
            operation="mix" if place else "published",
            factor=None,
            operand=None,
            range=middle_half(percentiles),
            share=part.share if len(parts) > 1 else None,
            statistics=statistics(part.distribution, part.nation),
            **msgspec.structs.asdict(median(part.distribution)),
        )
        for place, (part, percentiles) in enumerate(zip(parts, so_far, strict=True))
    )
    return tuple(steps), so_far[-1]


def _mixture(parts: Sequence[Part]) -> Percentiles:
    if len(parts) == 1:
        return percentiles_of(parts[0].distribution)
    curves = (
        curve(part.share, _amounts(part.distribution), part.distribution.capped) for part in parts
    )
    found = mixed(list(curves))
    return _round_percentiles(found.values, found.capped)


def middle_half(percentiles: Percentiles) -> Interval:
    """P25 to P75; open-ended where P75 is capped."""
    assert percentiles.p25 is not None
    return Interval(
        min=percentiles.p25,
        max=None if "p75" in percentiles.capped else percentiles.p75,
    )


def percentile(amount: float, percentiles: Percentiles) -> float | None:
    """Where an amount stands among the percentiles, straight in log pay between them; None below
    P10, above P90, and from a capped percentile on, where nobody says."""
    stated = {name: getattr(percentiles, name) for name in PERCENTILES}
    capped = [stated[name] for name in percentiles.capped]
    if None in stated.values() or any(amount >= cap for cap in capped):
        return None
    if not stated["p10"] <= amount <= stated["p90"]:
        return None
    whole = curve(1, stated, percentiles.capped)
    return round(100 * whole.probability(log(amount)), 1)
