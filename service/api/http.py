"""How an answer becomes HTTP: its bytes, its headers, and the problems beside it."""

import hashlib
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import CacheControlHeader, State
from msgspec import Struct

from service import __version__
from service.dataset.store import Datasets, Store

ApiRequest = Request[Any, Any, State]

# A pinned answer changes only with the service; a current one with the next dataset.
_CURRENT = CacheControlHeader(public=True, max_age=60).to_header()
_PINNED = CacheControlHeader(public=True, max_age=86_400).to_header()


class Representation(Struct, frozen=True):
    """An encoded answer; `etag` is a hash of it."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, value: object) -> "Representation":
        body = msgspec.json.encode(value)
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def datasets(request: ApiRequest) -> Datasets:
    opened: Datasets = request.app.state.datasets
    return opened


def send(
    request: ApiRequest, representation: Representation, store: Store, *, is_pinned: bool = False
) -> Response[bytes]:
    """The representation, or 304 where the client has it already."""
    headers = {
        "ETag": representation.etag,
        "Cache-Control": _PINNED if is_pinned else _CURRENT,
        **versions(store),
    }
    if _has_it(request.headers.get("if-none-match", ""), representation.etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(representation.body, media_type="application/json", headers=headers)


def _has_it(if_none_match: str, etag: str) -> bool:
    held = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in held or "*" in held


def versions(store: Store) -> dict[str, str]:
    return {"X-Dataset-Version": store.snapshot.version, "X-Service-Version": __version__}
