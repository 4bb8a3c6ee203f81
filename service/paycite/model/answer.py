"""The answer to `GET /salary`: both domain type and response type.

A struct that carries a number cannot be built without the citation of that number.
"""

from collections.abc import Iterable
from copy import copy
from typing import Annotated, Literal, Self, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr, replace

from paycite.model.distribution import PERCENTILES, Percentile
from paycite.model.figure import Citation, Component, Currency, Kind, Source
from paycite.model.parameters import PayPeriod as PayPeriod
from paycite.model.parameters import Requested as Requested
from paycite.model.vocabulary import Match, MetroKind
from paycite.model.voice import Label

T = TypeVar("T", bound=Struct)

Operation = Literal[
    "published",
    "multiply",
    "envelope",
    "mix",
    "pool",
    "role",
    "level",
    "place",
    "age",
    "spread",
    "order",
    "convert",
]
UnusedReason = Literal["open-ended", "other-component", "not-selected", "superseded", "suppressed"]
Verdict = Literal[
    "below the published range",
    "within the published range",
    "above the published range",
    "below the range",
    "within the range",
    "above the range",
    "at or above the minimum",
    "below P10",
    "below P25",
    "between P10 and P25",
    "between P25 and P50",
    "between P50 and P75",
    "between P75 and P90",
    "at or above P10",
    "at or above P25",
    "at or above P50",
    "at or above P75",
    "at or above P90",
]
Amount = Annotated[
    float,
    Meta(description="Whole dollars a year; with cents an hour, and of offers and posted ranges."),
]
Weight = Annotated[float, Meta(ge=0, le=1)]


class Interval(Struct, frozen=True, kw_only=True):
    """A low and a high end; `max` is null if open-ended."""

    min: Amount
    max: Amount | None


class Factor(Struct, frozen=True, kw_only=True):
    """The factors of the low and the high end."""

    min: float
    max: float


class Range(Struct, frozen=True, kw_only=True):
    """A pay range. Its midpoint is not a market median."""

    min: Amount
    midpoint: float | None
    max: Amount | None
    spread: Annotated[float | None, Meta(description="max / min - 1, to three decimals.")]
    open_ended: bool

    def __post_init__(self) -> None:
        if self.max is not None and not 0 < self.min <= self.max:
            raise ValueError(f"a range needs 0 < min <= max, not {self.min} and {self.max}")

    @classmethod
    def of(cls, ends: Interval) -> Self:
        low, high = ends.min, ends.max
        if high is None:
            return cls(min=low, midpoint=None, max=None, spread=None, open_ended=True)
        midpoint = round((low + high) / 2, 3)
        return cls(
            min=low,
            midpoint=int(midpoint) if midpoint.is_integer() else midpoint,
            max=high,
            spread=round(high / low - 1, 3),
            open_ended=False,
        )


class Percentiles(Struct, frozen=True, kw_only=True):
    """Percentiles of pay. Null: not released, or not in a published range. In `capped`: that much
    or more."""

    p10: Amount | None
    p25: Amount | None
    p50: Amount | None
    p75: Amount | None
    p90: Amount | None
    capped: tuple[Percentile, ...] = ()

    def __post_init__(self) -> None:
        below = 0.0
        stated = zip(PERCENTILES, (self.p10, self.p25, self.p50, self.p75, self.p90), strict=True)
        for name, value in stated:
            if value is not None and name not in self.capped:
                if value < below:
                    raise ValueError(f"percentiles must not cross: {name} {value} is below {below}")
                below = value

    def amounts(self) -> dict[Percentile, float | None]:
        return {name: getattr(self, name) for name in PERCENTILES}

    @property
    def stated(self) -> tuple[Percentile, ...]:
        """Those that exist, released or not: a published range has no P10 and P90."""
        if {self.p10, self.p90} == {None} and None not in (self.p25, self.p75):
            return ("p25", "p50", "p75")
        return PERCENTILES


class RatioToNation(Citation, frozen=True, kw_only=True):
    """The local median over the national median; the citation is for the national one."""

    ratio: float
    mean_rse: Annotated[
        float | None, Meta(description="Relative standard error of the national mean, percent.")
    ]


