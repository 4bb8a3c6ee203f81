"""A chain before it is known whether the estimate uses it."""

from collections.abc import Iterable

from msgspec import Struct

from paycite.model.answer import Chain, Factor, Interval, Percentiles, Range, Step, UnusedReason
from paycite.model.figure import Component, Kind
from paycite.model.money import whole_dollars
from paycite.model.vocabulary import NATION, Level, Metro

ALL_LEVELS = 100


class Scope(Struct, frozen=True, order=True):
    """How far a chain's scope is from the one asked about; the smallest is the nearest."""

    level_gap: int  # levels down to one "and above", or ALL_LEVELS; plus levels not priced
    metro_gap: int  # 0 as asked, 1 the state, 2 the nation


class Candidate(Struct, frozen=True, kw_only=True):
    scope: Scope
    source_id: str
    kind: Kind
    component: Component
    level: Level | None
    metro: Metro
    steps: tuple[Step, ...]
    caveats: tuple[str, ...]
    as_of: str | None  # the time of the oldest figure; None where one has none
    n: int | None = None
    employers: int | None = None
    effective_employers: float | None = None  # employers that pooled observations are worth
    tested_on: tuple[str, ...] = ()  # sources of observations, which the caveats speak of
    percentiles: Percentiles | None = None
    median_interval: Interval | None = None
    second_choice: bool = False  # the same source has a chain of its own words for this scope
    why_there: str | None = None  # why it answers for another place than the one asked about

    @property
    def ends(self) -> Interval:
        return self.steps[-1].range

    def chain(self, weight: float, unused_reason: UnusedReason | None) -> Chain:
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
            effective_employers=self.effective_employers,
            period="year",
            component=self.component,
            range=Range.of(self.ends),
            percentiles=self.percentiles,
            median_interval=self.median_interval,
            steps=self.steps,
            caveats=self.caveats,
            tested_on=self.tested_on,
        )


def metro_gap(asked: Metro, answered: Metro) -> int:
    if answered.id == asked.id:
        return 0
    return 2 if answered.id == NATION else 1


def oldest(times: Iterable[str | None]) -> str | None:
    """The oldest time; None where one is not known."""
    stated = list(times)
    known = [time for time in stated if time]
    return min(known) if known and len(known) == len(stated) else None


def multiplied(ends: Interval, factor: Factor) -> Interval:
    return Interval(
        min=whole_dollars(ends.min, factor.min),
        max=None if ends.max is None else whole_dollars(ends.max, factor.max),
    )
