"""What the listing endpoints share: pages, and the URL of the next one."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.snapshot import Snapshot
from paycite.questions.parameters import DatasetParameters, Parsed, invalid
from paycite.web.endpoint import Ask

Item = TypeVar("Item")
Limit = Annotated[int, Meta(ge=1, le=1_000, description="Items per page.")]
After = Annotated[str, Meta(description="The last id of the previous page.")]


class PageParameters(DatasetParameters, frozen=True, kw_only=True):
    limit: Limit = 50
    after: After | UnsetType = UNSET


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    items: tuple[Item, ...]
    next: Annotated[str | None, Meta(description="The URL of the next page, or null.")]


Listing = TypeVar("Listing", bound=Page[Any])


def list_all(
    ask: Ask, listing: type[Listing], entries: Callable[[Snapshot], Mapping[str, Any]]
) -> Listing:
    """Build a page of all items of a kind in the dataset, by id."""
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
    """Build the requested page of all items, in order; `after` is a value of `key`."""
    start = 0
    if parsed["after"] is not None:
        keys = [key(item) for item in items]
        if parsed["after"] not in keys:
            refuse_after()
        start = keys.index(parsed["after"]) + 1
    return first_page(ask, parsed, listing, items[start:], key)


def refuse_after() -> None:
    raise invalid("after", "expected the last id of the previous page")


def first_page(
    ask: Ask,
    parsed: Parsed,
    listing: type[Listing],
    items: Sequence[Any],
    key: Callable[[Any], str],
) -> Listing:
    """Build a page of the first `limit` items, with the URL of the next page if there are more."""
    limit = parsed["limit"]
    if len(items) <= limit:
        return listing(items=tuple(items), next=None)
    query = {**ask.texts, "after": [key(items[limit - 1])]}
    return listing(items=tuple(items[:limit]), next=f"{ask.path}?{urlencode(query, doseq=True)}")
