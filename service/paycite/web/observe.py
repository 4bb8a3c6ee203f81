"""Around the whole service: each request gets an id, is counted and timed, and logged if a setting
says so. The id, and what is left of a quota, are added behind everything that keeps answers, so
none is kept with them."""

import re
import secrets
from collections.abc import Awaitable, Iterable
from itertools import count
from time import perf_counter, time
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils import normalize_path

from paycite.web.finished import FOUND, VIEW
from paycite.web.logs import REQUEST_LOG, Answered
from paycite.web.metrics import NUMBERS, count_request
from paycite.web.quotas import ACCOUNT, Account

# Where a request has its id, and the address it was routed by.
REQUEST_ID = "paycite.request_id"
ROUTE = "paycite.route"
NO_ROUTE = "unknown"
_HEADER = b"x-request-id"
_VALID_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


class Routes:
    """The addresses of the service, `{id}` in place of an id: few, whatever clients ask for."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)

    def find(self, path: str) -> str:
        return path if path in self._paths else self._find(normalize_path(path))

    def _find(self, path: str) -> str:
        plain = path.removesuffix(".json")
        folder, _, name = plain.rpartition("/")
        file = f"{folder}/{{id}}.{name.rpartition('.')[2]}"
        candidates = (path, plain, file, f"{folder}/{{id}}")
        return next((one for one in candidates if one in self._paths), NO_ROUTE)


class Observed:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, routes: Routes, *, logs_requests: bool) -> None:
        self._app = app
        self._routes = routes
        self._logs_requests = logs_requests
        # Ids are unique, not secret: a counter costs less than random bytes.
        ours = secrets.token_hex(6)
        self._own_ids = (f"{ours}-{at}" for at in count())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        notes = cast("dict[str, Any]", scope)
        request_id = notes[REQUEST_ID] = _given_id(scope["headers"]) or next(self._own_ids)
        route = notes[ROUTE] = self._routes.find(scope["path"])
        header = (_HEADER, request_id.encode())
        status, size = 500, 0  # what the server sends if nothing here does
        headers: Iterable[tuple[bytes, bytes]] = ()

        def send_counted(message: Message) -> Awaitable[None]:
            nonlocal status, size, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
                account: Account | None = notes.get(ACCOUNT)
                left = account.headers(status) if account else ()
                message = {**message, "headers": [*headers, *left, header]}
            elif message["type"] == "http.response.body":
                size += len(message["body"])
            return send(message)

        NUMBERS.under_way += 1
        try:
            await self._app(scope, receive, send_counted)
        finally:
            NUMBERS.under_way -= 1
            seconds = perf_counter() - begun
            count_request(route, status, seconds)
            if self._logs_requests:
                REQUEST_LOG.add(
                    Answered(
                        at=time(),
                        request_id=request_id,
                        method=scope["method"],
                        route=route,
                        status=status,
                        seconds=seconds,
                        size=size,
                        cache=notes.get(FOUND),
                        view=notes.get(VIEW),
                        headers=headers,
                    )
                )


def _given_id(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == _HEADER and _VALID_ID.fullmatch(value):
            return value.decode()
    return None
