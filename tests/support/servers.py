"""Servers on real sockets, and what every test needs to start one."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from paycite.settings import ROOT
from servers import free_port
from support.commands import PAYCITE, environment

SEEDS = ROOT / "seeds"
QUESTION = "/salary?role=mlops&level=mid&metro=nyc&source=kore1-ai-jobs-2026"  # of the README


@contextmanager
def serving(
    data: Path, *options: object, folder: Path | None = None, **settings: object
) -> Iterator[httpx.Client]:
    """A client of a server of its own over the data folder, which runs there or in another."""
    command = [str(PAYCITE), "serve", "--port", "PORT", *map(str, options)]
    with running(command, folder or data, environment(data, **settings)) as client:
        yield client


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, settings: dict[str, str]
) -> Iterator[httpx.Client]:
    """A client of the server that the command starts in the folder, where its log goes too; a
    free port stands in for PORT in the command."""
    port = free_port()
    words = [re.sub(r"\bPORT$", str(port), str(word)) for word in command]
    environment = os.environ | settings
    with (
        (folder / f"serve-{port}.log").open("w+") as log,
        subprocess.Popen(
            words, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        ) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        try:
            wait_until_ready(client, log.name)
            yield client
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                raise


def read_log(folder: Path) -> list[str]:
    """The lines that the one server wrote whose log is in the folder."""
    (log,) = folder.glob("serve-*.log")
    return log.read_text().splitlines()


def wait_until_ready(client: httpx.Client, log: str) -> None:
    patience = time.monotonic() + 300  # `make serve` installs an environment first
    while not _is_ready(client):
        told = Path(log).read_text() if Path(log).exists() else log
        assert time.monotonic() < patience, told
        time.sleep(0.05)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for it, so long at most."""
    patience = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.1)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/ready").status_code == 200
    except httpx.TransportError:
        return False


def follow_pages(client: httpx.Client, address: str) -> Iterator[Any]:
    """The pages of a list, from an address on."""
    while address:
        page = client.get(address).raise_for_status().json()
        yield page
        address = page["next"]


def burst(client: httpx.Client, requests: int) -> list[httpx.Response]:
    """Requests over connections of their own, so that each worker gets some."""

    def ask(_: int) -> list[httpx.Response]:
        with httpx.Client(base_url=client.base_url) as one:
            return [one.get(QUESTION) for _ in range(requests // 10)]

    with ThreadPoolExecutor(10) as threads:
        return [answer for answers in threads.map(ask, range(10)) for answer in answers]
