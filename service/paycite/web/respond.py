"""How an answer becomes HTTP: its bytes, its headers, and the problems beside it."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Self

import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from cachetools import LRUCache
from litestar import Request, Response
from litestar.datastructures import CacheControlHeader, State
from msgspec import Struct

from paycite import __version__
from paycite.dataset.store import Datasets, Store
from paycite.questions.parameters import MAX_PARAMETERS, given

ApiRequest = Request[Any, Any, State]

# A pinned answer changes only with the service; a current one with the next dataset.
CURRENT = CacheControlHeader(public=True, max_age=60).to_header()
PINNED = CacheControlHeader(public=True, max_age=86_400).to_header()
NEVER_KEPT = CacheControlHeader(no_store=True).to_header()
_KEPT_BYTES = 64_000_000


class Representation(Struct, frozen=True):
    """An encoded answer; `etag` is a hash of it."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, value: object) -> Self:
        return cls.of_bytes(msgspec.json.encode(value), "application/json")

    @classmethod
    def of_bytes(cls, body: bytes, media_type: str) -> Self:
        return cls(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def datasets(request: ApiRequest) -> Datasets:
    opened: Datasets = request.app.state.datasets
    return opened


class Kept:
    """Representations that take longer than the event loop should wait: made beside it, and kept.
    To be used on the event loop only."""

    def __init__(self) -> None:
        self._representations: LRUCache[Hashable, Representation] = LRUCache(
            _KEPT_BYTES, getsizeof=lambda representation: len(representation.body)
        )
        self._one_at_a_time = CapacityLimiter(1)
        self._several = CapacityLimiter(8)

    async def find(
        self, key: Hashable, make: Callable[[], Representation], one_at_a_time: bool
    ) -> Representation:
        found = self._representations.get(key)
        if found is None:
            async with self._one_at_a_time if one_at_a_time else self._several:
                found = self._representations.get(key)  # another request may have made it
                if found is None:
                    found = await run_sync(make)
                    self._keep(key, found)
        return found

    def _keep(self, key: Hashable, made: Representation) -> None:
        if len(made.body) <= _KEPT_BYTES:
            self._representations[key] = made

    def clear(self) -> None:
        self._representations.clear()


async def kept(
    request: ApiRequest,
    key: Hashable,
    make: Callable[[], Representation],
    one_at_a_time: bool = False,
) -> Representation:
    """The representation of a key, which says all that it depends on; made if it is not kept."""
    known: Kept = request.app.state.kept
    return await known.find(key, make, one_at_a_time)


class Asked(Struct, frozen=True):
    """The dataset that a query asks for, and how long its answer may be kept."""

    query_string: bytes
    store: Store
    cache_control: str


async def asked_of(request: ApiRequest, most: int = MAX_PARAMETERS) -> Asked:
    """Only what is needed before an answer that is kept is looked up."""
    query_string: bytes = request.scope["query_string"]
    may_pin = b"dataset" in query_string or b"%" in query_string
    texts = given(query_string, most) if may_pin else {}
    cache_control = PINNED if "dataset" in texts else CURRENT
    return Asked(query_string, await store_of(request, texts), cache_control)


async def store_of(request: ApiRequest, texts: Mapping[str, list[str]]) -> Store:
    """The dataset asked for, opened beside the event loop; the current one where none is, or
    where it is not kept, which `read` refuses with all else that is wrong."""
    opened = datasets(request)
    version = texts.get("dataset", [""])[0]
    if not version or version == opened.current.snapshot.version:
        return opened.current
    return await run_sync(opened.pinned, version) or opened.current


def send(
    request: ApiRequest,
    representation: Representation,
    store: Store,
    cache_control: str = CURRENT,
    policy: str | None = None,
) -> Response[bytes]:
    """The representation, or 304 where the client has it already."""
    headers = {
        "ETag": representation.etag,
        "Cache-Control": cache_control,
        "X-Dataset-Version": store.snapshot.version,
        "X-Service-Version": __version__,
    }
    if policy:
        headers["Content-Security-Policy"] = policy
    if _has_it(request.headers.get("if-none-match", ""), representation.etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(representation.body, media_type=representation.media_type, headers=headers)


def _has_it(if_none_match: str, etag: str) -> bool:
    held = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in held or "*" in held
