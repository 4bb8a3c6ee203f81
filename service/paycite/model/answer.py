"""The answer to `GET /salary`: at once domain type and response type.

A struct that carries a number cannot be built without the citation of that number.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from paycite.model.distribution import PERCENTILES, Percentile
from paycite.model.figure import Citation, Component, Currency, Kind, Source
from paycite.model.parameters import PayPeriod as PayPeriod
from paycite.model.parameters import Requested as Requested
from paycite.model.vocabulary import Dimension, Match, MetroKind

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
    "below P50",
    "below P75",
    "below P90",
    "within the percentiles",
    "at or above P10",
    "at or above P25",
    "at or above P50",
    "at or above P75",
    "at or above P90",
]
Amount = Annotated[float, Meta(description="Whole dollars a year; with cents, where by the hour.")]
Label = Literal["high", "medium", "low"]
Weight = Annotated[float, Meta(ge=0, le=1)]


class Interval(Struct, frozen=True, kw_only=True):
    """A low and a high end; `max` is null where there is none."""

    min: Amount
    max: Amount | None


class Factor(Struct, frozen=True, kw_only=True):
    """What the low and the high end are multiplied by."""

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
    """One that the source did not release is null, and one in `capped` is capped: that much or
    more."""

    p10: Amount | None
    p25: Amount | None
    p50: Amount | None
    p75: Amount | None
    p90: Amount | None
    capped: tuple[Percentile, ...] = ()

    def __post_init__(self) -> None:
        known = [getattr(self, name) for name in PERCENTILES if name not in self.capped]
        known = [value for value in known if value is not None]
        if known != sorted(known):
            raise ValueError(f"percentiles do not cross: {known}")


class RatioToNation(Citation, frozen=True, kw_only=True):
    """The median there over the median of the nation, which the citation is of."""

    ratio: float
    mean_rse: Annotated[
        float | None, Meta(description="The nation's relative standard error of the mean, percent.")
    ]


class Statistics(Struct, frozen=True, kw_only=True):
    """A distribution of pay as a source states it, with the figure of each number.

    The standard errors are those that exist: of employment and of the mean wage, in percent.
    """

    percentiles: Percentiles
    employment: Annotated[int | None, Meta(description="People; no sample size.")]
    employment_rse: float | None
    mean_rse: float | None
    location_quotient: float | None
    ratio_to_nation: RatioToNation | None
    figures: Annotated[tuple[Citation, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        numbers = [getattr(self.percentiles, name) for name in PERCENTILES]
        numbers += [self.employment, self.employment_rse, self.mean_rse, self.location_quotient]
        if sum(number is not None for number in numbers) > len(self.figures):
            raise ValueError("every number of a distribution needs the citation of its figure")


class Spread(Struct, frozen=True, kw_only=True):
    """Percentiles over the middle of pooled pay: factors, with their figures."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    figures: Annotated[tuple[Citation, ...], Meta(min_length=3)]


class PlacePart(Struct, frozen=True, kw_only=True):
    """One of the places that a `place` step joins."""

    metro: str
    share: Annotated[
        float | None, Meta(description="Its part of the mean; null where all weigh the same.")
    ]
    factor: Annotated[
        float | None,
        Meta(description="Multiplies its amounts, in whole dollars; null in a region."),
    ]
    range: Interval
    percentiles: Percentiles | None


class OrderedLevel(Struct, frozen=True, kw_only=True):
    """One of the levels of a source that an `order` step puts in order."""

    level: str
    weight: float
    percentiles: Percentiles


