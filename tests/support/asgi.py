"""Requests to an application in this process, answered as on the wire."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from paycite.dataset.published import Datasets
from paycite.settings import Settings
from paycite.web.app import build_app
from paycite.web.asked import ASKED
from paycite.web.finished import VIEW
from paycite.web.observe import Observed, Routes
from paycite.web.repeats import Repeats

Answer = tuple[int, dict[str, str], bytes]
# Of a header that is sent several times, a list of values.
Sent = Mapping[str, str | list[str]]


def make_app(data: Path, **settings: Any) -> Any:
    """The application over a data folder, with the settings of this process but for those."""
    ours = {"data": data, "datasets": data / "datasets"} | settings
    return build_app(replace(Settings.from_environment(), **ours))


def get(app: Any, address: str, headers: Sent | None = None) -> Answer:
    return send(app, "GET", address, headers)


def bearer(key: str) -> dict[str, str]:
    """The header that sends an API key."""
    return {"authorization": f"Bearer {key}"}


def send(
    app: Any,
    method: str,
    address: str,
    headers: Sent | None = None,
    sent: bytes = b"",
) -> Answer:
    """The answer of an application, which is asked by RSGI if it can be."""
    ask = _by_rsgi if hasattr(app, "__rsgi__") else _by_asgi
    return ask(app, method, address, headers or {}, sent)


def _listed(headers: Sent) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in headers.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _by_asgi(app: Any, method: str, address: str, headers: Sent, sent: bytes) -> Answer:
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in _listed(headers)],
        "server": ("127.0.0.1", 1),
        "client": ("127.0.0.1", 2),
    }
    messages: list[Any] = []

    bodies = [sent]

    async def receive() -> Any:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        return await asyncio.Event().wait()  # the client stays

    async def take(message: Any) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, take))
    told = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], told, b"".join(one.get("body", b"") for one in messages[1:])


class _Headers(dict[str, str | list[str]]):
    """Granian gives the names of all headers, and the values that are ASCII."""

    def items(self) -> Any:
        return [one for one in _listed(dict(self)) if one[1].isascii()]


class _Scope(NamedTuple):
    method: str
    path: str
    query_string: str
    headers: _Headers
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:1"
    client: str = "127.0.0.1:2"
    authority: str | None = "127.0.0.1:1"


class _Protocol:
    """What is sent to it is the answer."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent
        self.answer: Answer = 500, {}, b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._sent:
            yield self._sent

    async def client_disconnect(self) -> None:
        await asyncio.Event().wait()  # the client stays

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = status, dict(headers), body

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.answer = status, dict(headers), Path(file).read_bytes()

    def response_file_range(
        self, status: int, headers: list[tuple[str, str]], file: str, start: int, stop: int
    ) -> None:
        self.answer = status, dict(headers), Path(file).read_bytes()[start:stop]

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "_Protocol":
        self.answer = status, dict(headers), b""
        return self

    async def send_bytes(self, data: bytes) -> None:
        status, headers, body = self.answer
        self.answer = status, headers, body + data


def get_together(app: Any, address: str, times: int) -> list[Answer]:
    """The answers to requests that come at the same time, by RSGI."""

    async def ask() -> list[Answer]:
        return await asyncio.gather(*(_ask(app, "GET", address, {}, b"") for _ in range(times)))

    return asyncio.run(ask())


def _by_rsgi(app: Any, method: str, address: str, headers: Sent, sent: bytes) -> Answer:
    return asyncio.run(_ask(app, method, address, headers, sent))


async def _ask(app: Any, method: str, address: str, headers: Sent, sent: bytes) -> Answer:
    path, _, query = address.partition("?")
    protocol = _Protocol(sent)
    await app.__rsgi__(_Scope(method, path, query, _Headers(headers)), protocol)
    return protocol.answer


def repeating(app: Any, view: Datasets) -> Repeats:
    """`Repeats` around an application that shows everyone the same, but who sends "revoked"."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        scope.update({VIEW: view, ASKED: b"revoked" in dict(scope["headers"]).values()})
        await app(scope, receive, send)

    def readmit(peer: str, is_revoked: Any) -> tuple[Datasets | None, None]:
        return None if is_revoked else view, None

    return Repeats(Observed(answer, Routes([]), logs_requests=False), readmit)
