"""A repeated request gets the answer that it got, while that is the answer."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from paycite.dataset.published import Datasets
from paycite.web import repeats
from paycite.web.finished import CURRENT, NEVER_KEPT
from paycite.web.metrics import NUMBERS
from support.asgi import get, get_together, repeating, send


class Counting:
    """Answers each request with its number."""

    def __init__(self, version: str, **headers: str) -> None:
        self.asked = 0
        self.version = version
        self.headers = {"etag": '"x"', "cache-control": CURRENT} | headers
        self.status = 200

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0)  # others may ask meanwhile
        told = self.headers | {"x-dataset-version": self.version}
        headers = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"%d" % number})


@pytest.fixture
def version(datasets: Datasets) -> str:
    return datasets.current.snapshot.version


def bodies(app: Any, *headers: dict[str, str]) -> list[bytes]:
    return [get(app, "/salary?role=mlops", one)[2] for one in headers]


def test_a_repeated_request_gets_its_answer_and_one_that_differs_does_not(
    datasets: Datasets, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NUMBERS, "hits", 0)
    app = repeating(Counting(version), datasets)
    other = {"accept": "text/html"}
    assert bodies(app, {}, {}, other, {}, other) == [b"1", b"1", b"2", b"1", b"2"]
    assert NUMBERS.hits == 3
    assert (
        bodies(app, {"x-request-id": "1"}, {"x-request-id": "2", "traceparent": "3"}) == [b"1"] * 2
    )
    assert get(app, "/salary?role=mlops&")[2] == b"3"
    assert [send(app, "POST", "/salary?role=mlops")[2] for _ in range(2)] == [b"4", b"5"]


@pytest.mark.parametrize("name", ["authorization", "cookie"])
def test_who_names_a_viewer_gets_what_that_viewer_got_while_it_may_see_it(
    datasets: Datasets, version: str, name: str
) -> None:
    viewer, revoked = {name: "x"}, {name: "revoked"}
    app = repeating(Counting(version), datasets)
    assert bodies(app, {}, viewer, viewer, {}) == [b"1", b"2", b"2", b"1"]
    assert bodies(app, revoked, revoked) == [b"3", b"4"]


@pytest.mark.parametrize(
    ("version", "headers", "status"),
    [
        ("another", {}, 200),
        (None, {"cache-control": NEVER_KEPT}, 200),
        (None, {}, 404),
    ],
)
def test_what_may_change_is_asked_again(
    datasets: Datasets, version: str | None, headers: dict[str, str], status: int
) -> None:
    answering = Counting(version or datasets.current.snapshot.version, **headers)
    answering.status = status
    assert bodies(repeating(answering, datasets), {}, {}) == [b"1", b"2"]


def test_answers_are_forgotten_with_their_dataset(data: Path, version: str) -> None:
    with (
        closing(Datasets(data / "datasets")) as view,
        closing(Datasets(data / "datasets")) as next_,
    ):
        app = repeating(Counting(version), view)
        assert bodies(app, {}, {}) == [b"1", b"1"]
        view.current = next_.current
        assert bodies(app, {}, {}) == [b"2", b"2"]


def test_the_question_counts_among_the_bytes_that_are_kept(
    datasets: Datasets, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_KEPT_BYTES", 20_000)
    app = repeating(Counting(version), datasets)
    long = [{"if-none-match": f'"{number}{"x" * 7_000}"'} for number in range(2)]
    assert bodies(app, long[0], long[0], long[1], long[0]) == [b"1", b"1", b"2", b"3"]


def test_an_answer_to_requests_of_one_moment_is_counted_once(
    datasets: Datasets, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_KEPT_BYTES", 10_000)
    app = repeating(Counting(version), datasets)
    assert len({body for *_, body in get_together(app, "/salary?role=mlops", 3)}) == 3
    first, _, again = bodies(app, {}, {"x": "1"}, {})
    assert first == again


def test_what_is_kept_is_bounded_in_bytes(
    datasets: Datasets, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_KEPT_BYTES", 10_000)
    app = repeating(Counting(version), datasets)
    asked = [{"x": str(number)} for number in range(5)]
    assert bodies(app, *asked, asked[4], asked[0]) == [b"%d" % n for n in (1, 2, 3, 4, 5, 5, 6)]
