"""How an answer becomes HTTP: its bytes, its headers, and the problems beside it."""

import hashlib
from collections.abc import Mapping
from typing import Any, Self

import msgspec
from anyio.to_thread import run_sync
from litestar import Request, Response
from litestar.datastructures import CacheControlHeader, State
from msgspec import Struct

from service import __version__
from service.dataset.store import Datasets, Store

ApiRequest = Request[Any, Any, State]

# A pinned answer changes only with the service; a current one with the next dataset.
CURRENT = CacheControlHeader(public=True, max_age=60).to_header()
PINNED = CacheControlHeader(public=True, max_age=86_400).to_header()
NEVER_KEPT = CacheControlHeader(no_store=True).to_header()


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


async def store_of(request: ApiRequest, texts: Mapping[str, list[str]]) -> Store:
    """The dataset asked for, opened beside the event loop; the current one where none is, or
    where it is not kept, which `read` refuses with all else that is wrong."""
    opened = datasets(request)
    version = texts.get("dataset", [""])[0]
    if not version or version == opened.current.snapshot.version:
        return opened.current
    return await run_sync(opened.pinned, version) or opened.current


def send(
    request: ApiRequest, representation: Representation, store: Store, cache_control: str = CURRENT
) -> Response[bytes]:
    """The representation, or 304 where the client has it already."""
    headers = {
        "ETag": representation.etag,
        "Cache-Control": cache_control,
        "X-Dataset-Version": store.snapshot.version,
        "X-Service-Version": __version__,
    }
    if _has_it(request.headers.get("if-none-match", ""), representation.etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(representation.body, media_type=representation.media_type, headers=headers)


def _has_it(if_none_match: str, etag: str) -> bool:
    held = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in held or "*" in held
