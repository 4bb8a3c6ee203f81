"""What every role pays in one place."""

from collections.abc import Iterable
from typing import Annotated, Self

from msgspec import Meta, Struct
from msgspec.structs import replace

from paycite.model.answer import (
    DatasetVersion,
    Estimate,
    Fallback,
    Links,
    UsedLevel,
    UsedMetro,
    UsedRole,
)
from paycite.model.figure import Source
from paycite.model.vocabulary import Match


class RolePay(Struct, frozen=True, kw_only=True):
    """The estimate of one role, which `links.self` derives."""

    rank: Annotated[int, Meta(ge=1, description="1 for the highest median; equals share a rank.")]
    role: UsedRole
    quote: str
    fallbacks: tuple[Fallback, ...]
    estimate: Estimate
    source_ids: Annotated[tuple[str, ...], Meta(min_length=1)]
    links: Links


class RolesPay(Struct, frozen=True, kw_only=True):
    """A page of roles, the highest median first, and equal ones by id."""

    matches: tuple[Match, ...]
    level: Annotated[UsedLevel | None, Meta(description="Null for all levels.")]
    metro: UsedMetro
    total_roles: Annotated[int, Meta(description="All roles, with or without an estimate.")]
    items: tuple[RolePay, ...]
    next: Annotated[str | None, Meta(description="The URL of the next page, or null.")]
    sources: tuple[Source, ...]
    dataset: DatasetVersion

    def __post_init__(self) -> None:
        if cited_ids(self.items) != {source.id for source in self.sources}:
            raise ValueError("the sources of a list of pay must be exactly those it cites")

    def page(self, items: tuple[RolePay, ...], next_: str | None) -> Self:
        """Replace the roles by some of them, with their sources only."""
        cited = cited_ids(items)
        sources = tuple(source for source in self.sources if source.id in cited)
        return replace(self, items=items, next=next_, sources=sources)


def cited_ids(items: Iterable[RolePay]) -> set[str]:
    """The ids of the sources of the estimates."""
    return {id_ for one in items for id_ in one.source_ids}
