"""Finished answers in front of the framework: kept by dataset and canonical query, compressed once
for each encoding, and sent as 304 to a client that has them. Of an answer that is a file, only the
headers are kept.

An answer depends on nothing else: the parts of a request that may change it are in its key.
"""

import asyncio
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

import msgspec
import zstandard
from anyio.to_thread import run_sync
from cachetools import LRUCache
from litestar.datastructures import CacheControlHeader
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from msgspec import Struct

from paycite.dataset.published import Datasets
from paycite.model.problem import Refusal
from paycite.web.byte_ranges import choose_range, send_file
from paycite.web.metrics import NUMBERS, count_refusal
from paycite.web.page import is_wanted
from paycite.web.work import LARGE_ANSWERS

# A pinned answer changes only with the service; an answer from the current dataset, with the next.
CURRENT = CacheControlHeader(public=True, max_age=60).to_header()
PINNED = CacheControlHeader(public=True, max_age=31_536_000, immutable=True).to_header()
NEVER_KEPT = CacheControlHeader(no_store=True).to_header()
DATASET_VERSION = b"x-dataset-version"  # the header that names it

_KEPT_BYTES = 24_000_000
_ENTRY_BYTES = 2_000  # of an answer, beside its bodies and its key: headers and objects
_COMPRESSED_FROM = 1_000  # bytes: the headers of a smaller answer fill the packet
_COMPRESSED_IN_THREAD = 200_000
_NOT_COMPRESSED = (b"image/png",)
_ENCODINGS = (b"zstd", b"gzip")  # the first that a client accepts
_READ = (b"host", b"accept", b"accept-encoding", b"if-none-match", b"range", b"if-range")
_LOST_WITH_304 = (b"content-type", b"content-length")

# Scope keys: the caller's view of the datasets, and the file to send.
VIEW = "paycite.datasets"
FILE = "paycite.file"
# Scope key: `hit` or `miss`, for an answer that may be kept.
FOUND = "paycite.found"

Headers = list[tuple[bytes, bytes]]
Key = tuple[Any, ...]


class _Variant(Struct, frozen=True):
    start: Message
    body: Message

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes) -> "_Variant":
        return cls(
            {"type": "http.response.start", "status": status, "headers": headers},
            {"type": "http.response.body", "body": body, "more_body": False},
        )

    @property
    def size(self) -> int:
        return len(cast("Any", self.body)["body"])

    async def send(self, send: Send) -> None:
        await send(self.start)
        await send(self.body)


