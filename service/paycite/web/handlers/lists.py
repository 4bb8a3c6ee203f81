"""What the addresses that list things share: pages, and the address of the next one."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.snapshot import Snapshot
from paycite.questions.parameters import DatasetParameters, Parsed, invalid
from paycite.web.endpoint import Ask

Item = TypeVar("Item")


class PageParameters(DatasetParameters, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=1_000, description="Items a page.")] = 100
    after: (
        Annotated[str, Meta(description="The id that the previous page ended with.")] | UnsetType
    ) = UNSET


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    items: tuple[Item, ...]
    next: Annotated[str | None, Meta(description="The address of the next page, if any.")]


Listing = TypeVar("Listing", bound=Page[Any])


def list_all(
    ask: Ask, listing: type[Listing], entries: Callable[[Snapshot], Mapping[str, Any]]
) -> Listing:
    """A page of all that a dataset has of something, by id."""
    parsed = ask.parse()
    parsed.faults.stop()
    items = list(entries(ask.store.snapshot).values())
    return build_page(ask, parsed, listing, items, attrgetter("id"))


def build_page(
    ask: Ask,
    parsed: Parsed,
    listing: type[Listing],
    items: Sequence[Any],
    key: Callable[[Any], str],
) -> Listing:
    """The page that was asked for, of all items in order; `key` is what `after` names."""
    start = 0
    if parsed["after"] is not None:
        keys = [key(item) for item in items]
        if parsed["after"] not in keys:
            refuse_after()
        start = keys.index(parsed["after"]) + 1
    return first_page(ask, parsed, listing, items[start:], key)


def refuse_after() -> None:
    raise invalid("after", "expected the id that the previous page ended with")


def first_page(
    ask: Ask,
    parsed: Parsed,
    listing: type[Listing],
    items: Sequence[Any],
    key: Callable[[Any], str],
) -> Listing:
    """The first `limit` items, and the address of the next page if there are more."""
    limit = parsed["limit"]
    if len(items) <= limit:
        return listing(items=tuple(items), next=None)
    query = {**ask.texts, "after": [key(items[limit - 1])]}
    return listing(items=tuple(items[:limit]), next=f"{ask.path}?{urlencode(query, doseq=True)}")
