"""Yearly pay by the hour: one more step of each chain, which cites the hours of a year."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from paycite.estimate.candidate import cents
from paycite.estimate.combine import combined
from paycite.estimate.disagreement import summary
from paycite.model.answer import (
    Chain,
    Disagreement,
    Estimate,
    Interval,
    Percentiles,
    Range,
    Step,
)
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Figure


def chain_by_the_hour(chain: Chain, year: Figure) -> Chain:
    """The chain with a last step that divides its range by the hours of `year`."""
    range_ = _interval(chain.range, year)
    step = Step(
        operation="convert",
        factor=None,
        divisor=year.low,
        operand=None,
        range=range_,
        **msgspec.structs.asdict(year.citation()),
    )
    return replace(
        chain,
        kind="derived",
        period="hour",
        range=Range.of(range_),
        percentiles=_percentiles(chain.percentiles, year),
        median_interval=_interval(chain.median_interval, year) if chain.median_interval else None,
        steps=(*chain.steps, step),
    )


def estimate_by_the_hour(estimate: Estimate, chains: Sequence[Chain], year: Figure) -> Estimate:
    """The estimate of chains by the hour; `estimate` is that of the same chains by the year."""
    return replace(
        estimate,
        kind="derived",
        period="hour",
        range=Range.of(combined(chains, cents)),
        median=None if estimate.median is None else _by_the_hour(estimate.median, year),
        percentiles=_percentiles(estimate.percentiles, year),
        median_interval=(
            _interval(estimate.median_interval, year) if estimate.median_interval else None
        ),
    )


def disagreement_by_the_hour(
    disagreement: Disagreement, estimate: Range, year: Figure
) -> Disagreement:
    """What says otherwise, by the hour as well; its ratios are those of yearly pay."""
    differences = tuple(
        replace(one, range=_interval(one.range, year)) for one in disagreement.differences
    )
    return Disagreement(summary=summary(estimate, differences), differences=differences)


def _percentiles(yearly: Percentiles | None, year: Figure) -> Percentiles | None:
    if yearly is None:
        return None
    amounts = {name: getattr(yearly, name) for name in PERCENTILES}
    return replace(
        yearly,
        **{
            name: None if amount is None else _by_the_hour(amount, year)
            for name, amount in amounts.items()
        },
    )


def _interval(yearly: Interval | Range, year: Figure) -> Interval:
    return Interval(
        min=_by_the_hour(yearly.min, year),
        max=None if yearly.max is None else _by_the_hour(yearly.max, year),
    )


def _by_the_hour(amount: float, year: Figure) -> float:
    return cents(Decimal(str(amount)) / Decimal(str(year.low)))
