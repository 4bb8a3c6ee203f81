"""Pay derived from one source, as steps from its figures, and the operations that add steps."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain as flatten
from math import exp, fsum, log, sqrt
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from paycite.model.answer import (
    Chain,
    Factor,
    Interval,
    Operation,
    Percentiles,
    Range,
    Spread,
    Step,
    UnusedReason,
)
from paycite.model.distribution import PERCENTILES
from paycite.model.factor import LevelFactor, RoleFactor
from paycite.model.figure import Citation, Component, Kind
from paycite.model.money import whole_dollars
from paycite.model.pool import PoolSpread
from paycite.model.vocabulary import Level, Metro
from paycite.model.voice import GridRow, Voice

_LAST_MONTHS = {"": "12", "H1": "06", "H2": "12", "Q1": "03", "Q2": "06", "Q3": "09", "Q4": "12"}


class Derivation(Struct, frozen=True, kw_only=True):
    """The steps of one source, whose figures are for `level` (null: all levels) and `metro`."""

    source_id: str
    kind: Kind
    component: Component
    level: Level | None
    metro: Metro
    steps: tuple[Step, ...]
    caveats: tuple[str, ...]
    as_of: str | None  # the date of its oldest figure; None if one has no date
    middle: str | None = None  # the month that its figures are from, if not that of `as_of`
    n: int | None = None
    employers: int | None = None
    is_and_above: bool = False  # its figures also cover every higher level
    speaks_of_place: bool = False  # has a figure for the place, or five employers there
    speaks_of_part: bool = False  # of a region: of some of its metros
    tested_on: tuple[str, ...] = ()  # sources of the back-test observations in the caveats

    @property
    def range(self) -> Interval:
        return self.steps[-1].range

    @property
    def percentiles(self) -> Percentiles | None:
        return self.steps[-1].percentiles

    def add(self, step: Step) -> "Derivation":
        """Add a step, which makes it derived."""
        return replace(self, steps=(*self.steps, step), kind="derived")

    def chain(self, weight: float, unused_reason: UnusedReason | None = None) -> Chain:
        return Chain(
            source_id=self.source_id,
            kind=self.kind,
            weight=weight,
            unused_reason=unused_reason,
            level=self.level.id if self.level else None,
            metro=self.metro.id,
            as_of=self.as_of,
            n=self.n,
            employers=self.employers,
            period="year",
            component=self.component,
            range=Range.of(self.range),
            percentiles=self.percentiles,
            steps=self.steps,
            caveats=self.caveats,
            tested_on=self.tested_on,
        )


def cite(citation: Citation) -> dict[str, Any]:
    """Convert a citation to fields of a step. Without a loop: an answer has a hundred."""
    return {
        "figure_id": citation.figure_id,
        "source_id": citation.source_id,
        "subject": citation.subject,
        "locator": citation.locator,
        "as_published": citation.as_published,
    }


@lru_cache(1_024)  # a figure is checked when it is made
def cite_factor(factor: LevelFactor | RoleFactor) -> Citation:
    """Cite a factor that Paycite computed."""
    return factor.figure().citation()


def built_percentiles(row: Voice | GridRow) -> Percentiles:
    """The percentiles that the build computed."""
    amounts = {name: getattr(row, name) for name in PERCENTILES}
    return Percentiles(**amounts, capped=row.capped)


def multiply_range(ends: Interval, factor: Factor) -> Interval:
    return Interval(
        min=whole_dollars(ends.min, factor.min),
        max=None if ends.max is None else whole_dollars(ends.max, factor.max),
    )


def multiply_percentiles(percentiles: Percentiles, factor: float) -> Percentiles:
    amounts = {
        name: None if amount is None else whole_dollars(amount, factor)
        for name, amount in percentiles.amounts().items()
    }
    return Percentiles(**amounts, capped=percentiles.capped)


def apply_spread(central_pay: float, spread: Spread | PoolSpread) -> Percentiles:
    amounts = {name: whole_dollars(central_pay, getattr(spread, name)) for name in PERCENTILES}
    return Percentiles(**amounts, capped=())


def multiply(
    before: Step, operation: Operation, factor: float, citation: Citation, **more: Any
) -> Step:
    """Apply a factor to the range and the percentiles of the step before."""
    both = Factor(min=factor, max=factor)
    return Step(
        operation=operation,
        factor=both,
        range=multiply_range(before.range, both),
        percentiles=before.percentiles and multiply_percentiles(before.percentiles, factor),
        **cite(citation),
        **more,
    )


def read_band(ends: Interval) -> Percentiles:
    """Read a band as percentiles: its ends as P25 and P75, their geometric mean as the median."""
    assert ends.max is not None
    median = round_half_up(sqrt(ends.min * ends.max))
    return Percentiles(p10=None, p25=ends.min, p50=median, p75=ends.max, p90=None)


def narrow(percentiles: Percentiles, power: float) -> Percentiles:
    """Multiply the log distances of P25 and P75 from the median by the power. P10 and P90 keep
    their ratios to them: on held-out pay, narrowed tails covered too little."""
    if power == 1:
        return percentiles
    median = percentiles.p50
    assert median is not None
    amounts = {"p50": median}
    for inner, outer in (("p25", "p10"), ("p75", "p90")):
        before, tail = getattr(percentiles, inner), getattr(percentiles, outer)
        assert before is not None
        amounts[inner] = round_half_up(median * (before / median) ** power)
        amounts[outer] = tail and round_half_up(amounts[inner] * tail / before)
    return Percentiles(**amounts, capped=percentiles.capped)


def geometric_mean(weighted: Iterable[tuple[float, float]]) -> float:
    """The geometric mean of amounts, each with its weight; the weights add up to 1."""
    return exp(fsum(weight * log(amount) for weight, amount in weighted))


def mean_range(weighted: Sequence[tuple[float, Interval]]) -> Interval:
    """The geometric mean of ranges, end by end; open-ended if one of them is."""
    highs = [(weight, ends.max) for weight, ends in weighted if ends.max is not None]
    return Interval(
        min=round_half_up(geometric_mean((weight, ends.min) for weight, ends in weighted)),
        max=round_half_up(geometric_mean(highs)) if len(highs) == len(weighted) else None,
    )


def round_half_up(amount: float) -> int:
    """Round an inexact amount (a root, a power, a mean of logs) half up to whole dollars."""
    return int(amount + 0.5)


def quartiles(percentiles: Percentiles) -> Interval:
    """P25 to P75, even if they are capped, because the estimate uses them like this."""
    assert percentiles.p25 is not None
    return Interval(min=percentiles.p25, max=percentiles.p75)


def quartiles_like(percentiles: Percentiles, ends: Interval) -> Interval:
    """P25 to P75; open-ended if the range is."""
    found = quartiles(percentiles)
    return found if ends.max else replace(found, max=None)


def middle_half(percentiles: Percentiles) -> Interval:
    """P25 to P75; open-ended if P75 is capped."""
    found = quartiles(percentiles)
    return replace(found, max=None) if "p75" in percentiles.capped else found


def oldest(times: Iterable[str | None]) -> str | None:
    """The oldest date; None if any is unknown."""
    stated = list(times)
    known = [time for time in stated if time]
    return min(known) if known and len(known) == len(stated) else None


def newest(times: Iterable[str | None]) -> str | None:
    """The date that ends last, "2025" after "2025-05"; None if none is known."""
    return max(filter(None, times), key=_end, default=None)


def _end(as_of: str) -> tuple[str, str]:
    """The year and the last month of it, or the day."""
    year, _, part = as_of.partition("-")
    return year, _LAST_MONTHS.get(part, part)


def sentences(notes: Iterable[str | None]) -> tuple[str, ...]:
    """Split notes into sentences, and keep each once."""
    split = (note.replace(". ", ".\0").split("\0") for note in notes if note)
    return tuple(dict.fromkeys(flatten.from_iterable(split)))
