"""Places of a kind, ranked by the official statistics of a role."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from paycite.model.answer import (
    DatasetVersion,
    Percentiles,
    Step,
    UsedMetro,
    UsedRole,
    cited_with_statistics,
)
from paycite.model.figure import AsOf, Source
from paycite.model.vocabulary import Match

RankedBy = Literal["median", "p10", "p25", "p75", "p90", "employment", "ratio_to_nation"]
RankedKind = Literal["metro", "state"]


class OfficialPay(Struct, frozen=True, kw_only=True):
    """Official statistics of one place: a step for each occupation, with its figures."""

    metro: UsedMetro
    percentiles: Annotated[
        Percentiles, Meta(description="Of the occupation, or of the mixture of occupations.")
    ]
    as_of: Annotated[AsOf, Meta(description="The date of its oldest figure.")]
    employment: Annotated[
        int | None,
        Meta(
            description="People in the occupations, whatever their role; not a sample size. Null "
            "if not released for one of them."
        ),
    ]
    ratio_to_nation: Annotated[
        float | None,
        Meta(
            description="The median over that of `nation`, to three decimals; null if one of them "
            "is capped."
        ),
    ]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]


class RankedPlace(OfficialPay, frozen=True, kw_only=True):
    rank: Annotated[int, Meta(ge=1, description="1 for the highest; equal places share a rank.")]


class Ranking(Struct, frozen=True, kw_only=True):
    """A page of places, the highest first, and equal ones by id."""

    matches: Annotated[tuple[Match, ...], Meta(description="How the role was matched.")]
    role: UsedRole
    kind: RankedKind
    by: RankedBy
    min_employment: int
    total_places: Annotated[
        int, Meta(description="Places of the kind, with or without statistics.")
    ]
    ranked_places: Annotated[
        int,
        Meta(description="Places with every percentile, and with the value they are ranked by."),
    ]
    hidden_places: Annotated[
        int,
        Meta(description="Places left out by `min_employment`, also where employment is null."),
    ]
    nation: Annotated[OfficialPay | None, Meta(description="Null if it was not released.")]
    items: tuple[RankedPlace, ...]
    next: Annotated[str | None, Meta(description="The URL of the next page, or null.")]
    caveats: tuple[str, ...]
    sources: tuple[Source, ...]
    dataset: DatasetVersion

    def __post_init__(self) -> None:
        if cited(self.items, self.nation) != {source.id for source in self.sources}:
            raise ValueError("the sources of a ranking must be exactly those it cites")

    def page(self, items: tuple[RankedPlace, ...], next_: str | None) -> Self:
        """Replace the places by some of them, with their sources only."""
        ids = cited(items, self.nation)
        sources = tuple(source for source in self.sources if source.id in ids)
        return replace(self, items=items, next=next_, sources=sources)


def cited(items: Sequence[OfficialPay], nation: OfficialPay | None) -> set[str]:
    """The ids of the sources of every number."""
    every = [*items, nation] if nation else items
    return {one.source_id for place in every for one in cited_with_statistics(place.steps)}
