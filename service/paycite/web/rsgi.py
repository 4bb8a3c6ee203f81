"""Ask an ASGI application what Granian asks by RSGI, its own protocol:
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from granian.asgi import LifespanProtocol
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope
from litestar.types import ASGIApp

from paycite.web.byte_ranges import PART_OF_FILE, WHOLE_FILE
from paycite.web.work import LARGE, LARGE_ANSWERS

# In place of the value of a header that is not ASCII, of which Granian gives the name alone.
UNREADABLE = b"\xff"
_DISCONNECT = {"type": "http.disconnect"}
_IN_PATHS = "/:@!$&'()*+,;=~"

Address = tuple[str, int | None]
Headers = list[tuple[str, str]]


class Lifespan:
    """The start and the stop of an application, around all requests to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._protocol = LifespanProtocol(app)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raises what the application raises."""
        loop.run_until_complete(self._protocol.startup())
        if self._protocol.interrupt:
            raise self._protocol.exc or RuntimeError("the application did not start")

    def stop(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._protocol.shutdown())


async def ask(app: ASGIApp, scope: Scope, protocol: HTTPProtocol) -> dict[str, Any]:
    """Pass a request on, and its answer back. Return the request as the application had it."""
    translated = _translate(scope)
    asked: Any = translated
    body = _Body(protocol, scope)
    await app(asked, body.receive, _Sender(protocol, scope, body).send)
    return translated


def _translate(scope: Scope) -> dict[str, Any]:
    named = [(name.encode(), value.encode()) for name, value in scope.headers.items()]
    readable = {name for name, _ in named}
    names = list(map(str.encode, scope.headers.keys()))
    named += [(name, UNREADABLE) for name in names if name not in readable]
    if b"host" not in names:  # may be absent before HTTP/1.1
        named.insert(0, (b"host", (scope.authority or "").encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "extensions": {WHOLE_FILE: {}, PART_OF_FILE: {}},
        "http_version": scope.http_version,
        "server": split_address(scope.server),
        "client": split_address(scope.client),
        "scheme": scope.scheme,
        "method": scope.method,
        "path": scope.path,
        "raw_path": quote(scope.path, safe=_IN_PATHS).encode(),
        "query_string": scope.query_string.encode(),
        "root_path": "",
        "headers": named,
        "state": {},
    }


def split_address(text: str) -> Address:
    """The host and the port of `127.0.0.1:8000` or `[::1]:8000`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port) if port.isdecimal() else None


def has_body(scope: Scope) -> bool:
    """Whether a request says that a body follows."""
    return scope.headers.get("content-length", "0") != "0" or "transfer-encoding" in scope.headers


class _Body:
    """The body of a request, as its client sends it."""

    def __init__(self, protocol: HTTPProtocol, scope: Scope) -> None:
        self._protocol = protocol
        self._parts: Any = None
        self.is_unread = has_body(scope)
        length = scope.headers.get("content-length") or ""
        self._left = int(length) if length.isdecimal() else 0
        self._has_ended = False

    async def receive(self) -> Any:
        if self._has_ended:
            await self._protocol.client_disconnect()
            return _DISCONNECT
        self._parts = self._parts or aiter(self._protocol)
        try:
            part = await anext(self._parts)
        except StopAsyncIteration:  # also if the client left before all of it was sent
            self._has_ended = True
            if self._left > 0:
                return _DISCONNECT
            self.is_unread = False
            return {"type": "http.request", "body": b"", "more_body": False}
        self._left -= len(part)
        return {"type": "http.request", "body": part, "more_body": True}


class _Sender:
    """Sends an answer in one piece if it comes in one, which costs least, and is not large."""

    def __init__(self, protocol: HTTPProtocol, scope: Scope, body: _Body) -> None:
        self._protocol = protocol
        self._scope = scope
        self._body = body
        self._stream: Any = None
        self._start: tuple[int, Headers] = (500, [])

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = decode_headers(message["headers"])
            if self._body.is_unread:  # the server then ends the connection, and would not say so
                headers.append(("connection", "close"))
            self._start = message["status"], headers
        elif message["type"] == WHOLE_FILE:
            self._protocol.response_file(*self._start, message["path"])
        elif message["type"] == PART_OF_FILE:
            self._protocol.response_file_range(*self._start, message["path"], *message["part"])
        elif self._stream or message.get("more_body"):
            self._stream = self._stream or self._protocol.response_stream(*self._start)
            await self._stream.send_bytes(message.get("body", b""))
        elif len(body := message.get("body", b"")) >= LARGE and self._scope.method != "HEAD":
            await self._send_large(body)
        else:
            self._protocol.response_bytes(*self._start, body)

    async def _send_large(self, body: bytes) -> None:
        LARGE_ANSWERS.count(self._protocol, self._scope.client, len(body))
        stream = self._protocol.response_stream(*self._start)
        with suppress(ProtocolClosed):  # the client left
            for at in range(0, len(body), LARGE):  # a part is freed when it was sent
                await stream.send_bytes(body[at : at + LARGE])


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of an answer as text. UnicodeDecodeError if they are not ASCII."""
    return [(name.decode("ascii"), value.decode("ascii")) for name, value in headers]
