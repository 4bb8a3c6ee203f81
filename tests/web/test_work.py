"""Work in threads, bodies and answers: bounded, and given up when nobody waits for them."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from platform import libc_ver
from threading import Event
from typing import Any, cast

import httpx
import pytest

from paycite.batch import json_rows
from paycite.batch.body import ANSWERS, MOST_COLUMNS, MOST_ROWS, GoOn, answer_csv, answer_json
from paycite.batch.columns import Columns
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.questions.parameters import MAX_PARAMETERS
from paycite.web.app import litestar_app
from paycite.web.finished import FinishedAnswers
from paycite.web.work import LARGE, Bodies, LargeAnswers, Queue
from servers import serving as listening
from servers import worker_memory
from support.asgi import get, repeating
from support.commands import PAYCITE, environment

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Client:
    """What a server says of a connection: nothing until the client leaves."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}


def kind_of(outcome: object) -> object:
    return outcome.faults[0].type if isinstance(outcome, Refusal) else outcome


def test_the_work_of_clients_that_left_is_not_done_and_a_full_queue_refuses() -> None:
    done: list[str] = []
    may_end = Event()

    async def run() -> list[object]:
        queue = Queue(threads=1, most_waiting=2)
        clients = {name: Client() for name in ("first", "leaves", "stays", "late")}

        def work(name: str) -> Any:
            def do(go_on: GoOn) -> str:
                may_end.wait(10)
                done.append(name)
                return name

            return do

        asked = []
        for name, client in clients.items():
            asked.append(asyncio.create_task(queue.do(work(name), client.receive)))
            await asyncio.sleep(0.01)
        clients["leaves"].left.set()
        await asyncio.sleep(0.01)
        may_end.set()
        return list(await asyncio.gather(*asked, return_exceptions=True))

    found = list(map(kind_of, asyncio.run(run())))
    assert found == ["first", "overloaded", "stays", "overloaded"]
    assert done == ["first", "stays"]


def test_of_requests_at_the_same_moment_only_those_that_fit_wait() -> None:
    async def run() -> list[object]:
        queue = Queue(threads=1, most_waiting=2)
        asked = [queue.do(lambda go_on: "done", Client().receive) for _ in range(5)]
        return list(await asyncio.gather(*asked, return_exceptions=True))

    assert list(map(kind_of, asyncio.run(run()))) == ["done"] * 3 + ["overloaded"] * 2


class Sending:
    """A request whose body arrives in parts, each after a time; the last is never followed."""

    def __init__(self, *parts: int, every: float = 0) -> None:
        self._parts = list(parts)
        self._every = every
        self.receive = self._receive

    async def _receive(self) -> Any:
        await asyncio.sleep(self._every if self._parts else 10)
        return {"type": "http.request", "body": b"x" * self._parts.pop(0)}

    async def body(self) -> bytes:
        body = b""
        while len(body) < 60:
            body += (await self.receive())["body"]
        return body


def test_bodies_are_bounded_in_the_bytes_that_have_arrived_and_in_time() -> None:
    async def run() -> list[object]:
        bodies = Bodies(most_bytes=100, seconds=0.3, idle_seconds=0.1)
        found: list[object] = []
        for together in (
            [Sending(1), Sending(1), Sending(30, 30)],  # the first two never go on
            [Sending(59), Sending(30, 30)],
            [Sending(30, 30)],
            [Sending(*[1] * 50, every=0.02)],
        ):
            asked = [bodies.read(cast("Any", one)) for one in together]
            found += await asyncio.gather(*asked, return_exceptions=True)
        return found

    found = list(map(kind_of, asyncio.run(run())))
    assert found == [
        *("invalid-value", "invalid-value", b"x" * 60),
        *("invalid-value", "overloaded", b"x" * 60, "invalid-value"),
    ]


def test_bodies_that_are_only_announced_shut_nobody_out(client: httpx.Client) -> None:
    announced = (
        b"POST /salary/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 5000000\r\n\r\n{"
    )
    with ExitStack() as stack:
        for _ in range(21):
            address = (client.base_url.host, client.base_url.port or 80)
            connection = stack.enter_context(socket.create_connection(address))
            connection.sendall(announced)
        batch = client.post("/salary/batch", json={"rows": [{"role": "mlops"}]})
        ping = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert (batch.status_code, ping.status_code) == (200, 200)


