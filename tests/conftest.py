"""Real parts: a dataset built from the seeds, and servers on real sockets."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from paycite.dataset.build import build
from paycite.dataset.store import Datasets, Store
from paycite.match import Vocabulary
from paycite.model.snapshot import Snapshot
from paycite.settings import ROOT

SEEDS = ROOT / "seeds"
PAYCITE = Path(sys.executable).with_name("paycite")


@pytest.fixture(scope="session")
def few_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds with few of their distributions, which take most of the time of a build; for tests
    of building, not of what is built. No test changes them."""
    seeds = Path(shutil.copytree(SEEDS, tmp_path_factory.mktemp("few") / "seeds"))
    for file in (seeds / "distributions").glob("*.csv"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:20]))
    return seeds


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the dataset of the seeds; no test changes it."""
    folder = tmp_path_factory.mktemp("data")
    build(SEEDS, folder / "datasets", keep=5)
    return folder


@pytest.fixture(scope="session")
def datasets(data: Path) -> Iterator[Datasets]:
    with closing(Datasets(data / "datasets")) as datasets:
        yield datasets


@pytest.fixture(scope="session")
def store(datasets: Datasets) -> Store:
    return datasets.current


@pytest.fixture(scope="session")
def snapshot(store: Store) -> Snapshot:
    return store.snapshot


@pytest.fixture(scope="session")
def names(snapshot: Snapshot) -> Vocabulary:
    return Vocabulary(snapshot)


@contextmanager
def serving(data: Path) -> Iterator[httpx.Client]:
    """A client of a server of its own over the data folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PAYCITE), "serve", "--port", str(port)]
    environment = os.environ | {"PAYCITE_DATA": str(data)}
    with (
        (data / f"serve-{port}.log").open("w+") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        try:
            wait_until_ready(client, log.name)
            yield client
        finally:
            server.terminate()


def wait_until_ready(client: httpx.Client, log: str) -> None:
    patience = time.monotonic() + 60
    while not _is_ready(client):
        told = Path(log).read_text() if Path(log).exists() else log
        assert time.monotonic() < patience, told
        time.sleep(0.05)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/ready").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def client(data: Path) -> Iterator[httpx.Client]:
    with serving(data) as client:
        yield client