class Step(Citation, frozen=True, kw_only=True):
    """One operation of a derivation. Amounts are rounded to whole dollars, half up, in every step.

    - `published` starts from the figure; of a distribution the figure is the median, and
      `statistics` has the rest.
    - `mix` adds a distribution with its `share`: the result is the mixture of all `statistics` so
      far, each first times its `factor`, if any. Of bands it is the geometric mean of the ends of
      all `operand`s so far and of the first range.
    - `pool` starts from the middle of a source's observations, multiplies it by what a place, and
      the role in it, differ by, and last by the five factors of `spread`. A factor of 1 that cites
      how many employers are needed stands for one of fewer.
    - `multiply` applies a rule of the source; `role`, `level` and `place` apply `factor`: the role
      over its occupations, the level over the level before, the place over the nation.
    - `place` with `parts` is the geometric mean of these places, amount by amount.
    - `spread` raises the ratio of each amount to the median to `power`. A band becomes percentiles:
      its ends are P25 and P75, and the root of their product the median.
    - `order` makes `levels` rise, amount by amount: neighbors out of order get their weighted
      geometric mean. All levels together are kept between the lowest and the highest.
    - `convert` divides yearly pay by `divisor`, the hours of a year, in cents.
    """

    operation: Operation
    factor: Factor | None = None
    divisor: float | None = None
    operand: Annotated[Interval | None, Meta(description="The band that a `mix` adds.")] = None
    range: Annotated[Interval, Meta(description="The result of this step.")]
    percentiles: Annotated[
        Percentiles | None, Meta(description="The result of this step; null for a band.")
    ] = None
    share: Annotated[float | None, Meta(description="Its part of a mixture.")] = None
    statistics: Statistics | None = None
    n: Annotated[int | None, Meta(description="Observations pooled in it.")] = None
    employers: Annotated[int | None, Meta(description="Employers pooled in it.")] = None
    spread: Spread | None = None
    power: Annotated[
        float | None, Meta(description="Multiplies log distances from the median.")
    ] = None
    parts: Annotated[tuple[PlacePart, ...], Meta(description="The places that are joined.")] = ()
    levels: Annotated[
        tuple[OrderedLevel, ...], Meta(description="The levels before they were put in order.")
    ] = ()
    metro: Annotated[
        str | None,
        Meta(description="In a region, the metro that the step is of, until they are joined."),
    ] = None
    figures: Annotated[
        tuple[Citation, ...], Meta(description="Other figures that the step rests on.")
    ] = ()


class Chain(Struct, frozen=True, kw_only=True):
    """One source's derivation: its figures, and how they were carried to what was asked."""

    source_id: str
    kind: Annotated[Kind, Meta(description="published: as the source states it; else derived.")]
    weight: Annotated[Weight, Meta(description="Its part in the estimate; 0 where unused.")]
    unused_reason: Annotated[
        UnusedReason | None,
        Meta(description="Why it is shown and not used; null where it is used."),
    ]
    level: Annotated[
        str | None, Meta(description="The level that its figures are of; null for all levels.")
    ]
    metro: Annotated[str, Meta(description="The place that its figures are of.")]
    as_of: Annotated[str | None, Meta(description="The time that its oldest figure speaks of.")]
    n: Annotated[int | None, Meta(description="Observations counted, or null.")]
    employers: Annotated[int | None, Meta(description="Employers counted, or null.")]
    period: PayPeriod
    component: Component
    range: Range
    percentiles: Percentiles | None
    steps: tuple[Step, ...]
    caveats: Annotated[
        tuple[str, ...], Meta(description="How Paycite read the figures and rules in it.")
    ]
    tested_on: Annotated[
        tuple[str, ...],
        Meta(description="The sources of the observations that its caveats say it was tested on."),
    ]

    def __post_init__(self) -> None:
        if not self.steps or Range.of(self.steps[-1].range) != self.range:
            raise ValueError("a chain needs steps that end in its range")
        if (self.weight == 0) != (self.unused_reason is not None):
            raise ValueError("a chain is either used with a weight or unused with a reason")


class Fallback(Struct, frozen=True, kw_only=True):
    """A part of the scope that no used source speaks of, and how it was reached."""

    dimension: Dimension
    requested: Annotated[str, Meta(description="What was asked about, by its id.")]
    used: Annotated[
        str | None,
        Meta(description="What the heaviest source speaks of instead; null for all levels."),
    ]
    reason: str
    figures: Annotated[
        tuple[Citation, ...], Meta(description="Those of the numbers in the reason.")
    ] = ()


class Context(Citation, frozen=True, kw_only=True):
    """A figure that bears on the question and is not in the estimate."""

    why: Annotated[str, Meta(description="Why it is shown, and why it is not used.")]
    statistics: Annotated[
        Statistics | None, Meta(description="The distribution that the figure is the median of.")
    ] = None