def test_large_answers_are_bounded_in_unread_bytes_and_in_time() -> None:
    class Connection:
        taken = asyncio.Event()

        async def client_disconnect(self) -> None:
            await self.taken.wait()

    async def run(client: str) -> None:
        answers = LargeAnswers(most_bytes=5_000_000, seconds=0.1)
        connection = Connection()
        answers.count(connection, "127.0.0.1:1", 6_000_000)
        answers.refuse_more(LARGE - 1)
        with pytest.raises(Refusal, match="Too many large answers"):
            answers.refuse_more(LARGE)
        connection.taken.set()
        await asyncio.sleep(0.01)
        answers.refuse_more(5_000_000)
        connection.taken.clear()
        answers.count(connection, client, 5_000_000)
        await asyncio.sleep(0.2)

    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        server.accept()[0],
    ):
        client.settimeout(10)
        asyncio.run(run("{}:{}".format(*client.getsockname())))
        assert client.recv(1) == b""  # it was closed


# Every second piece is freed, after one that would raise the thresholds of glibc.
PIECES = """
from pathlib import Path
from paycite.web.memory import limit_free_memory, return_free_memory

{before}
one = b"x" * 20_000_000
del one
pieces = [b"x" * {size} for _ in range(40_000_000 // {size})]
del pieces[::2]
{after}
print(Path("/proc/self/statm").read_text().split()[1])
"""
ONLY_GLIBC = pytest.mark.skipif(libc_ver()[0] != "glibc", reason="only glibc has these functions")


@ONLY_GLIBC
@pytest.mark.parametrize(
    ("before", "size", "after"),
    [("limit_free_memory()", 100_000, ""), ("", 30_000, "return_free_memory()")],
)
def test_memory_that_is_freed_between_pieces_in_use_is_returned(
    before: str, size: int, after: str
) -> None:
    programs = (
        PIECES.format(before=before, size=size, after=after),
        PIECES.format(before="", size=size, after=""),
    )
    returned, kept = (
        int(subprocess.run([sys.executable, "-c", one], stdout=subprocess.PIPE, check=True).stdout)
        for one in programs
    )
    assert (kept - returned) * PAGE_BYTES > 15_000_000


