"""Convert yearly pay to an hourly rate: one more step of each chain, which cites the hours of a
year."""

from typing import TypeVar

import msgspec
from msgspec.structs import replace

from paycite.estimate.disagreement import summary
from paycite.model.answer import Chain, Disagreement, Interval, Percentiles, Range, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Figure
from paycite.model.money import cents

Pay = TypeVar("Pay", Interval, Percentiles)


def convert_chain(chain: Chain, year: Figure) -> Chain:
    """Add a last step to the chain, which divides its range by the hours of `year`."""
    step = Step(
        operation="convert",
        factor=None,
        divisor=year.low,
        operand=None,
        range=_convert(chain.steps[-1].range, year),
        **msgspec.structs.asdict(year.citation()),
    )
    return replace(
        chain,
        kind="derived",
        period="hour",
        range=Range.of(step.range),
        percentiles=chain.percentiles and _convert(chain.percentiles, year),
        median_interval=chain.median_interval and _convert(chain.median_interval, year),
        steps=(*chain.steps, step),
    )


def convert_disagreement(disagreement: Disagreement, estimate: Range, year: Figure) -> Disagreement:
    """Convert the ranges that differ from the estimate; their ratios are those of yearly pay."""
    differences = tuple(
        replace(one, range=_convert(one.range, year)) for one in disagreement.differences
    )
    return Disagreement(summary=summary(estimate, differences), differences=differences)


def _convert(yearly: Pay, year: Figure) -> Pay:
    """Divide each amount by the hours of a year, in cents."""
    names = ("min", "max") if isinstance(yearly, Interval) else PERCENTILES
    amounts = {name: getattr(yearly, name) for name in names}
    return replace(
        yearly,
        **{
            name: None if amount is None else cents(amount, year.low or 0)
            for name, amount in amounts.items()
        },
    )