class _Finished:
    """An answer with an ETag, in each encoding that was asked for."""

    def __init__(self, key: Key, headers: Headers, body: bytes, file: Path | None) -> None:
        self._key_bytes = len(repr(key))
        named = dict(headers)
        self.file = file
        self._seen = _see(file) if file else None
        self.etag = named[b"etag"]
        self._tag = _plain_tag(named[b"etag"])
        self.version = named[DATASET_VERSION]
        self.cache_control = named[b"cache-control"].decode()
        self.is_compressed = (
            len(body) >= _COMPRESSED_FROM and named[b"content-type"] not in _NOT_COMPRESSED
        )
        if self.is_compressed:
            vary = b", ".join(filter(None, (named.get(b"vary"), b"Accept-Encoding")))
            headers = [*(one for one in headers if one[0] != b"vary"), (b"vary", vary)]
        self.headers, self._body = headers, body
        unchanged = [one for one in headers if one[0] not in _LOST_WITH_304]
        self.unchanged = _Variant.of(304, unchanged, b"")
        self._variants = {b"": _Variant.of(200, headers, body)}

    @property
    def size(self) -> int:
        """Its bytes at most: with all its variants, which are smaller than the plain one."""
        bodies = len(self._body) * (1 + len(_ENCODINGS) * self.is_compressed)
        return _ENTRY_BYTES + self._key_bytes + bodies

    async def variant(self, accepted: bytes) -> _Variant:
        encoding = _choose(accepted) if self.is_compressed else b""
        found = self._variants.get(encoding)
        if found is None:
            compress = partial(_compress, self._body, encoding)
            is_long = len(self._body) >= _COMPRESSED_IN_THREAD
            found = self._encoded(encoding, await run_sync(compress) if is_long else compress())
            self._variants[encoding] = found
        return found

    def _encoded(self, encoding: bytes, body: bytes) -> _Variant:
        headers = [one for one in self.headers if one[0] != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        return _Variant.of(200, [*headers, (b"content-encoding", encoding)], body)

    def is_gone(self) -> bool:
        """Whether it was a file that was removed with its dataset, or changed since."""
        return self.file is not None and _see(self.file) != self._seen

    def is_held(self, if_none_match: bytes) -> bool:
        tags = [_plain_tag(tag) for tag in if_none_match.split(b",")]
        return self._tag in tags or b"*" in tags


def _see(file: Path) -> tuple[int, int] | None:
    """The time and the size of a file, if there is one."""
    with suppress(OSError):
        seen = file.stat()
        return seen.st_mtime_ns, seen.st_size
    return None


class FinishedAnswers:
    """An ASGI application around another. Its methods run on the event loop."""

    def __init__(self, app: ASGIApp, datasets: Datasets) -> None:
        self._app = app
        self._datasets = datasets
        self._kept: LRUCache[Key, _Finished] = LRUCache(
            _KEPT_BYTES, getsizeof=lambda finished: finished.size
        )
        self._under_way: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        asked = dict.fromkeys(_READ, b"")
        has_origin = False
        for name, value in scope["headers"]:
            if name in asked:
                asked[name] = asked[name] + b"," + value if asked[name] else value
            elif name == b"origin":
                has_origin = True
        datasets: Datasets = cast("Any", scope).get(VIEW, self._datasets)
        version = datasets.current.snapshot.version
        key = (
            version,
            datasets.scope,  # a pinned dataset may exist for one viewer only
            scope["path"],
            _canonical(scope["query_string"]),
            scope["scheme"],
            asked[b"host"],
            is_wanted(asked[b"accept"].decode("latin-1")),
            has_origin,
        )
        finished = self._kept.get(key)
        if finished is not None and finished.is_gone():
            del self._kept[key]
            finished = None
        if finished is None:
            finished = await self._make(key, scope, receive, send)
            if finished is None:  # already sent, uncached
                return
        else:
            self._count_hit(scope)
        if finished.is_held(asked[b"if-none-match"]):
            await finished.unchanged.send(send)
        elif finished.file:
            await _send_file(finished, finished.file, asked, scope, send)
        else:
            variant = await finished.variant(asked[b"accept-encoding"])
            await _unless_busy(variant, finished.headers, scope["path"]).send(send)

    async def _make(self, key: Key, scope: Scope, receive: Receive, send: Send) -> _Finished | None:
        """Make the answer, once for all who wait for it. None if it has no ETag: it was sent."""
        while (event := self._under_way.get(key)) is not None:
            await event.wait()
            if (finished := self._kept.get(key)) is not None:
                self._count_hit(scope)
                return finished
        event = self._under_way[key] = asyncio.Event()
        try:
            start, body, file = await _answer(self._app, scope, receive)
            headers = list(start["headers"])
            if start["status"] != 200 or not any(name == b"etag" for name, _ in headers):
                await send(start)
                await send({"type": "http.response.body", "body": body, "more_body": False})
                return None
            finished = _Finished(key, headers, body, file)
            # A dataset may have been published meanwhile.
            is_of_key = finished.version.decode() == key[0]
            if finished.cache_control == PINNED or (
                finished.cache_control == CURRENT and is_of_key
            ):
                NUMBERS.misses += 1
                cast("Any", scope)[FOUND] = "miss"
                if finished.size <= _KEPT_BYTES:
                    self._kept[key] = finished
                    NUMBERS.finished_bytes = int(self._kept.currsize)
            return finished
        finally:
            del self._under_way[key]
            event.set()

    def _count_hit(self, scope: Scope) -> None:
        NUMBERS.hits += 1
        cast("Any", scope)[FOUND] = "hit"


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Any, bytes, Path | None]:
    """The answer of an application: its first message, its body, and the file if it is one."""
    messages: list[Any] = []

    async def take(message: Message) -> None:
        messages.append(message)

    # Answered like GET; the server drops the body of an answer to HEAD.
    as_get: Any = {**scope, "method": "GET"}
    await app(as_get, receive, take)
    start, *parts = messages
    return start, b"".join(part.get("body", b"") for part in parts), as_get.get(FILE)


