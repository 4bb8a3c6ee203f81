"""Requests that were answered before, byte for byte: each gets the answer that it got then, in
front of everything that would look at it."""

from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from paycite.dataset.store import Datasets
from paycite.web.finished import FOUND, NEVER_KEPT, VIEW
from paycite.web.metrics import NUMBERS

_KEPT_BYTES = 8_000_000
_ENTRY_BYTES = 3_000  # of a request and its answer, beside the body
_NAMES_A_VIEWER = (b"authorization", b"cookie")
# With them, no request would be the same as another.
_NAMES_A_REQUEST = (b"x-request-id", b"traceparent", b"tracestate")

Key = tuple[Any, ...]


class Repeats:
    """An ASGI application around another, for requests that name no viewer. `view` is what those
    see: what was answered from its current dataset is kept as long as that is current, in the
    generation that answers name.

    `hits` counts the requests that were answered here. Its methods run on the event loop.
    """

    def __init__(self, app: ASGIApp, view: Datasets) -> None:
        self._app = app
        self._view = view
        self.hits = 0
        self._forget()

    def _forget(self) -> None:
        self._of = self._view.current, self._view.generation
        self._kept: dict[Key, tuple[Message, Message]] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        if self._of != (self._view.current, self._view.generation):
            self._forget()
        key = (
            scope["method"],
            scope["scheme"],
            scope["path"],
            scope["query_string"],
            *(one for one in scope["headers"] if one[0] not in _NAMES_A_REQUEST),
        )
        kept = self._kept.get(key)
        if kept is not None:
            self.hits += 1
            NUMBERS.hits += 1
            cast("Any", scope).update({VIEW: self._view, FOUND: "hit"})
            for message in kept:
                await send(message)
        elif any(name in _NAMES_A_VIEWER for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
        else:
            await self._answer(key, scope, receive, send)

    async def _answer(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        told: list[Any] = []

        async def tell(message: Message) -> None:
            told.append(message)
            await send(message)

        await self._app(scope, receive, tell)
        if len(told) == 2 and self._may_keep(told[0]):
            size = _ENTRY_BYTES + len(told[1]["body"])
            if self._bytes + size > _KEPT_BYTES:
                self._forget()
            self._kept[key] = (told[0], told[1])
            self._bytes += size

    def _may_keep(self, start: Any) -> bool:
        """Whether an answer, which may be one to a request of another time, is from the dataset
        that is current, and depends on nothing else."""
        headers = dict(start["headers"])
        return (
            start["status"] in (200, 304)
            and b"etag" in headers
            and headers[b"cache-control"] != NEVER_KEPT.encode()
            and self._of == (self._view.current, self._view.generation)
            and headers[b"x-dataset-version"].decode() == self._view.current.version
        )
