"""Requests that were answered before, byte for byte: each gets the answer that it got then, in
front of everything that would look at it.

The server asks this by RSGI, which costs a third less than ASGI for answers with as many headers.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter, time
from typing import Any, NamedTuple
from weakref import ref

from granian.rsgi import HTTPProtocol, Scope

from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.web import rsgi
from paycite.web.asked import ASKED, Asked
from paycite.web.finished import DATASET_VERSION, NEVER_KEPT, VIEW
from paycite.web.logs import REQUEST_LOG, Answered
from paycite.web.metrics import NUMBERS, count_request
from paycite.web.observe import MESSAGES, REQUEST_HEADER, ROUTE, Observed
from paycite.web.quotas import Account
from paycite.web.work import LARGE

_KEPT_BYTES = 8_000_000
_ENTRY_BYTES = 3_000  # of a request and its answer, beside their texts
# With them, no request would be the same as another.
_NAMES_A_REQUEST = (REQUEST_HEADER, "traceparent", "tracestate")

Key = tuple[Any, ...]
Readmit = Callable[[str, Asked], tuple[Datasets | None, Account | None]]


class _Kept(NamedTuple):
    """An answer, who asked, and the view, dataset and generation that it is from. The dataset ends
    without it."""

    status: int
    headers: rsgi.Headers
    body: bytes
    route: str
    asked: Asked
    view: Datasets
    store: "ref[Store]"
    version: str
    generation: int

    @property
    def is_current(self) -> bool:
        return self.view.current is self.store() and self.view.generation == self.generation

    def build_record(self, method: str, request_id: str, seconds: float) -> Answered:
        return Answered(
            at=time(),
            request_id=request_id,
            method=method,
            route=self.route,
            status=self.status,
            seconds=seconds,
            size=len(self.body),
            cache="hit",
            view=self.view,
            dataset=self.version,
        )


class Repeats:
    """An RSGI application around an ASGI one. An answer is kept as long as its dataset is current
    in the view of who asked, in the generation that the answer names; `readmit` says what that is
    for a request from an address with the same headers, so that each is charged, and a key works no
    longer than it should. None is kept if each request is to be traced.

    Its methods run on the event loop.
    """

    def __init__(self, app: Observed, readmit: Readmit, *, is_traced: bool = False) -> None:
        self.app = app
        self._lifespan = rsgi.Lifespan(app)
        self._readmit = readmit
        self._is_traced = is_traced
        self._forget()

    def _forget(self) -> None:
        self._kept: dict[Key, _Kept] = {}
        self._bytes = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._lifespan.start(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._lifespan.stop(loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        begun = perf_counter()
        every: Any = scope.headers
        headers = every.items()
        named = dict(headers)
        # Of a header that is not ASCII only the name is known: requests that differ in it would
        # have the same key.
        is_readable = len(named) == len(every)
        key = (
            scope.method,
            scope.scheme,
            scope.authority,  # the host of a request that has no header for it
            scope.path,
            scope.query_string,
            *[one for one in headers if one[0] not in _NAMES_A_REQUEST],
        )
        kept = self._kept.get(key) if is_readable else None
        if kept and not kept.is_current:
            self._forget()
        elif kept:
            view, account = self._readmit(scope.client, kept.asked)
            if view is kept.view:
                NUMBERS.hits += 1
                request_id = self.app.choose_id(named.get(REQUEST_HEADER))
                left = rsgi.decode_headers(account.headers(kept.status)) if account else ()
                sent = [*kept.headers, *left, (REQUEST_HEADER, request_id)]
                protocol.response_bytes(kept.status, sent, kept.body)
                seconds = perf_counter() - begun
                count_request(kept.route, kept.status, seconds)
                if self.app.logs_requests:
                    REQUEST_LOG.add(kept.build_record(scope.method, request_id, seconds))
                return
        asked = await rsgi.ask(self.app, scope, protocol)
        may_keep = is_readable and not self._is_traced and not rsgi.has_body(scope)
        if may_keep and scope.method in ("GET", "HEAD"):
            self._keep(key, asked)

    def _keep(self, key: Key, asked: dict[str, Any]) -> None:
        messages, view = asked[MESSAGES], asked.get(VIEW)
        if len(messages) != 2 or not view or not _may_keep(messages, view):
            return
        if key in self._kept:  # it was asked at the same time
            return
        start, body = messages[0], messages[1]["body"]
        size = _ENTRY_BYTES + len(body) + len(repr(key))
        if self._bytes + size > _KEPT_BYTES:
            self._forget()
        answer = start["status"], rsgi.decode_headers(start["headers"]), body
        now = ref(view.current), view.current.version, view.generation
        self._kept[key] = _Kept(*answer, asked[ROUTE], asked[ASKED], view, *now)
        self._bytes += size


def _may_keep(messages: list[Any], view: Datasets) -> bool:
    """Whether an answer, which may be one to a request of another time, is from the dataset that is
    current, and depends on nothing else."""
    start, body = messages
    headers = dict(start["headers"])
    generation = headers.get(b"x-dataset-generation")
    return (
        start["status"] in (200, 304)
        and "body" in body
        and len(body["body"]) < LARGE  # others are counted, and may be refused
        and b"etag" in headers
        and headers[b"cache-control"] != NEVER_KEPT.encode()
        and headers[DATASET_VERSION].decode() == view.current.version
        and generation in (None, b"%d" % view.generation)
    )
