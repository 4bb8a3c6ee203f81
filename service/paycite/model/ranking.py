"""The places of a kind, ranked by what official statistics say of a role in them."""

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
    """What was released for one place itself: a step for each occupation, with its figures."""

    metro: UsedMetro
    percentiles: Annotated[
        Percentiles, Meta(description="Of the occupation, or of the mixture of them.")
    ]
    as_of: Annotated[AsOf, Meta(description="The time that its oldest figure speaks of.")]
    employment: Annotated[
        int | None,
        Meta(
            description="People in the occupations, whatever their role; no sample size. Null "
            "where that of one was not released."
        ),
    ]
    ratio_to_nation: Annotated[
        float | None,
        Meta(
            description="The median over that of `nation`, to three decimals; null where one of "
            "them is capped."
        ),
    ]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]


class RankedPlace(OfficialPay, frozen=True, kw_only=True):
    rank: Annotated[
        int, Meta(ge=1, description="One more than the places above it: equals share a rank.")
    ]


class Ranking(Struct, frozen=True, kw_only=True):
    """Places, the highest first, and equals in order of id; a page of them."""

    matches: Annotated[tuple[Match, ...], Meta(description="How the role was read.")]
    role: UsedRole
    kind: RankedKind
    by: RankedBy
    total_places: Annotated[int, Meta(description="Places of the kind, with figures or without.")]
    ranked_places: Annotated[
        int, Meta(description="Those of which all percentiles were released, and what ranks them.")
    ]
    nation: Annotated[OfficialPay | None, Meta(description="Null where it was not released.")]
    items: tuple[RankedPlace, ...]
    next: Annotated[str | None, Meta(description="The address of the next page, if any.")]
    caveats: tuple[str, ...]
    sources: tuple[Source, ...]
    dataset: DatasetVersion

    def __post_init__(self) -> None:
        if cited(self.items, self.nation) != {source.id for source in self.sources}:
            raise ValueError("the sources of a ranking are those it cites, and no others")

    def page(self, items: tuple[RankedPlace, ...], next_: str | None) -> Self:
        """The same with some of the places, and the sources of these."""
        ids = cited(items, self.nation)
        sources = tuple(source for source in self.sources if source.id in ids)
        return replace(self, items=items, next=next_, sources=sources)


def cited(items: Sequence[OfficialPay], nation: OfficialPay | None) -> set[str]:
    """The ids of the sources of every number."""
    every = [*items, nation] if nation else items
    return {one.source_id for place in every for one in cited_with_statistics(place.steps)}
