"""Requests that were answered before, byte for byte: each gets the answer that it got then, in
front of everything that would look at it."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from paycite.dataset.store import Datasets, Store
from paycite.web.access import ASKED, Asked
from paycite.web.finished import FOUND, NEVER_KEPT, VIEW
from paycite.web.metrics import NUMBERS

_KEPT_BYTES = 8_000_000
_ENTRY_BYTES = 3_000  # of a request and its answer, beside the body
# With them, no request would be the same as another.
_NAMES_A_REQUEST = (b"x-request-id", b"traceparent", b"tracestate")

Key = tuple[Any, ...]
Readmit = Callable[[Scope, Asked], Datasets | None]


class _Kept(NamedTuple):
    """An answer, who asked, and the view, dataset and generation that it is from."""

    start: Message
    body: Message
    asked: Asked
    view: Datasets
    store: Store
    generation: int

    @property
    def is_current(self) -> bool:
        return self.view.current is self.store and self.view.generation == self.generation


class Repeats:
    """An ASGI application around another. An answer is kept as long as its dataset is current in
    the view of who asked, in the generation that the answer names; `readmit` says what that is for
    a request with the same headers, so that each is charged, and a key works no longer than it
    should.

    `hits` counts the requests that were answered here. Its methods run on the event loop.
    """

    def __init__(self, app: ASGIApp, readmit: Readmit) -> None:
        self._app = app
        self._readmit = readmit
        self.hits = 0
        self._forget()

    def _forget(self) -> None:
        self._kept: dict[Key, _Kept] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        key = (
            scope["method"],
            scope["scheme"],
            scope["path"],
            scope["query_string"],
            *[one for one in scope["headers"] if one[0] not in _NAMES_A_REQUEST],
        )
        kept = self._kept.get(key)
        if kept and not kept.is_current:
            self._forget()
        elif kept and self._readmit(scope, kept.asked) is kept.view:
            self.hits += 1
            NUMBERS.hits += 1
            notes = cast("Any", scope)
            notes.update({VIEW: kept.view, FOUND: "hit"})
            await send(kept.start)
            await send(kept.body)
            return
        await self._answer(key, scope, receive, send)

    async def _answer(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        told: list[Any] = []

        async def tell(message: Message) -> None:
            told.append(message)
            await send(message)

        await self._app(scope, receive, tell)
        notes = cast("Any", scope)
        view: Datasets | None = notes.get(VIEW)
        if len(told) == 2 and view and _may_keep(told[0], view):
            start, body = told
            size = _ENTRY_BYTES + len(body["body"])
            if self._bytes + size > _KEPT_BYTES:
                self._forget()
            asked, now = notes[ASKED], (view.current, view.generation)
            self._kept[key] = _Kept(start, body, asked, view, *now)
            self._bytes += size


def _may_keep(start: Any, view: Datasets) -> bool:
    """Whether an answer, which may be one to a request of another time, is from the dataset that is
    current, and depends on nothing else."""
    headers = dict(start["headers"])
    generation = headers.get(b"x-dataset-generation")
    return (
        start["status"] in (200, 304)
        and b"etag" in headers
        and headers[b"cache-control"] != NEVER_KEPT.encode()
        and headers[b"x-dataset-version"].decode() == view.current.version
        and generation in (None, b"%d" % view.generation)
    )
