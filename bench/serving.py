"""What serving costs, over sockets: Paycite beside a bare application on the same server.

One worker answers; this process asks, over a few connections that are kept alive, each with one
request on its way at a time. The loads take turns in every round, so that whatever else the
machine does falls on all of them, and each is compared with the bare application of its own round
and with as many bytes.
"""

import selectors
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count, repeat
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import httpx

from paycite.dataset.build import build
from paycite.settings import ROOT
from servers import BIN, HOST, serving

CONNECTIONS = 8
ROUNDS = 21
SECONDS = 0.45  # a load in a round, and at most
REQUESTS = 100_000
PATIENCE = 10  # seconds that a server may be silent

WORDS = "role=mlops&level=mid&metro=nyc"
FIGURES = "/figures?role=mlops"


class Load(NamedTuple):
    what: str
    port: int
    targets: Iterator[str]
    bytes: int
    floor: str  # the load of the bare application that it is compared with


class Round(NamedTuple):
    rate: float  # requests a second
    p50: float
    p99: float
    busy: float  # the share of the time that this process, and not the server, was at work


class Connection:
    """One request at a time over one socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.asked = 0.0

    def ask(self, target: str) -> None:
        self._received = b""
        self.asked = time.perf_counter()
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode())

    def is_answered(self) -> bool:
        """Take what has arrived; whether it is the whole answer."""
        part = self.socket.recv(1 << 16)
        self._received += part
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if part and not blank:
            return False
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"not an answer: {self._received[:200]!r}")
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return len(body) == length


def ask(load: Load, seconds: float) -> Round:
    """Ask as fast as answers come, until the time or the number of requests is reached."""
    with ExitStack() as stack:
        ready = stack.enter_context(selectors.DefaultSelector())
        for _ in range(CONNECTIONS):
            connection = Connection(load.port)
            stack.enter_context(closing(connection.socket))
            ready.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(next(load.targets))
        took: list[float] = []
        worked = time.process_time()
        began = now = time.perf_counter()
        under_way = CONNECTIONS
        while under_way:
            events = ready.select(PATIENCE)
            if not events:
                raise TimeoutError(f"{load.what}: no answer for {PATIENCE} seconds")
            for key, _ in events:
                connection = key.data
                if not connection.is_answered():
                    continue
                now = time.perf_counter()
                took.append(now - connection.asked)
                if now - began < seconds and len(took) < REQUESTS:
                    connection.ask(next(load.targets))
                else:
                    under_way -= 1
    percentiles = quantiles(took, n=100)
    busy = (time.process_time() - worked) / (now - began)
    return Round(len(took) / (now - began), percentiles[49], percentiles[98], busy)


def loads(bare: int, paycite: int) -> list[Load]:
    """What is asked: of an answer that is kept, as it is and as two pictures, beside the bare
    application with as many bytes; of each the same scope, each time with an offer that was never
    asked about, so that all is worked out and drawn anew; and what asks DuckDB each time."""

    def length(target: str) -> int:
        answer = httpx.get(f"http://{HOST}:{paycite}{target}").raise_for_status()
        return len(answer.content)

    asked = []
    for path in ("/salary", "/salary.svg", "/salary.png"):
        one = f"{path}?{WORDS}"
        new = _new(one)
        same, floor = length(one), f"bare application, as {path}"
        asked += [
            Load(floor, bare, repeat(f"/?{same}"), same, floor),
            Load(f"{path}, one question", paycite, repeat(one), same, floor),
            Load(f"{path}, every question new", paycite, new, length(next(new)), floor),
        ]
    query = Load("/figures, a query", paycite, repeat(FIGURES), length(FIGURES), asked[0].what)
    return [*asked, query]


def _new(question: str) -> Iterator[str]:
    for amount in count(100_000):  # up to 10,000,000 are read
        yield f"{question}&offer={amount}"


def measure(loads: list[Load]) -> dict[str, list[Round]]:
    """The rounds of each load, each round beginning with the next load in turn."""
    for load in loads:
        ask(load, SECONDS / 4)  # not counted: the first answers fill what is kept
    rounds: dict[str, list[Round]] = {load.what: [] for load in loads}
    for number in range(ROUNDS):
        first = number % len(loads)
        for load in loads[first:] + loads[:first]:
            rounds[load.what].append(ask(load, SECONDS))
    return rounds


def report(loads: list[Load], rounds: dict[str, list[Round]]) -> None:
    """Each load as a multiple of its floor, round by round; the median, and of rates the ends."""
    print("| load | bytes | requests/s | lowest to highest | p50 | p99 |")
    print("|---|---:|---:|---:|---:|---:|")
    for load in loads:
        floor = rounds[load.floor]
        ratios = [
            Round(*(mine / bare for mine, bare in zip(one, other, strict=True)))
            for one, other in zip(rounds[load.what], floor, strict=True)
        ]
        rates = [ratio.rate for ratio in ratios]
        print(
            f"| {load.what} | {load.bytes:,} | {median(rates):.3f} "
            f"| {min(rates):.3f} to {max(rates):.3f} "
            f"| {median(ratio.p50 for ratio in ratios):.1f} "
            f"| {median(ratio.p99 for ratio in ratios):.1f} |"
        )
    busy = median(round_.busy for round_ in rounds[loads[0].what])
    print(f"\nAsking the bare application, this process was busy {busy:.0%} of the time.")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        data = Path(folder)
        build(ROOT / "seeds", data / "datasets", keep=1)
        granian = (
            str(BIN / "granian"),
            "--interface",
            "asgi",
            *("--working-dir", str(ROOT / "bench"), "--port", "PORT"),
        )
        serve = (str(BIN / "paycite"), "serve", "--port", "PORT")
        bare = stack.enter_context(serving(data / "bare.log", *granian, "bare:app"))
        paycite = stack.enter_context(
            serving(data / "paycite.log", *serve, settings={"PAYCITE_DATA": str(data)})
        )
        asked = loads(bare.port, paycite.port)
        report(asked, measure(asked))


if __name__ == "__main__":
    main()
