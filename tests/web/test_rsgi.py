"""Requests reach the service as the server received them, and its answers are sent whole."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from paycite.keys import Keys
from support.servers import serving

QUESTION = "/salary?role=mlops&level=mid&metro=nyc"
NOT_ASCII = "Bearer caf\u00e9".encode()


@pytest.fixture(scope="module")
def keyed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server for which there is a key."""
    folder = tmp_path_factory.mktemp("keyed")
    (folder / "datasets").symlink_to(data / "datasets")
    Keys(folder).add("acme")
    with serving(folder) as client:
        yield client


@pytest.mark.parametrize(
    ("name", "status"),
    [("Authorization", 401), ("Cookie", 400), ("Host", 400), ("Referer", 200), ("Accept", 200)],
)
def test_a_header_that_is_not_ascii_is_not_taken_for_one_that_is_left_out(
    keyed: httpx.Client, name: str, status: int
) -> None:
    """Nor is the answer that was kept for a request without it repeated."""
    assert {keyed.get(QUESTION).status_code for _ in range(3)} == {200}
    headers = [(name.encode(), NOT_ASCII)]
    got = keyed.get(QUESTION, headers=headers)
    assert got.status_code == status
    if name == "Cookie":
        assert "not ASCII" in got.json()["detail"]
        for path in ("/login.html", "/embed.js"):
            assert keyed.get(path, headers=headers).status_code == 200


def test_cookies_that_are_not_ascii_are_those_of_others_where_nobody_has_a_key(
    client: httpx.Client,
) -> None:
    assert client.get(QUESTION, headers=[(b"Cookie", NOT_ASCII)]).status_code == 200


def test_a_request_without_a_host_is_known_by_the_host_of_its_address(
    client: httpx.Client,
) -> None:
    """Nor does it get, or leave, an answer with the links of another."""
    port = client.base_url.port or 0

    def ask(target: str) -> bytes:
        with socket.create_connection((client.base_url.host, port)) as raw:
            raw.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
            with raw.makefile("rb") as answer:
                return answer.read()

    page = "/salary.html?role=mlops&level=senior"
    refused = b"HTTP/1.0 400 "
    assert ask(f"http://evil.example{page}").startswith(refused)
    assert b"http://localhost:9/" in ask(f"http://localhost:9{page}")
    assert ask(f"http://evil.example{page}").startswith(refused)
    assert b"http://localhost:9/" not in ask(page)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /health HTTP/1.0\r\n", b" 400 "),
        ("GET /health HTTP/1.0\r\nHost: localhost\r\n", b" 200 "),
        ("GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n", b" 200 "),
        ("GET /sources/caf%C3%A9%2Fx%ff HTTP/1.1\r\nHost: localhost\r\n", b" 404 "),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n", b" 404 "),
    ],
)
def test_unusual_requests_are_answered(
    client: httpx.Client, request_line: str, status: bytes
) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as raw:
        raw.sendall(f"{request_line}Connection: close\r\n\r\n".encode())
        with raw.makefile("rb") as answer:
            assert status in answer.readline()


def talk(client: httpx.Client, head: str, body: bytes = b"") -> bytes:
    """Send a request and nothing more, and return all that the server sends."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as raw:
        raw.sendall(f"{head}\r\nHost: localhost\r\n\r\n".encode() + body)
        raw.shutdown(socket.SHUT_WR)
        with raw.makefile("rb") as answer:
            return answer.read()


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/salary/batch", "text/csv", b"role,level\nmlops,mid\n"),
        ("/salary/batch", "application/json", b'{"rows": [{"role": "mlops"}]}'),
        ("/login.html", "application/x-www-form-urlencoded", b"key=pc_1234"),
        ("/mcp", "application/json", b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'),
    ],
)
def test_a_body_that_is_cut_off_is_not_taken_for_a_whole_one(
    client: httpx.Client, path: str, content_type: str, body: bytes
) -> None:
    head = f"POST {path} HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: "
    whole = talk(client, f"{head}{len(body)}", body)
    assert b"incomplete" not in whole
    assert b"connection: close" not in whole.lower()
    cut = talk(client, f"{head}{len(body) + 1}", body)
    assert cut.startswith(b"HTTP/1.1 400 ")
    assert b"The body is incomplete." in cut


@pytest.mark.parametrize("length", ["Content-Length: 6000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("ask", [f"GET {QUESTION}", "POST /salary/batch"])
def test_an_answer_before_the_body_was_read_says_that_the_connection_ends(
    client: httpx.Client, ask: str, length: str
) -> None:
    """Otherwise a client would send its next request on it. Nor is such an answer repeated."""
    for _ in range(3):
        assert b"\r\nconnection: close\r\n" in talk(client, f"{ask} HTTP/1.1\r\n{length}")
    assert "connection" not in client.get(QUESTION).headers