async def _send_file(
    finished: _Finished, file: Path, asked: Mapping[bytes, bytes], scope: HTTPScope, send: Send
) -> None:
    headers = [one for one in finished.headers if one[0] != b"content-length"]
    size = file.stat().st_size
    # Of GET alone: RFC 9110, 14.2.
    range_ = asked[b"range"] if scope["method"] == "GET" else b""
    try:
        part = choose_range(range_, asked[b"if-range"], finished.etag, size)
    except ValueError:
        await _outside(size, headers, scope["path"]).send(send)
    else:
        await send_file(file, size, part, headers, scope["method"], send)


def _outside(size: int, headers: Headers, path: str) -> _Variant:
    """The problem of a part that begins after the end of a file."""
    detail = f"The file has {size:,} bytes: the requested range begins after its end."
    refusal = Refusal.of("range-not-satisfiable", detail)
    return _refused(refusal, headers, path, {b"content-range": b"bytes */%d" % size})


def _unless_busy(variant: _Variant, headers: Headers, path: str) -> _Variant:
    try:
        LARGE_ANSWERS.refuse_more(variant.size)
    except Refusal as refusal:
        return _refused(refusal, headers, path, {b"retry-after": b"1"})
    return variant


def _refused(
    refusal: Refusal, headers: Headers, path: str, added: Mapping[bytes, bytes]
) -> _Variant:
    """The problem in place of an answer with these headers."""
    problem = refusal.problem(path)
    count_refusal(problem.type)
    replaced = {
        b"content-type": b"application/problem+json",
        b"cache-control": NEVER_KEPT.encode(),
        **added,
    }
    body = msgspec.json.encode(problem)
    kept = [one for one in headers if one[0] not in {*replaced, b"etag", b"content-length"}]
    length = (b"content-length", str(len(body)).encode())
    return _Variant.of(problem.status, [*kept, *replaced.items(), length], body)


def _canonical(query: bytes) -> bytes:
    """The parameters in order of name; repeated ones stay in their order. As it is, if a name is
    escaped, which then may be any."""
    if b"&" not in query:
        return query
    parameters = [(one.partition(b"=")[0], at, one) for at, one in enumerate(query.split(b"&"))]
    if any(b"%" in name or b"+" in name for name, _, _ in parameters):
        return query
    return b"&".join(one for _, _, one in sorted(parameters))


@lru_cache(256)
def _choose(accepted: bytes) -> bytes:
    """The encoding for an Accept-Encoding header; empty for none."""
    named = _read_weights(accepted.lower().split(b","))
    return next((one for one in _ENCODINGS if named.get(one, named.get(b"*", 0)) > 0), b"")


def _read_weights(parts: Iterable[bytes]) -> dict[bytes, float]:
    weights = {}
    for part in parts:
        name, _, weight = part.partition(b";")
        try:
            weights[name.strip()] = float(weight.partition(b"=")[2] or 1)
        except ValueError:
            weights[name.strip()] = 0
    return weights


def _compress(body: bytes, encoding: bytes) -> bytes:
    if encoding == b"zstd":
        # Copied: the compressor's own bytes keep as much memory as the plain body.
        return bytes(memoryview(zstandard.ZstdCompressor(level=3).compress(body)))
    return zlib.compress(body, level=6, wbits=31)


def _plain_tag(tag: bytes) -> bytes:
    """A tag without what proxies do to it when they compress an answer."""
    return tag.strip().removeprefix(b"W/").replace(b'-gzip"', b'"')
