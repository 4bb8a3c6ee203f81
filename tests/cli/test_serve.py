"""`paycite serve` as a process: connections that ask nothing, and a parent that is killed."""

import os
import resource
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from support.servers import PAYCITE, free_port, until

IDLE = 1_500  # more than the server took before it accepted no other


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE + 500:
        pytest.fail(f"the system allows {hard} open files, too few for {IDLE} connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + 500), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_workers_of_a_killed_server_end_and_free_the_port(
    data: Path, tmp_path: Path, workers: int
) -> None:
    port = free_port()
    options = ("serve", "--port", str(port), "--workers", str(workers))
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            (PAYCITE, *options),
            env=os.environ | {"PAYCITE_DATA": str(data)},
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: answers(port))
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    until(lambda: not answers(port))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", port))


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
