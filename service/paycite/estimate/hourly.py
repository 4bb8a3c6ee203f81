"""Convert annual pay to an hourly rate, in one more step of each chain that cites the hours of a
work year."""

from typing import TypeVar

import msgspec
from msgspec.structs import replace

from paycite.estimate.disagreement import summary
from paycite.model.answer import Chain, Disagreement, Estimate, Interval, Percentiles, Range, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Figure
from paycite.model.money import cents

Pay = TypeVar("Pay", Interval, Percentiles)


def convert_chain(chain: Chain, year: Figure) -> Chain:
    """Add a last step to the chain that divides its pay by the hours of `year`."""
    hours = year.low or 0
    percentiles = chain.percentiles and per_hour(chain.percentiles, hours)
    step = Step(
        operation="convert",
        divisor=year.low,
        range=per_hour(chain.steps[-1].range, hours),
        percentiles=percentiles,
        **msgspec.structs.asdict(year.citation()),
    )
    return replace(
        chain,
        kind="derived",
        period="hour",
        range=Range.of(step.range),
        percentiles=percentiles,
        steps=(*chain.steps, step),
    )


def convert_estimate(estimate: Estimate, year: Figure) -> Estimate:
    """Divide each amount of the annual estimate by the hours of `year`."""
    hours = year.low or 0
    yearly = Interval(min=estimate.range.min, max=estimate.range.max)
    return replace(
        estimate,
        kind="derived",
        period="hour",
        range=Range.of(per_hour(yearly, hours)),
        percentiles=estimate.percentiles and per_hour(estimate.percentiles, hours),
        median=cents(estimate.median, hours) if estimate.median is not None else None,
    )


def convert_disagreement(disagreement: Disagreement, estimate: Range, year: Figure) -> Disagreement:
    """Convert the ranges that differ from the estimate; keep the ratios of annual pay."""
    differences = tuple(
        replace(one, range=per_hour(one.range, year.low or 0)) for one in disagreement.differences
    )
    return Disagreement(summary=summary(estimate, differences), differences=differences)


def per_hour(yearly: Pay, hours: float) -> Pay:
    """Divide each amount by the hours of a year, rounded to cents."""
    names = ("min", "max") if isinstance(yearly, Interval) else PERCENTILES
    amounts = {name: getattr(yearly, name) for name in names}
    return replace(
        yearly,
        **{
            name: cents(amount, hours) if amount is not None else None
            for name, amount in amounts.items()
        },
    )
