"""Send an exchange, and keep what came back as it was on the wire."""

import asyncio
import shlex
import time
import zlib
from typing import NamedTuple

import httpx
import zstandard

from traffic.requests import Exchange, Manner, Question, request_headers, target


class Got(NamedTuple):
    """An answer, with its body as it was sent (`raw`)."""

    question: Question
    manner: Manner
    sent: dict[str, str]  # headers
    status: int
    headers: httpx.Headers
    raw: bytes
    seconds: float

    @property
    def version(self) -> str:
        return str(self.headers.get("x-dataset-version", ""))

    @property
    def body(self) -> bytes:
        """The body without its content coding. ValueError if it is not coded so."""
        encoding = self.headers.get("content-encoding", "")
        try:
            if encoding == "gzip":
                return zlib.decompress(self.raw, 31)
            if encoding == "zstd":
                return zstandard.ZstdDecompressor().decompressobj().decompress(self.raw)
        except (zlib.error, zstandard.ZstdError) as error:
            raise ValueError(f"the body is not {encoding}: {error}") from None
        return self.raw


class Pace:
    """Lets requests go at most so often a second; 0 for no limit."""

    def __init__(self, rate: float) -> None:
        self._seconds = 1 / rate if rate else 0.0
        self._next = 0.0

    async def wait(self) -> None:
        now = time.monotonic()
        self._next = max(now, self._next + self._seconds)
        if self._next > now:
            await asyncio.sleep(self._next - now)


async def send(client: httpx.AsyncClient, exchange: Exchange, pace: Pace) -> list[Got]:
    """The answers to an exchange; its first request is not conditional, the others may be."""
    question, (first, *others) = exchange
    got = await _send(client, question, first._replace(condition=""), "", pace)
    tag = got.headers.get("etag", "")
    return [got, *[await _send(client, question, manner, tag, pace) for manner in others]]


async def _send(
    client: httpx.AsyncClient, question: Question, manner: Manner, tag: str, pace: Pace
) -> Got:
    headers = request_headers(question, manner, tag)
    # An empty header, because the client would send its own.
    request = client.build_request(
        "HEAD" if manner.is_head else question.method,
        target(question, manner.turned),
        headers={"accept-encoding": "", **headers},
        content=question.body,
    )
    await pace.wait()
    began = time.perf_counter()
    response = await client.send(request, stream=True)
    try:
        raw = b"".join([part async for part in response.aiter_raw()])
    finally:
        await response.aclose()
    took = time.perf_counter() - began
    return Got(question, manner, headers, response.status_code, response.headers, raw, took)


def curl(base: str, got: Got) -> str:
    """The command that sends the same request."""
    words = ["curl", "-sS", "-I" if got.manner.is_head else "-i"]
    for name, value in got.sent.items():
        words += ["-H", f"{name}: {value}"]
    if got.question.body is not None:
        words += ["--data-binary", got.question.body.decode(errors="replace")]
    return shlex.join([*words, base + target(got.question, got.manner.turned)])
