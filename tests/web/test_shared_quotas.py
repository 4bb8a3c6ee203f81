"""Quotas that servers share in Redis or Valkey: `make test-redis`, which needs one installed."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from servers import free_port
from support.servers import QUESTION, burst, read_log, serving

if "PAYCITE_REDIS" not in os.environ:
    pytest.skip("`make test-redis` needs a Redis or Valkey server", allow_module_level=True)

QUOTA = 400


class Redis:
    """A server that can be stopped, killed and started again, with nothing kept."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        assert found, "install the Debian package redis-server"
        self.port = free_port()
        self._command = [found, "--port", str(self.port), "--save", "", "--dir", str(folder)]

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        patience = time.monotonic() + 30
        while time.monotonic() < patience:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("the server of quotas does not start")

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    redis = Redis(tmp_path)
    redis.start()
    yield redis
    redis.kill()


@contextmanager
def sharing(data: Path, folder: Path, redis: Redis, servers: int) -> Iterator[list[httpx.Client]]:
    shared = f"redis://127.0.0.1:{redis.port}"
    settings = {"PAYCITE_QUOTA": QUOTA, "PAYCITE_QUOTA_SERVER": shared}
    with ExitStack() as stack:
        yield [
            stack.enter_context(serving(data, folder=folder, **settings)) for _ in range(servers)
        ]


def test_two_servers_share_a_quota_and_who_waits_as_told_is_answered(
    data: Path, tmp_path: Path, redis: Redis
) -> None:
    with sharing(data, tmp_path, redis, 2) as servers:
        answers = []
        for client in servers * 2:
            answers += burst(client, QUOTA // 4)
        answers += burst(servers[0], QUOTA // 4)
        granted = sum(one.status_code == 200 for one in answers)
        # Each server spent a unit more to make the answer, and one may hold a twentieth.
        assert QUOTA - 2 - QUOTA // 20 <= granted <= QUOTA - 2
        refused = [one for one in answers if one.status_code == 429]
        assert len(refused) == len(answers) - granted
        wait = max(int(one.headers["retry-after"]) for one in refused)
        assert 40 < wait <= 63
        assert all(client.get(QUESTION).status_code in (200, 429) for client in servers)
        time.sleep(wait)
        for client in servers:
            assert client.get(QUESTION).status_code == 200


class Load:
    """Requests one after the other, until it ends."""

    def __init__(self, client: httpx.Client) -> None:
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self._client = client
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._ends.is_set():
            began = time.monotonic()
            self.statuses[self._client.get(QUESTION).status_code] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.05)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()


def told(folder: Path) -> list[str]:
    """What the log says of quotas."""
    return [line for line in read_log(folder) if "quotas are" in line]


def wait_for(folder: Path, lines: int) -> None:
    patience = time.monotonic() + 20
    while len(told(folder)) < lines:
        assert time.monotonic() < patience, told(folder)
        time.sleep(0.05)


def test_no_request_is_lost_while_the_server_of_quotas_is_away(
    data: Path, tmp_path: Path, redis: Redis
) -> None:
    with sharing(data, tmp_path, redis, 1) as (client,), Load(client) as load:
        time.sleep(1)
        redis.kill()
        wait_for(tmp_path, 1)
        time.sleep(1)
        redis.start()
        wait_for(tmp_path, 2)
        redis.send(signal.SIGSTOP)  # slow, not away
        wait_for(tmp_path, 3)
        time.sleep(1)
        redis.send(signal.SIGCONT)
        wait_for(tmp_path, 4)
        time.sleep(1)
    assert load.statuses.keys() == {200}
    assert load.slowest < 2
    away, back = "each process counts alone", "quotas are shared again"
    assert [away in line or back in line for line in told(tmp_path)] == [True] * 4


def test_a_server_starts_while_the_server_of_quotas_is_away(
    data: Path, tmp_path: Path, redis: Redis
) -> None:
    redis.kill()
    with sharing(data, tmp_path, redis, 1) as (client,):
        answers = burst(client, QUOTA + 50)
        assert sum(one.status_code == 200 for one in answers) == QUOTA - 1
    redis.start()
