"""Finished answers: kept in front of the framework, they are what the framework would answer."""

import asyncio
import gzip
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar

from paycite.dataset.published import Datasets
from paycite.web.app import litestar_app
from paycite.web.finished import CURRENT, FinishedAnswers
from paycite.web.metrics import NUMBERS
from paycite.web.repeats import Repeats
from support.asgi import get, repeating

QUERIES = (
    ("role=mlops", "level=mid", "metro=nyc"),
    ("role=data%20engineer", "metro=Austin,+TX", "offer=150k"),
    ("role=narnia", "utm_source=x"),
)
PATHS = ("/salary", "/salary.html", "/salary.csv", "/salary/compare", "/none")
HEADERS: dict[str, list[Any]] = {
    "host": ["a.example", "b.example", 'c"><b>'],
    "accept": ["*/*", "text/html", "application/json", ["*/*", "text/html"]],
    "origin": ["https://x.example"],
    "if-none-match": ['"none"'],
}
Counted = Callable[[], tuple[int, int]]
ENCODINGS = ("", "gzip", "zstd", "zstd, gzip", "gzip;q=0", "br", "*", "gzip;q=much", "identity")


@pytest.fixture(scope="module")
def framework(datasets: Datasets) -> Litestar:
    return litestar_app(datasets)


@pytest.fixture(scope="module")
def finished(framework: Litestar, datasets: Datasets) -> FinishedAnswers:
    return FinishedAnswers(framework, datasets)


@pytest.fixture(scope="module")
def repeats(finished: FinishedAnswers, datasets: Datasets) -> Repeats:
    return repeating(finished, datasets)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    query = "&".join(draw(st.permutations(draw(st.sampled_from(QUERIES)))))
    chosen = draw(st.sets(st.sampled_from(sorted(HEADERS))))
    headers = {name: draw(st.sampled_from(HEADERS[name])) for name in sorted(chosen)}
    return f"{draw(st.sampled_from(PATHS))}?{query}", headers


@settings(max_examples=150)
@given(asked=requests(), encoding=st.sampled_from(ENCODINGS))
def test_whatever_was_asked_before_the_answer_is_that_of_the_framework(
    finished: FinishedAnswers, repeats: Repeats, framework: Litestar, asked: Any, encoding: str
) -> None:
    """Kept answers of other parameters, hosts, origins and encodings must not show."""
    address, headers = asked
    status, told, body = get(framework, address, headers)
    for app in (finished, finished, repeats, repeats):
        got, said, sent = get(app, address, headers | {"accept-encoding": encoding})
        said.pop("x-request-id", None)  # of each request
        assert (got, decoded(sent, said)) == (status, body)
        expected = told | {"content-length": str(len(sent))}
        if said.get("vary", "").endswith("Accept-Encoding"):
            expected["vary"] = said["vary"]
        if chosen := said.pop("content-encoding", None):
            assert chosen in encoding or "*" in encoding
        assert said == expected


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """How many answers were kept, and were not, since the start of the test."""
    monkeypatch.setattr(NUMBERS, "hits", 0)
    monkeypatch.setattr(NUMBERS, "misses", 0)
    return lambda: (NUMBERS.hits, NUMBERS.misses)


def decoded(body: bytes, headers: dict[str, str]) -> bytes:
    encoding = headers.get("content-encoding")
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompress(body)
    return gzip.decompress(body) if encoding == "gzip" else body


def test_a_compressed_answer_is_not_modified_for_any_tag_of_it(finished: FinishedAnswers) -> None:
    question = "/salary?role=mlops"
    (tag,) = {get(finished, question, {"accept-encoding": one})[1]["etag"] for one in ENCODINGS}
    strong = tag.removeprefix("W/")
    for held in (tag, strong, f'{strong[:-1]}-gzip"', "*", f'"x", {tag}'):
        for encoding in ENCODINGS:
            headers = {"accept-encoding": encoding, "if-none-match": held}
            status, told, body = get(finished, question, headers)
            assert (status, body, told["etag"], told["vary"]) == (
                *(304, b"", tag),
                "Accept, Accept-Encoding",
            )
            assert not {"content-length", "content-type", "content-encoding"} & told.keys()


def test_parameters_in_another_order_are_the_same_question(
    framework: Litestar, datasets: Datasets, counted: Counted
) -> None:
    app = FinishedAnswers(framework, datasets)
    first = get(app, "/salary?role=mlops&metro=nyc&level=mid")
    assert get(app, "/salary?level=mid&role=mlops&metro=nyc") == first
    assert counted() == (1, 1)
    compared = get(app, "/salary/compare?role=mlops&role=data-engineer")
    assert get(app, "/salary/compare?role=data-engineer&role=mlops") != compared
    escaped = get(app, "/salary/compare?%72ole=mlops&role=data-engineer")
    assert get(app, "/salary/compare?role=data-engineer&%72ole=mlops") != escaped
    get(app, "/salary?role=narnia")  # a refusal is not kept
    assert counted() == (1, 5)


@pytest.mark.parametrize(("is_current", "times"), [(True, 1), (False, 20)])
def test_the_same_question_at_the_same_time_is_answered_once_unless_by_another_dataset(
    datasets: Datasets, is_current: bool, times: int, counted: Counted
) -> None:
    """Another dataset: one that was published while the question was answered."""
    asked = 0
    version = datasets.current.snapshot.version.encode() if is_current else b"next"

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        headers = {
            b"etag": b'"x"',
            b"x-dataset-version": version,
            b"cache-control": CURRENT.encode(),
            b"content-type": b"text/plain",
        }
        await send({"type": "http.response.start", "status": 200, "headers": headers.items()})
        await send({"type": "http.response.body", "body": b"done"})

    app = FinishedAnswers(slow, datasets)

    async def many() -> list[bytes]:
        async def one() -> bytes:
            sent: list[Any] = []

            async def send(message: Any) -> None:
                sent.append(message)

            scope: Any = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
            await app(scope | {"headers": [], "scheme": "http"}, None, send)  # type: ignore[arg-type]
            body: bytes = sent[1]["body"]
            return body

        return await asyncio.gather(*(one() for _ in range(20)))

    assert asyncio.run(many()) == [b"done"] * 20
    assert (asked, *counted()) == (times, 20 - times, is_current)


def test_an_answer_that_is_compressed_is_far_smaller(client: httpx.Client) -> None:
    plain = client.get("/ranking?role=mlops", headers={"accept-encoding": "identity"})
    for encoding, wbits in (("gzip", 31), ("zstd", None)):
        with client.stream(
            "GET", "/ranking?role=mlops", headers={"accept-encoding": encoding}
        ) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == encoding
        assert len(raw) < len(plain.content) / 4
        read = zlib.decompress(raw, wbits) if wbits else decoded(raw, dict(answer.headers))
        assert read == plain.content
