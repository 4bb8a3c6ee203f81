"""Around the whole service: each request gets an id, is counted and timed, and logged if a setting
says so. The id, and what is left of a quota, are added outside every cache, so cached answers never
contain them."""

import re
import secrets
from collections.abc import Awaitable, Iterable
from itertools import count
from time import perf_counter, time
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils import normalize_path

from paycite.web.finished import DATASET_VERSION, FOUND, VIEW
from paycite.web.logs import REQUEST_LOG, Answered
from paycite.web.metrics import NUMBERS, count_request
from paycite.web.quotas import ACCOUNT, Account

# Scope keys: the request id and the route.
REQUEST_ID = "paycite.request_id"
ROUTE = "paycite.route"
NO_ROUTE = "unknown"
REQUEST_HEADER = "x-request-id"
# Scope key: the first messages of the answer, without what is added here.
MESSAGES = "paycite.messages"
_MOST_MESSAGES = 3  # more than a whole answer has, less than a file
_HEADER = REQUEST_HEADER.encode()
_VALID_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


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
        self.logs_requests = logs_requests
        # Ids are unique, not secret: a counter costs less than random bytes.
        ours = secrets.token_hex(6)
        self._own_ids = (f"{ours}-{at}" for at in count())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        notes = cast("dict[str, Any]", scope)
        given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        request_id = notes[REQUEST_ID] = self.choose_id(given.decode("latin-1"))
        route = notes[ROUTE] = self._routes.find(scope["path"])
        messages: list[Any] = []
        notes[MESSAGES] = messages
        size = 0

        def send_noted(message: Message) -> Awaitable[None]:
            nonlocal size
            if len(messages) < _MOST_MESSAGES:
                messages.append(message)
            if message["type"] == "http.response.start":
                account: Account | None = notes.get(ACCOUNT)
                left = account.headers(message["status"]) if account else ()
                headers = [*message["headers"], *left, (_HEADER, request_id.encode())]
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body":
                size += len(message["body"])
            else:  # a file
                size = int(dict(messages[0]["headers"])[b"content-length"])
            return send(message)

        NUMBERS.under_way += 1
        try:
            await self._app(scope, receive, send_noted)
        finally:
            NUMBERS.under_way -= 1
            # If no response was sent, the server sends this.
            start: Any = messages[0] if messages else {"status": 500, "headers": ()}
            seconds = perf_counter() - begun
            count_request(route, start["status"], seconds)
            if self.logs_requests:
                REQUEST_LOG.add(
                    Answered(
                        at=time(),
                        request_id=request_id,
                        method=scope["method"],
                        route=route,
                        status=start["status"],
                        seconds=seconds,
                        size=size,
                        cache=notes.get(FOUND),
                        view=notes.get(VIEW),
                        dataset=dict(start["headers"]).get(DATASET_VERSION, b"").decode(),
                    )
                )

    def choose_id(self, given: str | None) -> str:
        """The id of a request: that which it has, if it is valid, or a new one."""
        return given if given and _VALID_ID.fullmatch(given) else next(self._own_ids)
