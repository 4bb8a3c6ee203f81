"""Ask an ASGI application what Granian asks by RSGI, its own protocol:
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from granian.asgi import LifespanProtocol
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope
from litestar.types import ASGIApp

from paycite.web.byte_ranges import PART_OF_FILE
from paycite.web.work import LARGE, LARGE_ANSWERS

# In place of the value of a header that is not ASCII, of which Granian gives the name alone.
UNREADABLE = b"\xff"
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
    await app(asked, _receiver(protocol), _Sender(protocol, scope).send)
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
        "extensions": {"http.response.pathsend": {}, PART_OF_FILE: {}},
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


def _receiver(protocol: HTTPProtocol) -> Callable[[], Awaitable[Any]]:
    parts: Any = None
    is_read = False

    async def receive() -> Any:
        nonlocal parts, is_read
        if is_read:
            await protocol.client_disconnect()
            return {"type": "http.disconnect"}
        parts = parts or aiter(protocol)
        try:
            return {"type": "http.request", "body": await anext(parts), "more_body": True}
        except StopAsyncIteration:
            is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}

    return receive


class _Sender:
    """Sends an answer in one piece if it comes in one, which costs least, and is not large."""

    def __init__(self, protocol: HTTPProtocol, scope: Scope) -> None:
        self._protocol = protocol
        self._scope = scope
        self._stream: Any = None
        self._start: tuple[int, Headers] = (500, [])

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._start = message["status"], decode_headers(message["headers"])
        elif message["type"] == "http.response.pathsend":
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
