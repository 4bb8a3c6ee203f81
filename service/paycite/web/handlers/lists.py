"""What the addresses that list things share: datasets, pages, and the next one's address."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from litestar import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.dataset.store import Store
from paycite.model.problem import Faults
from paycite.model.snapshot import Snapshot
from paycite.questions.parameters import DatasetParameters, given, invalid
from paycite.questions.question import known_source, read_pinned
from paycite.web.respond import ApiRequest, Representation, send, store_of

Item = TypeVar("Item")


class PageParameters(DatasetParameters, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=1_000, description="Items a page.")] = 100
    after: (
        Annotated[str, Meta(description="The id that the page before ended with.")] | UnsetType
    ) = UNSET


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    items: tuple[Item, ...]
    next: Annotated[str | None, Meta(description="The address of the next page, if any.")]


Listing = TypeVar("Listing", bound=Page[Any])


class Listed(Struct, frozen=True):
    """What was asked of a list: its path, and its parameters as text and as values."""

    path: str
    texts: Mapping[str, Sequence[str]]
    values: Mapping[str, Any]


class Asked(Listed, frozen=True):
    """A request that was read, the dataset that it asks for, and what is wrong so far."""

    request: ApiRequest
    store: Store
    faults: Faults

    def answer(self, value: object) -> Response[bytes]:
        return send(self.request, Representation.of(value), self.store)


async def asked(request: ApiRequest, parameters: type[DatasetParameters]) -> Asked:
    faults = Faults()
    texts = given(request.scope["query_string"])
    store = await store_of(request, texts)
    values = read_pinned(parameters, texts, store.snapshot, faults)
    if values.get("source"):
        faults.attempt(known_source, values["source"], store.snapshot, "source")
    return Asked(request.scope["path"], texts, values, request, store, faults)


async def every(
    request: ApiRequest, listing: type[Listing], entries: Callable[[Snapshot], Mapping[str, Any]]
) -> Response[bytes]:
    """A page of all that a dataset has of something, by id."""
    question = await asked(request, PageParameters)
    question.faults.stop()
    items = list(entries(question.store.snapshot).values())
    return question.answer(page_of(listing, items, question, attrgetter("id")))


def page_of(
    listing: type[Listing], items: Sequence[Any], asked: Listed, key: Callable[[Any], str]
) -> Listing:
    """The page that was asked for, of all items in their order; `key` is what `after` names."""
    after = asked.values["after"]
    start = 0
    if after is not None:
        keys = [key(item) for item in items]
        if after not in keys:
            refuse_after()
        start = keys.index(after) + 1
    return first_page(listing, items[start:], asked, key)


def refuse_after() -> None:
    raise invalid("after", "it must be what the page before ended with")


def first_page(
    listing: type[Listing], items: Sequence[Any], asked: Listed, key: Callable[[Any], str]
) -> Listing:
    """The first `limit` items, and the address of the page after them if there are more."""
    limit = asked.values["limit"]
    if len(items) <= limit:
        return listing(items=tuple(items), next=None)
    query = {**asked.texts, "after": [key(items[limit - 1])]}
    return listing(items=tuple(items[:limit]), next=f"{asked.path}?{urlencode(query, doseq=True)}")
