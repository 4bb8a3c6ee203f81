"""Work in threads, request bodies and large answers: limited, and abandoned when the client
disconnects."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.types import Receive

from paycite.batch.body import GoOn
from paycite.model.problem import Refusal
from paycite.web.memory import return_free_memory
from paycite.web.metrics import NUMBERS

T = TypeVar("T")
LARGE = 1_000_000  # bytes of an answer
# Seconds that a thread works, and then leaves to others.
_WORKED_AT_ONCE, _PAUSE = 0.005, 0.00005


class Queue:
    """Requests that wait for one of a few threads. Refusal `overloaded` if too many wait, or if
    the client has left."""

    def __init__(self, threads: int, most_waiting: int) -> None:
        self._limiter = CapacityLimiter(threads)
        self._most = threads + most_waiting
        self._asked = 0

    async def do(self, work: Callable[[GoOn], T], receive: Receive) -> T:
        """Do the work when its turn comes; the request body must have been read."""
        async with self.turn(receive) as go_on:
            return await run_sync(work, go_on)

    @asynccontextmanager
    async def turn(self, receive: Receive) -> AsyncIterator[GoOn]:
        """Wait for a turn; the request body must have been read."""
        if self._asked >= self._most:
            NUMBERS.shed["full"] += 1
            raise _overloaded("Too many requests are waiting.")
        self._asked += 1  # at once: of a burst, all would see an empty queue
        NUMBERS.queued += 1
        try:
            async with watched(receive) as go_on, self._limiter:
                go_on()
                yield go_on
        finally:
            self._asked -= 1
            NUMBERS.queued -= 1


class Bodies:
    """Bodies that clients send: limited in the total bytes that have arrived, and each in time and
    in how long it may pause."""

    def __init__(self, most_bytes: int, seconds: float = 60, idle_seconds: float = 10) -> None:
        self._left = most_bytes
        self._seconds = seconds
        self._idle_seconds = idle_seconds

    async def read(self, request: Request[Any, Any, Any]) -> bytes:
        """Read a body, whose own size the framework limits. Refusal if it is incomplete or too
        slow, and `overloaded` if too many bytes of all bodies have arrived."""
        receive, arrived = request.receive, 0
        ends = asyncio.get_running_loop().time() + self._seconds

        async def receive_counted() -> Any:
            nonlocal arrived
            limit.reschedule(min(ends, asyncio.get_running_loop().time() + self._idle_seconds))
            message: Any = await receive()
            size = len(message.get("body", b""))
            if size > self._left:
                NUMBERS.shed["full"] += 1
                raise _overloaded("Too many bodies are being sent.")
            self._left -= size
            arrived += size
            return message

        request.receive = receive_counted
        try:
            async with asyncio.timeout_at(ends) as limit:
                return await request.body()
        except InternalServerException:  # the client left, which is no error of the service
            raise Refusal.of("invalid-value", "The body is incomplete.") from None
        except TimeoutError:
            pause = f"no pause may be longer than {self._idle_seconds:g}"
            detail = f"The body took too long: the limit is {self._seconds:g} seconds, and {pause}."
            raise Refusal.of("invalid-value", detail) from None
        finally:
            request.receive = receive
            self._left += arrived


class LargeAnswers:
    """Large answers that clients have not read yet: limited in total bytes, and each in
    time. Granian keeps a whole answer in memory until its client has read it."""

    def __init__(self, most_bytes: int, seconds: float = 120) -> None:
        self._left = most_bytes
        self._seconds = seconds
        self._waiting: set[asyncio.Task[None]] = set()

    def refuse_more(self, size: int) -> None:
        """Refusal `overloaded` if a large answer would exceed the limit of all."""
        if size >= LARGE and size > self._left:
            NUMBERS.shed["full"] += 1
            raise _overloaded("Too many large answers are being sent.")

    def count(self, protocol: Any, client: str, size: int) -> None:
        """Count an answer that is streamed, until its client has read it or has left."""
        self._left -= size
        waiting = asyncio.create_task(self._wait(protocol, client, size))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def _wait(self, protocol: Any, client: str, size: int) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await protocol.client_disconnect()  # or the whole stream was sent
        except TimeoutError:
            await run_sync(_close_connection, client)
        finally:
            self._left += size
            await run_sync(return_free_memory)


# Of the process: both the server and the application in it use this.
LARGE_ANSWERS = LargeAnswers(most_bytes=100_000_000)


def _close_connection(client: str) -> None:
    """Close the connection to a client, such as `127.0.0.1:5000`: Granian has no way to."""
    host, _, port = client.rpartition(":")
    for file in Path("/dev/fd").glob("*"):
        of = int(file.name), socket.AF_INET, socket.SOCK_STREAM
        with suppress(OSError), socket.fromfd(*of) as found:  # most are no connections
            if found.getpeername()[:2] == (host.strip("[]"), int(port)):
                found.shutdown(socket.SHUT_RDWR)


def _overloaded(why: str) -> Refusal:
    return Refusal.of("overloaded", f"{why} Try again in a moment.")


@asynccontextmanager
async def watched(receive: Receive) -> AsyncIterator[GoOn]:
    """Watch for the client to leave: what this gives then raises a Refusal."""
    left = Event()
    worked_since = time.monotonic()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        NUMBERS.shed["client-left"] += 1
        left.set()

    def go_on() -> None:
        nonlocal worked_since
        if left.is_set():
            raise _overloaded("The client closed the connection.")
        if time.monotonic() - worked_since > _WORKED_AT_ONCE:
            # A thread that gives the interpreter up often, but briefly, keeps all others waiting.
            time.sleep(_PAUSE)
            worked_since = time.monotonic()

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)  # who has left already is noticed at once
    try:
        yield go_on
    finally:
        watching.cancel()
