"""The ledger of quotas that the workers of one server share: a small process beside them, which
listens on the loopback and answers only clients that know its token."""

import asyncio
import hmac
import os
import secrets
import subprocess
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import msgspec

from paycite.web.quotas.windows import Taken, Want, Windows

SCHEME = "paycite-workers"
_SECONDS_BETWEEN_STARTS = 1
_LENGTH = 4  # bytes before each message
_ENCODER = msgspec.msgpack.Encoder()
_WANTS = msgspec.msgpack.Decoder(list[Want])
_TAKEN = msgspec.msgpack.Decoder(list[Taken])


@contextmanager
def running_ledger(seconds: float) -> Iterator[str]:
    """Start the process, and again on the same port if it ends; yield its address. What the one
    before had counted is lost. It has a session of its own, so that a signal to the server and its
    workers does not end it before them."""
    token, is_over = secrets.token_hex(16), Event()
    process, port = _start(seconds, token)

    def keep_running() -> None:
        nonlocal process
        process.wait()
        while not is_over.wait(_SECONDS_BETWEEN_STARTS):
            process, _ = _start(seconds, token, port)
            if is_over.is_set():
                process.terminate()
            process.wait()

    keeper = Thread(target=keep_running)
    keeper.start()
    try:
        yield f"{SCHEME}://{token}@127.0.0.1:{port}"
    finally:
        is_over.set()
        process.terminate()
        keeper.join()


def _start(seconds: float, token: str, port: int = 0) -> tuple[subprocess.Popen[str], int]:
    """Start the process; return it with its port, or 0 if it has ended because that is taken."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", f"from {__name__} import run; run({seconds}, {port})"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    with process.stdin:
        process.stdin.write(token)
    with process.stdout:
        return process, int(process.stdout.readline() or 0)


class LocalLedger:
    """The process as seen by a worker."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._token, self._host, self._port = parts.username or "", parts.hostname, parts.port
        self._streams: tuple[StreamReader, StreamWriter] | None = None

    async def take(self, wants: list[Want]) -> list[Taken]:
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(self._host, self._port)
                self._streams[1].write(self._token.encode())
            reader, writer = self._streams
            _write(writer, wants)
            return _TAKEN.decode(await _read(reader))
        except BaseException:  # an answer that comes too late must not be taken for the next
            await self.close()
            raise

    async def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None


def _write(writer: StreamWriter, message: Any) -> None:
    encoded = _ENCODER.encode(message)
    writer.write(len(encoded).to_bytes(_LENGTH) + encoded)


async def _read(reader: StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(_LENGTH)))


async def _serve(seconds: float, token: bytes, port: int) -> None:
    parent = os.getppid()
    windows = Windows(seconds)

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            if not hmac.compare_digest(await reader.readexactly(len(token)), token):
                return
            while True:
                wants = _WANTS.decode(await _read(reader))
                _write(writer, [windows.take(*want) for want in wants])
                await writer.drain()
        except (IncompleteReadError, ConnectionError):  # a worker has ended
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while os.getppid() == parent:  # a server that was killed leaves nothing behind
        await asyncio.sleep(1)


def run(seconds: float, port: int) -> None:
    """Be the process: read the token, listen on the port (0: any that is free), and write it."""
    asyncio.run(_serve(seconds, sys.stdin.read().encode(), port))
