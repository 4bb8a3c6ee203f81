"""Distributions as steps: what a source states of one, and mixtures of several."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from service.estimate.candidate import whole_dollars
from service.estimate.mixture import Mixed, curve, mixed
from service.model.answer import Interval, Percentiles, RatioToNation, Statistics, Step
from service.model.distribution import MEASURES, PERCENTILES, Distribution
from service.model.figure import Citation, Figure


class Part(Struct, frozen=True):
    """A distribution and its share of a mixture; the nation's, where there is one to compare."""

    distribution: Distribution
    share: float
    nation: Distribution | None = None


def is_priced(distribution: Distribution) -> bool:
    """Whether the source released every percentile: a mixture needs them all."""
    return all(getattr(distribution, name) is not None for name in PERCENTILES)


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


def median(distribution: Distribution) -> Citation:
    return _figure(distribution, "p50").citation()


def _figure(distribution: Distribution, measure: str) -> Figure:
    figure = distribution.figure(next(name for name in MEASURES if name == measure))
    assert figure is not None  # a part of a mixture is priced
    return figure


def _ratio(there: Distribution, nation: Distribution) -> RatioToNation | None:
    if there.id == nation.id or not there.p50 or not nation.p50:
        return None
    return RatioToNation(
        ratio=round(there.p50 / nation.p50, 3),
        mean_rse=nation.mean_rse,
        **msgspec.structs.asdict(median(nation)),
    )


def percentiles_of(distribution: Distribution) -> Percentiles:
    amounts = {name: getattr(distribution, name) for name in PERCENTILES}
    return _percentiles(Mixed(amounts, distribution.at_least))


def _percentiles(stated: Mixed) -> Percentiles:
    dollars = {
        name: None if amount is None else whole_dollars(amount)
        for name, amount in stated.values.items()
    }
    return Percentiles(**dollars, at_least=stated.at_least)


def mix(parts: Sequence[Part]) -> tuple[tuple[Step, ...], Percentiles]:
    """A step for each part, and the percentiles of them all."""
    steps = tuple(_steps(parts))
    return steps, _mixture(parts)


def _steps(parts: Sequence[Part]) -> Iterator[Step]:
    for place, part in enumerate(parts):
        yield Step(
            operation="mix" if place else "published",
            factor=None,
            operand=None,
            range=middle_half(_mixture(parts[: place + 1])),
            share=part.share if len(parts) > 1 else None,
            statistics=statistics(part.distribution, part.nation),
            **msgspec.structs.asdict(median(part.distribution)),
        )


def _mixture(parts: Sequence[Part]) -> Percentiles:
    if len(parts) == 1:
        return percentiles_of(parts[0].distribution)
    return _percentiles(
        mixed(
            [
                curve(
                    part.share,
                    {name: getattr(part.distribution, name) for name in PERCENTILES},
                    part.distribution.at_least,
                )
                for part in parts
            ]
        )
    )


def scaled(percentiles: Percentiles, factor: float) -> Percentiles:
    """Each percentile times the factor, in whole dollars."""
    dollars = {
        name: None if amount is None else whole_dollars(amount, factor)
        for name in PERCENTILES
        for amount in [getattr(percentiles, name)]
    }
    return Percentiles(**dollars, at_least=percentiles.at_least)


def middle_half(percentiles: Percentiles) -> Interval:
    """P25 to P75; open-ended where P75 is capped."""
    assert percentiles.p25 is not None
    return Interval(
        min=percentiles.p25,
        max=None if "p75" in percentiles.at_least else percentiles.p75,
    )
