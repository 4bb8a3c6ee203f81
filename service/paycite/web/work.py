"""Work in threads and request bodies: limited, and abandoned when the client disconnects."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from litestar import Request
from litestar.types import Receive

from paycite.batch.body import GoOn
from paycite.model.problem import Fault, Refusal
from paycite.web.metrics import NUMBERS

T = TypeVar("T")


class Queue:
    """Requests that wait for one of a few threads. Refusal `overloaded` if too many wait, or if
    the client has left."""

    def __init__(self, threads: int, most_waiting: int) -> None:
        self._limiter = CapacityLimiter(threads)
        self._most_waiting = most_waiting

    async def do(self, work: Callable[[GoOn], T], receive: Receive) -> T:
        """Do the work when its turn comes; the request body must have been read."""
        if self._limiter.statistics().tasks_waiting >= self._most_waiting:
            NUMBERS.shed["full"] += 1
            raise _overloaded("Too many requests are waiting.")
        NUMBERS.queued += 1
        try:
            async with watched(receive) as go_on, self._limiter:
                go_on()
                return await run_sync(work, go_on)
        finally:
            NUMBERS.queued -= 1


class Bodies:
    """Bodies that clients send: limited in total bytes, and each in time."""

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self._left = most_bytes
        self._seconds = seconds

    async def read(self, request: Request[Any, Any, Any], most_bytes: int) -> bytes:
        """Read a body of at most `most_bytes`, enforced by the framework. Refusal `overloaded` if
        too many are on their way."""
        stated = request.headers.get("content-length", "")
        size = min(int(stated), most_bytes) if stated.isdecimal() else most_bytes
        if size > self._left:
            NUMBERS.shed["full"] += 1
            raise _overloaded("Too many bodies are being sent.")
        self._left -= size
        try:
            async with asyncio.timeout(self._seconds):
                return await request.body()
        except TimeoutError:
            detail = f"The body took longer than {self._seconds:g} seconds."
            raise Refusal([Fault(type="invalid-value", detail=detail)]) from None
        finally:
            self._left += size


def _overloaded(why: str) -> Refusal:
    return Refusal([Fault(type="overloaded", detail=f"{why} Try again in a moment.")])


@asynccontextmanager
async def watched(receive: Receive) -> AsyncIterator[GoOn]:
    """Watch for the client to leave: what this gives then raises a Refusal."""
    left = Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        NUMBERS.shed["client-left"] += 1
        left.set()

    def go_on() -> None:
        if left.is_set():
            raise _overloaded("The client closed the connection.")

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)  # who has left already is noticed at once
    try:
        yield go_on
    finally:
        watching.cancel()
