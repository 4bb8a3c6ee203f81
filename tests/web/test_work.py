"""Work in threads: bounded, and given up when nobody waits for it."""

import asyncio
from threading import Event
from typing import Any, ClassVar, cast

import httpx
import pytest

from paycite.batch.body import ANSWERS, MOST_COLUMNS, MOST_ROWS, GoOn
from paycite.dataset.store import Store
from paycite.model.problem import Refusal
from paycite.questions.parameters import MAX_PARAMETERS
from paycite.web.work import Bodies, Queue


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


def test_bodies_on_their_way_are_bounded_in_bytes_and_time() -> None:
    class Sending:
        headers: ClassVar = {"content-length": "60"}

        async def body(self) -> bytes:
            await asyncio.sleep(10)
            return b""

    async def run() -> list[object]:
        bodies = Bodies(most_bytes=100, seconds=0.05)
        found: list[object] = []
        for together in (2, 1):
            asked = [bodies.read(cast("Any", Sending()), 80) for _ in range(together)]
            found += await asyncio.gather(*asked, return_exceptions=True)
        return found

    found = list(map(kind_of, asyncio.run(run())))
    assert found == ["invalid-value", "overloaded", "invalid-value"]


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
