"""`paycite serve` as a process: idle connections, an end under load, a parent that is killed."""

import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path

import httpx
import pytest

from servers import free_port
from support.commands import PAYCITE, environment, read_error
from support.servers import read_log, serving, until

IDLE = 1_500  # more than the server took before it accepted no other


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE + 500:
        pytest.fail(f"the system allows {hard} open files, too few for {IDLE} connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + 500), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_that_ask_nothing_or_slowly_keep_nobody_waiting(
    client: httpx.Client, many_files: None
) -> None:
    address = (client.base_url.host, client.base_url.port or 80)
    with ExitStack() as stack:

        def connect() -> socket.socket:
            return stack.enter_context(closing(socket.create_connection(address, timeout=20)))

        idle, slow = [connect() for _ in range(IDLE)], [connect() for _ in range(50)]
        for part in (b"GET /he", b"alth HT"):
            for one in slow:
                one.sendall(part)
            assert httpx.get(client.base_url.join("/health"), timeout=5).status_code == 200
        # Those that never ask are closed.
        for one in (idle[0], idle[-1], slow[0]):
            assert one.recv(1_000)[:12] in (b"", b"HTTP/1.1 408")


def test_a_file_where_the_server_is_started_is_not_imported(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise SystemExit('imported')")
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with serving(data, folder=tmp_path) as it:
        assert it.post("/mcp", json=message).status_code == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_the_workers_of_a_killed_server_end_and_free_the_port(
    data: Path, tmp_path: Path, workers: int
) -> None:
    port = free_port()
    options = ("serve", "--port", str(port), "--workers", str(workers))
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            (PAYCITE, *options),
            env=environment(data),
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: answers(port))
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    until(lambda: is_free(port))


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_that_was_sent_is_lost_when_the_server_is_asked_to_stop(
    data: Path, tmp_path: Path, workers: int
) -> None:
    """Under load, some of it slow. Later ones are refused a connection, so a client can go on to
    another server."""
    port, clients = free_port(), 12
    sent: list[float] = []
    answered: list[tuple[float, int]] = []
    faults: list[str] = []
    command = (PAYCITE, "serve", "--port", str(port), "--workers", str(workers))
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(command, env=environment(data), stdout=log, stderr=log)

    def ask(client: int) -> None:
        for at in count():
            # Charts are drawn one after the other, so that some wait when the server stops.
            path = "/salary.png" if client < 3 else "/salary"
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            with closing(connection):
                try:
                    connection.connect()
                except OSError:
                    return
                begun = time.monotonic()
                try:
                    connection.request("GET", f"{path}?role=mlops&offer={client + 10}{at:04}")
                    sent.append(begun)
                    answer = connection.getresponse()
                    assert len(answer.read()) == int(answer.headers["content-length"])
                    answered.append((begun, answer.status))
                except (OSError, HTTPException) as error:
                    if begun <= stopped:  # else it had not been accepted
                        faults.append(repr(error))

    stopped = float("inf")
    try:
        until(lambda: answers(port))
        threads = [threading.Thread(target=ask, args=[at]) for at in range(clients)]
        for one in threads:
            one.start()
        until(lambda: len(answered) > 30)
        stopped = time.monotonic()
        server.terminate()
        assert server.wait(30) == 0
        for one in threads:
            one.join()
    finally:
        server.kill()
        server.wait()
        log.close()
    assert not faults
    before = [one for one in sent if one <= stopped]
    assert len(before) == len([one for one, status in answered if one <= stopped]) > 30
    assert {status for _, status in answered} == {200}


def test_a_server_that_is_stopped_while_it_starts_ends_without_a_complaint(
    data: Path, tmp_path: Path
) -> None:
    """Its threads read the dataset then. With metrics it ends as Python does, which reports what
    DuckDB's binding has left."""
    with serving(data, "--metrics-port", free_port(), folder=tmp_path):
        pass
    assert all(line.startswith("[INFO] ") for line in read_log(tmp_path))


def test_a_port_for_metrics_that_cannot_be_had_is_an_error_that_says_so(data: Path) -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        for metrics, said in (
            (port, "Metrics need a port of their own"),
            (taken.getsockname()[1], "Cannot serve metrics on 127.0.0.1:"),
        ):
            options = ("--port", port, "--metrics-port", metrics)
            assert said in read_error(data, "serve", *options)


def is_free(port: int) -> bool:
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            free.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
