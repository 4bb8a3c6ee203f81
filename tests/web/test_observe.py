"""Each request has an id, and a line in the log that says nothing of who asked what."""

import asyncio
import json
import os
import select
import shutil
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets
from paycite.web.app import ENDPOINTS
from paycite.web.logs import REQUEST_LOG, Answered
from paycite.web.observe import NO_ROUTE, Routes
from support.asgi import get, make_app, send
from support.servers import read_log, serving


@pytest.fixture(scope="module")
def app(data: Path) -> Any:
    return make_app(data, logs_json=True)


VALID = st.from_regex(r"[A-Za-z0-9._:/+=-]{1,128}", fullmatch=True)
OTHERS = st.text(st.characters(max_codepoint=126), max_size=200)


@settings(max_examples=100)
@given(given_id=VALID | OTHERS)
def test_an_id_is_returned_if_it_is_valid_and_else_made_also_with_kept_answers(
    app: Any, given_id: str
) -> None:
    is_valid = 0 < len(given_id) <= 128 and all(
        one in "._:/+=-" or (one.isascii() and one.isalnum()) for one in given_id
    )
    _, told, first = get(app, "/salary?role=mlops", {"x-request-id": given_id})
    assert (told["x-request-id"] == given_id) == is_valid
    _, again, second = get(app, "/salary?role=mlops")
    assert again.pop("x-request-id") not in ("", told.pop("x-request-id"))
    assert (again, first) == (told, second)


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    REQUEST_LOG.flush()
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_lines_are_written_in_pieces_that_a_pipe_takes_whole(
    monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    """Workers write to the same pipe: their lines would mix otherwise."""
    REQUEST_LOG.flush()  # of other tests
    opened = Datasets(data / "datasets", scope=PUBLIC)
    written: list[bytes] = []
    monkeypatch.setattr(os, "write", lambda _, piece: written.append(piece))
    longest = Answered(
        at=1_796_000_000.123_456,
        request_id="x" * 128,
        method="OPTIONS",
        route=max((one.path for one in ENDPOINTS), key=len),
        status=500,
        seconds=3_600.000_123,
        size=10**10,
        cache="miss",
        view=opened,
        dataset=opened.current.version,
    )

    async def log() -> None:
        for _ in range(100):
            REQUEST_LOG.add(longest)
        REQUEST_LOG.flush()

    asyncio.run(log())
    assert max(map(len, written)) <= select.PIPE_BUF
    assert b"".join(written) == (msgspec.json.encode(longest.line()) + b"\n") * 100


def test_a_line_says_what_was_done_and_nothing_of_who_asked_what(
    app: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    lines(capfd)  # of other tests
    secret = {"authorization": "Bearer SECRET", "cookie": "paycite_session=SECRET"}
    secret |= {"user-agent": "SECRET", "referer": "SECRET"}
    get(app, "/salary?role=mlops&offer=123456")
    get(app, "/salary?role=mlops&offer=123456", {"x-request-id": "abc"})
    send(app, "HEAD", "/sources/bls-oews-2025-05.html")
    send(app, "SECRET", "/SECRET?SECRET", secret)
    get(app, "/salary?role=SECRET&key=SECRET", secret)
    told = lines(capfd)
    assert "SECRET" not in str(told) and "123456" not in str(told)
    keys = ("method", "route", "status", "cache")
    assert [tuple(one[key] for key in keys) for one in told] == [
        ("GET", "/salary", 200, "miss"),
        ("GET", "/salary", 200, "hit"),
        ("HEAD", "/sources/{id}.html", 200, "miss"),
        ("other", NO_ROUTE, 401, None),
        ("GET", "/salary", 401, None),
    ]
    miss, hit, head, *_ = told
    assert hit["request_id"] == "abc"
    assert miss["milliseconds"] > hit["milliseconds"] > 0
    assert miss["bytes"] == hit["bytes"] > head["bytes"] == 0
    assert miss["dataset"] == hit["dataset"]


def test_every_line_of_a_server_is_json_and_an_error_has_the_id_of_its_request(
    data: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(data / "datasets", tmp_path / "datasets"))
    with serving(tmp_path, PAYCITE_LOG="json") as client:
        (file,) = folder.glob("*.duckdb")
        download = client.get(f"/datasets/{file.stem}.parquet", headers={"range": "bytes=0-99"})
        file.chmod(0o600)
        os.truncate(file, 1_000_000)  # a disk that fails under the service
        asked = "/figures"
        broken = client.get(asked, headers={"x-request-id": "of-the-error"})
        assert client.get("/ready").status_code == 503
        assert (broken.status_code, broken.headers["x-request-id"]) == (503, "of-the-error")
    told = [json.loads(line) for line in read_log(tmp_path)]
    sent = [one["bytes"] for one in told if one.get("route") == "/datasets/{id}.parquet"]
    assert sent == [len(download.content)] == [100]
    error, request = [one for one in told if one.get("request_id") == "of-the-error"]
    assert error["message"].startswith("GET /figures failed, request of-the-error: ")
    assert "cannot be read" in error["message"]
    assert (request["route"], request["status"]) == ("/figures", 503)


def test_without_the_setting_requests_are_not_logged(
    data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    get(make_app(data), "/health")
    assert not lines(capfd)


def test_the_route_of_every_address_is_its_own(client: httpx.Client) -> None:
    routes = Routes(one.path for one in ENDPOINTS)
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace("{id}", "a.b")
        assert routes.find(path) == routes.find(f"/{path}/") == endpoint.path
    assert routes.find("/salary.json") == "/salary"
    assert routes.find("/figures/a.json") == "/figures/{id}"
    for path in ("/nothing", "/figures/a/b", "/", "//", "", "/.html", "/{id}", "/salary/x"):
        assert routes.find(path) in (NO_ROUTE, "/")