class Statistics(Struct, frozen=True, kw_only=True):
    """A pay distribution as published, with a citation for each number.

    The standard errors of employment and of the mean wage are relative, in percent.
    """

    percentiles: Percentiles
    employment: Annotated[int | None, Meta(description="People employed; not a sample size.")]
    employment_rse: float | None
    mean_rse: float | None
    location_quotient: float | None
    ratio_to_nation: RatioToNation | None
    figures: Annotated[tuple[Citation, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        numbers = [*self.percentiles.amounts().values()]
        numbers += [self.employment, self.employment_rse, self.mean_rse, self.location_quotient]
        if sum(number is not None for number in numbers) > len(self.figures):
            raise ValueError("every number of a distribution needs a citation")


class Spread(Struct, frozen=True, kw_only=True):
    """Percentiles of pooled pay relative to central pay, with their figures."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    figures: Annotated[tuple[Citation, ...], Meta(min_length=3)]


class PlacePart(Struct, frozen=True, kw_only=True):
    """One of the places that a `place` step combines."""

    metro: str
    share: Annotated[
        float | None, Meta(description="Its weight in the mean; null if all have the same weight.")
    ]
    factor: Annotated[
        float | None,
        Meta(description="Applied to its amounts, in whole dollars; null in a region."),
    ]
    range: Interval
    percentiles: Percentiles | None


class OrderedLevel(Struct, frozen=True, kw_only=True):
    """One of the levels of a source in an `order` step."""

    level: str
    weight: float
    percentiles: Percentiles


class Step(Citation, frozen=True, kw_only=True):
    """One operation of a derivation. Each step rounds amounts half up to whole dollars.

    - `published` starts from a published figure. For a distribution, the figure is the median, and
      `statistics` has all percentiles.
    - `mix` adds a distribution with its `share`: the result is the mixture of all `statistics` so
      far, each multiplied by its `factor` first, if it has one. For bands, the result is the
      geometric mean of the first range and every `operand` so far, end by end.
    - `pool` starts from the central pay of a source's observations, multiplies it by the factor of
      the place and of the role in the place, and finally by the five factors of `spread`. If there
      are too few employers for a factor, it is 1 and cites the minimum number of employers.
    - `multiply` applies the source's own rule. `role`, `level` and `place` apply `factor`: pay for
      the role over its occupations, for the level over the source's level, or for the place over
      the nation.
    - `place` with `parts` is the geometric mean over these places, amount by amount.
    - `spread` raises the ratio of each amount to the median to `power`, which narrows the range. A
      band is read as percentiles: P25 and P75, with their geometric mean as the median.
    - `order` makes sure that a higher level never pays less (isotonic regression): `levels` that
      are out of order get their weighted geometric mean, amount by amount. All levels together, and
      a level that is not in `levels`, are kept between the lowest and the highest of these.
    - `convert` divides annual pay by `divisor`, the hours of a work year, in cents.
    """

    operation: Operation
    factor: Factor | None = None
    divisor: float | None = None
    operand: Annotated[Interval | None, Meta(description="The band that a `mix` adds.")] = None
    range: Annotated[Interval, Meta(description="The result of this step.")]
    percentiles: Annotated[
        Percentiles | None, Meta(description="The result of this step; null for a band.")
    ] = None
    share: Annotated[Weight | None, Meta(description="Its share of the mixture.")] = None
    statistics: Statistics | None = None
    n: Annotated[int | None, Meta(description="Observations pooled in this step.")] = None
    employers: Annotated[int | None, Meta(description="Employers pooled in this step.")] = None
    spread: Spread | None = None
    power: Annotated[
        float | None, Meta(description="Scales the spread: below 1, the range gets narrower.")
    ] = None
    parts: Annotated[tuple[PlacePart, ...], Meta(description="The places combined.")] = ()
    levels: Annotated[
        tuple[OrderedLevel, ...], Meta(description="The levels before the step.")
    ] = ()
    metro: Annotated[
        str | None,
        Meta(description="In a region: the metro that the step is for, until they are combined."),
    ] = None
    figures: Annotated[
        tuple[Citation, ...], Meta(description="Other figures that the step uses.")
    ] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= (self.share or 0) <= 1:
            raise ValueError(f"a share is from 0 to 1, not {self.share}")


class Chain(Struct, frozen=True, kw_only=True):
    """One source's derivation: its figures, and the steps from them to the requested scope."""

    source_id: str
    kind: Annotated[Kind, Meta(description="published: as in the source; otherwise derived.")]
    weight: Annotated[Weight, Meta(description="Its weight in the estimate; 0 if unused.")]
    unused_reason: Annotated[
        UnusedReason | None,
        Meta(description="Why it is shown but not used; null if used."),
    ]
    level: Annotated[str | None, Meta(description="The level of its figures; null for all levels.")]
    metro: Annotated[str, Meta(description="The place of its figures.")]
    as_of: Annotated[str | None, Meta(description="The date that its oldest figure refers to.")]
    n: Annotated[int | None, Meta(description="Number of observations, if known.")]
    employers: Annotated[int | None, Meta(description="Number of employers, if known.")]
    period: PayPeriod
    component: Component
    range: Range
    percentiles: Percentiles | None
    steps: tuple[Step, ...]
    caveats: Annotated[tuple[str, ...], Meta(description="How Paycite reads the data.")]
    tested_on: Annotated[
        tuple[str, ...],
        Meta(description="Sources it was back-tested on; see `caveats`."),
    ]

    def __post_init__(self) -> None:
        if not self.steps or Range.of(self.steps[-1].range) != self.range:
            raise ValueError("a chain needs steps that end in its range")
        if (self.weight == 0) != (self.unused_reason is not None):
            raise ValueError("a chain is either used with a weight or unused with a reason")


# What an answer may lack of its question.
FallbackDimension = Literal["level", "metro", "source"]


class Fallback(Struct, frozen=True, kw_only=True):
    """A level or place that no used source covers, or a requested source without pay."""

    dimension: FallbackDimension
    requested: Annotated[str | None, Meta(description="Its id; null for all levels.")]
    used: Annotated[
        str | None,
        Meta(
            description="What the source of the largest weight covers instead; null for all levels."
        ),
    ]
    reason: str


class Context(Citation, frozen=True, kw_only=True):
    """A related figure that is not in the estimate."""

    why: Annotated[str, Meta(description="What it is, and why it is not used.")]


class Difference(Struct, frozen=True, kw_only=True):
    """A range that differs from the estimate; ratios are relative to the estimate."""

    subject: Annotated[
        str,
        Meta(description="What the range is: the pay that a source gives, or a related figure."),
    ]
    range: Interval
    figure: Annotated[
        Citation,
        Meta(
            description="What the range is, or starts from: the chain whose first step has this "
            "figure has all others."
        ),
    ]
    min_ratio: float
    max_ratio: float | None
    reasons: tuple[str, ...]


class Disagreement(Struct, frozen=True, kw_only=True):
    summary: str
    differences: Annotated[tuple[Difference, ...], Meta(min_length=1)]


class Confidence(Struct, frozen=True, kw_only=True):
    label: Label
    reason: str


class Estimate(Struct, frozen=True, kw_only=True):
    """The used chains, combined: the weighted geometric mean of P25, P50 and P75. P10 and P90
    follow from the mean ratios P10 / P25 and P90 / P75 of the chains that have them. The range is
    P25 to P75."""

    range: Range
    median: Annotated[float | None, Meta(description="Null for a single band, or if it is capped.")]
    percentiles: Percentiles | None
    currency: Currency
    period: PayPeriod
    component: Component
    kind: Annotated[Kind, Meta(description="published: one figure, unchanged; otherwise derived.")]
    method: Literal["weighted-geometric-mean"]
    as_of: Annotated[str | None, Meta(description="The date of its newest chain.")]
    confidence: Confidence


class OfferPosition(Struct, frozen=True, kw_only=True):
    """How an amount compares to one range."""

    compared_to: Annotated[str, Meta(description="`estimate`, or the source id of a chain.")]
    chain_index: Annotated[
        int | None,
        Meta(description="Index into `chains`, from 0; null for the estimate."),
    ]
    amount: Amount
    position: Annotated[
        float | None, Meta(description="0 at the minimum, 1 at the maximum; may lie outside.")
    ]
    compa_ratio: Annotated[float | None, Meta(description="Amount divided by the midpoint.")]
    market_ratio: Annotated[
        float | None, Meta(description="Amount divided by the median, if known.")
    ]
    percentile: Annotated[
        float | None, Meta(description="From 10 to 90, if percentiles are known.")
    ]
    verdict: Annotated[
        Verdict, Meta(description="By percentiles if known, otherwise by the range.")
    ]


class Overlap(Struct, frozen=True, kw_only=True):
    """The overlap of an offered range and one range of the answer."""

    compared_to: Annotated[str, Meta(description="`estimate`, or the source id of a chain.")]
    chain_index: Annotated[
        int | None,
        Meta(description="Index into `chains`, from 0; null for the estimate."),
    ]
    range: Annotated[Interval | None, Meta(description="Null if they do not overlap.")]
    share_of_offer: Annotated[float, Meta(description="Overlap as a share of the offered range.")]
    share_of_range: Annotated[
        float | None, Meta(description="Overlap as a share of the range; null if open-ended.")
    ]


class Offer(Struct, frozen=True, kw_only=True):
    """The offered amount (both ends, if a range) against each range of the answer."""

    min: Amount
    max: Annotated[
        Amount | None,
        Meta(description='Equal to `min` for a single amount; null for one with "or more".'),
    ]
    period: PayPeriod
    notes: Annotated[
        tuple[str, ...],
        Meta(description="How the offer was converted or compared, if it is not as written."),
    ]
    positions: tuple[OfferPosition, ...]
    overlaps: Annotated[
        tuple[Overlap, ...], Meta(description="For an offered range; empty for a single amount.")
    ]

    @property
    def ends(self) -> Interval:
        return Interval(min=self.min, max=self.max)

    def against_estimate(self) -> Self:
        """The offer against the estimate only, for rows without chains."""
        return replace(
            self,
            positions=tuple(one for one in self.positions if one.chain_index is None),
            overlaps=tuple(one for one in self.overlaps if one.chain_index is None),
        )


class UsedRole(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    soc_codes: tuple[str, ...]
    soc_shares: tuple[float, ...]
    soc_reason: str
    is_occupation: bool


class UsedLevel(Struct, frozen=True, kw_only=True):
    id: str
    title: str


class UsedMetro(Struct, frozen=True, kw_only=True):
    id: str
    kind: MetroKind
    name: str
    cbsa_codes: tuple[str, ...]


class Used(Struct, frozen=True, kw_only=True):
    """The scope of the answer; `level` is null for all levels."""

    role: UsedRole
    level: UsedLevel | None
    metro: UsedMetro


class DatasetVersion(Struct, frozen=True, kw_only=True):
    version: str


class Links(Struct, frozen=True, kw_only=True):
    self: str
    permalink: Annotated[str, Meta(description="The same question, pinned to this dataset.")]


class ShortAnswer(Struct, frozen=True, kw_only=True):
    """What a row of several answers is made of."""

    quote: str
    requested: Requested
    used: Used
    matches: tuple[Match, ...]
    fallbacks: tuple[Fallback, ...]
    estimate: Estimate
    chains: tuple[Chain, ...]
    offer: Offer | None
    links: Links


class Answer(Struct, frozen=True, kw_only=True):
    quote: Annotated[
        str,
        Meta(
            min_length=1,
            description="A summary that can be quoted as is: scope, range, median, date of the "
            "newest data, confidence and sources.",
        ),
    ]
    requested: Requested
    used: Used
    matches: tuple[Match, ...]
    fallbacks: tuple[Fallback, ...]
    estimate: Estimate
    chains: Annotated[tuple[Chain, ...], Meta(min_length=1)]
    context: tuple[Context, ...]
    disagreement: Disagreement | None
    offer: Offer | None
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    dataset: DatasetVersion
    links: Links

    def __post_init__(self) -> None:
        if not any(chain.weight for chain in self.chains):
            raise ValueError("an answer needs a used chain")
        cited = cited_sources(self.chains, self.context, self.disagreement)
        if cited != {source.id for source in self.sources}:
            raise ValueError("the sources of an answer must be exactly those it cites")


# An answer of either length.
Answered = TypeVar("Answered", Answer, ShortAnswer)


def alter(checked: T, **fields: object) -> T:
    """A copy of a struct with other fields. It is not checked again: that takes longer than the
    copy, and what the fields cite was checked."""
    altered = copy(checked)
    for name, value in fields.items():
        force_setattr(altered, name, value)
    return altered


def cited_sources(
    chains: Iterable[Chain], context: Iterable[Context], disagreement: Disagreement | None
) -> set[str]:
    """The ids of the sources of every number in an answer."""
    tested_on = {source_id for chain in chains for source_id in chain.tested_on}
    return tested_on | {one.source_id for one in citations(chains, context, disagreement)}


def citations(
    chains: Iterable[Chain], context: Iterable[Context], disagreement: Disagreement | None
) -> list[Citation]:
    """The citation of every number in an answer."""
    steps = [step for chain in chains for step in chain.steps]
    found = [*cited_with_statistics(steps), *context]
    for step in steps:
        found += step.figures
        if step.spread:
            found += step.spread.figures
    if disagreement:
        found += [difference.figure for difference in disagreement.differences]
    return found


def cited_with_statistics(steps: Iterable[Step]) -> list[Citation]:
    found: list[Citation] = []
    for one in steps:
        found.append(one)
        if one.statistics:
            found += one.statistics.figures
            found += filter(None, [one.statistics.ratio_to_nation])
    return found


# Two threads that convert to a type for the first time crash msgspec 0.22, which uses what it knows
# of the type while it is being collected: so it is collected here.
for _type in (Requested, UsedRole, UsedLevel, UsedMetro):
    msgspec.json.Decoder(_type)