class Difference(Struct, frozen=True, kw_only=True):
    """Something that says otherwise than the estimate; ratios are that over the estimate."""

    range: Interval
    figures: Annotated[
        tuple[Citation, ...], Meta(description="The figures that the range was made of.")
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
    """The used chains, combined: the weighted geometric mean of their P25, P50 and P75, and of the
    ratios P10 / P25 and P90 / P75 of those that have them. The range is P25 to P75."""

    range: Range
    median: Annotated[
        float | None, Meta(description="Null of one band alone, and where it is capped.")
    ]
    percentiles: Percentiles | None
    currency: Currency
    period: PayPeriod
    component: Component
    kind: Annotated[Kind, Meta(description="published: one figure as it stands; else derived.")]
    method: Literal["weighted-geometric-mean"]
    as_of: Annotated[str | None, Meta(description="The time of its newest chain.")]
    confidence: Confidence


class OfferPosition(Struct, frozen=True, kw_only=True):
    """Where an amount stands in one range."""

    compared_to: Annotated[str, Meta(description="`estimate`, or the source of a chain.")]
    chain_index: Annotated[
        int | None,
        Meta(description="Index into `chains`, from 0; null for the estimate."),
    ]
    amount: Amount
    position: Annotated[
        float | None, Meta(description="0 at the minimum, 1 at the maximum; beyond them outside.")
    ]
    compa_ratio: Annotated[float | None, Meta(description="Amount over midpoint.")]
    market_ratio: Annotated[
        float | None, Meta(description="Amount over median, where a source gives one.")
    ]
    percentile: Annotated[
        float | None, Meta(description="From 10 to 90, where percentiles are known.")
    ]
    verdict: Annotated[
        Verdict, Meta(description="By the percentiles where they are known, else by the range.")
    ]


class Overlap(Struct, frozen=True, kw_only=True):
    """What an offered range and one range of the answer have in common."""

    compared_to: Annotated[str, Meta(description="`estimate`, or the source of a chain.")]
    chain_index: Annotated[
        int | None,
        Meta(description="Index into `chains`, from 0; null for the estimate."),
    ]
    range: Annotated[Interval | None, Meta(description="Null where they have nothing in common.")]
    share_of_offer: Annotated[float, Meta(description="Its width over that of the offered range.")]
    share_of_range: Annotated[
        float | None, Meta(description="Its width over that of the range; null if open-ended.")
    ]


class Offer(Struct, frozen=True, kw_only=True):
    """The amount asked about (both ends of it, if a range) against each range of the answer."""

    min: Amount
    max: Amount
    period: PayPeriod
    positions: tuple[OfferPosition, ...]
    overlaps: Annotated[
        tuple[Overlap, ...], Meta(description="Of an offered range; none of one amount.")
    ]

    def against_estimate(self) -> Self:
        """Without what it says of chains, for where these are not shown."""
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
    """The scope that was answered; `level` is null for all levels."""

    role: UsedRole
    level: UsedLevel | None
    metro: UsedMetro


class DatasetVersion(Struct, frozen=True, kw_only=True):
    version: str


class Links(Struct, frozen=True, kw_only=True):
    self: str
    permalink: Annotated[str, Meta(description="The same question, pinned to this dataset.")]


class Answer(Struct, frozen=True, kw_only=True):
    quote: Annotated[
        str,
        Meta(
            min_length=1,
            description="The answer to pass on as it is: scope, range, median, date of the newest "
            "data, confidence and sources.",
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
            raise ValueError("an answer needs a chain that was used")
        cited = cited_sources(self.chains, self.context, self.disagreement)
        cited |= {one.source_id for fallback in self.fallbacks for one in fallback.figures}
        if cited != {source.id for source in self.sources}:
            raise ValueError("the sources of an answer are those it cites, and no others")


def cited_sources(
    chains: Iterable[Chain], context: Iterable[Context], disagreement: Disagreement | None
) -> set[str]:
    """The ids of the sources of every number in an answer."""
    tested_on = {source_id for chain in chains for source_id in chain.tested_on}
    return tested_on | {one.source_id for one in citations(chains, context, disagreement)}


def citations(
    chains: Iterable[Chain], context: Iterable[Context], disagreement: Disagreement | None
) -> Iterator[Citation]:
    """The citation of every number in an answer."""
    steps = [step for chain in chains for step in chain.steps]
    yield from cited_with_statistics([*steps, *context])
    for step in steps:
        yield from step.figures
        yield from step.spread.figures if step.spread else ()
    for difference in disagreement.differences if disagreement else ():
        yield from difference.figures


def cited_with_statistics(found: Iterable[Step | Context]) -> Iterator[Citation]:
    for cited in found:
        yield cited
        if cited.statistics:
            yield from cited.statistics.figures
            yield from filter(None, [cited.statistics.ratio_to_nation])
