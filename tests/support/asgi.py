"""Requests to an application in this process, answered as on the wire."""

import asyncio
from collections.abc import Mapping
from typing import Any

from paycite.dataset.store import Datasets
from paycite.web.access import ASKED
from paycite.web.finished import VIEW
from paycite.web.repeats import Repeats

Answer = tuple[int, dict[str, str], bytes]


def get(app: Any, address: str, headers: Mapping[str, str] | None = None) -> Answer:
    return send(app, "GET", address, headers)


def bearer(key: str) -> dict[str, str]:
    """The header that sends an API key."""
    return {"authorization": f"Bearer {key}"}


def send(
    app: Any,
    method: str,
    address: str,
    headers: Mapping[str, str] | None = None,
    sent: bytes = b"",
) -> Answer:
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
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


def repeating(app: Any, view: Datasets) -> Repeats:
    """`Repeats` around an application that shows everyone the same, but who sends "revoked"."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        scope.update({VIEW: view, ASKED: None})
        await app(scope, receive, send)

    def readmit(scope: Any, asked: Any) -> Datasets | None:
        return None if b"revoked" in dict(scope["headers"]).values() else view

    return Repeats(answer, readmit)