@ONLY_GLIBC
def test_a_worker_returns_the_memory_of_large_answers(
    data: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    places = [metro.id for metro in snapshot.metros.values() if metro.kind == "metro"][:200]
    asked = product(places, snapshot.levels)
    rows = [{"role": "mlops", "level": level, "metro": metro} for metro, level in asked][:MOST_ROWS]
    command = (str(PAYCITE), "serve", "--port", "PORT")
    taken = []
    with listening(tmp_path / "log", *command, settings=environment(data)) as server:
        for _ in range(4):
            batch = httpx.post(f"{server.url}/salary/batch", json={"rows": rows}, timeout=60)
            assert batch.status_code == 200 and len(batch.content) > 10_000_000
            time.sleep(0.5)  # it is returned when the answer was read
            taken += worker_memory(server)
    assert taken[-1] - taken[0] < 40_000_000  # 70 MB more if it is kept


def test_work_under_way_is_told_that_its_client_left() -> None:
    async def run() -> object:
        client, begun = Client(), Event()

        def work(go_on: GoOn) -> None:
            begun.set()
            while True:
                go_on()

        asked = asyncio.create_task(Queue(1, 1).do(work, client.receive))
        await asyncio.to_thread(begun.wait, 10)
        client.left.set()
        (outcome,) = await asyncio.gather(asked, return_exceptions=True)
        return outcome

    assert kind_of(asyncio.run(run())) == "overloaded"


def test_a_large_answer_that_is_kept_is_refused_too(
    datasets: Datasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("work.LARGE", 1_000), ("work.LARGE_ANSWERS._left", 500)):
        monkeypatch.setattr(f"paycite.web.{name}", value)
    app = repeating(FinishedAnswers(litestar_app(datasets), datasets), datasets)
    for _ in range(2):
        status, told, body = get(app, "/levels")
        assert (status, told["retry-after"], told["content-length"]) == (503, "1", str(len(body)))
        assert json.loads(body)["type"] == "/problems/overloaded"
        assert "etag" not in told
    assert get(app, "/health")[0] == 200


def test_a_server_counts_large_answers_until_they_are_read(client: httpx.Client) -> None:
    body = b"role,note\n" + b"mlops,%b\n" % (b"x" * 4_900) * MOST_ROWS
    headers = {"Content-Type": "text/csv"}
    for _ in range(12):  # more than is kept at a time
        answer = client.post("/salary/batch", content=body, headers=headers)
        assert answer.status_code == 200 and len(answer.content) > 9_000_000
    head = b"POST /salary/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    request = b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)
    with ExitStack() as stack:
        statuses = set()
        for _ in range(12):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.settimeout(60)
            connection.connect((client.base_url.host, client.base_url.port or 80))
            connection.sendall(request)
            statuses.add(connection.recv(12))
        assert statuses == {b"HTTP/1.1 200", b"HTTP/1.1 503"}
    while client.post("/salary/batch", content=body, headers=headers).status_code == 503:
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"rows": [{"role": "mlops"}, {"role": "mlops"}, {"role": "x"}]}'),
        ("text/csv", b"role\nmlops\nmlops\nx\n"),
    ],
)
def test_a_batch_stops_between_rows(store: Store, media_type: str, body: bytes) -> None:
    rows = 0

    def go_on() -> None:
        nonlocal rows
        rows += 1
        if rows == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        ANSWERS[media_type](body, store, None, go_on)


def test_columns_are_counted_before_their_names_are_looked_up(store: Store) -> None:
    """A body of five million bytes may have two million, of which each name takes time."""
    looked_up: list[str] = []

    class Noted(Columns, frozen=True):
        def is_known(self, column: str) -> bool:
            looked_up.append(column)
            return super().is_known(column)

        def places(self, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
            looked_up.extend(header)
            return super().places(header)

    for header, row in ((b"role," + b"a," * 100_000, b"mlops"), (b"role", b"mlops" + b"," * 200)):
        body = b"%b\r\n%b\r\n" % (header, row)
        with pytest.raises(Refusal, match="Too many columns: the limit is 200"):
            answer_csv(body, store, None, columns=Noted())
    assert len(looked_up) < 20_000  # of 100,000


def test_values_are_counted_before_they_are_parsed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Millions of them fit into a body; brackets and commas in strings are no values."""
    parsed = 0

    def note(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal parsed
        parsed += 1
        return dict(pairs)

    monkeypatch.setattr(json_rows, "_object", note)
    many = ", ".join(["{}"] * 200_000)
    for rows in (many, f'{{"role": [{many}]}}', ", ".join(['"\\"\\\\"'] * 200_000)):
        with pytest.raises(Refusal, match="Too many values: the limit is 200,000"):
            answer_json(f'{{"rows": [{rows}]}}'.encode(), store, None)
    assert parsed == 0
    text = json.dumps({"rows": [{"role": "[{," * 100_000, "id": '\\"[[[' * 100_000}]})
    answer_json(text.encode(), store, None)


def test_a_small_body_has_no_huge_answer(client: httpx.Client) -> None:
    """Each row of CSV has all columns of the header, and each field of JSON may have a fault."""
    wide = ",".join(["role", *(f"c{at}" for at in range(MOST_COLUMNS))])
    answer = client.post(
        "/salary/batch",
        content=f"{wide}\n" + "mlops\n" * MOST_ROWS,
        headers={"content-type": "text/csv"},
    )
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/payload-too-large")
    fields = {f"field{at}": 1 for at in range(MAX_PARAMETERS + 1)}
    (row,) = client.post("/salary/batch", json={"rows": [fields]}).json()["rows"]
    assert [one["detail"] for one in row["problem"]["errors"]] == [
        f"Too many fields: the limit is {MAX_PARAMETERS}."
    ]
