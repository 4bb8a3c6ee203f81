"""Real parts: a dataset built from the seeds, and servers on real sockets."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
QUESTION = "/salary?role=mlops&level=mid&metro=nyc"  # of the README


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
    """A data folder with the dataset of the seeds, which all workers share; no test changes it."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if is_worker else base) / "data"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "datasets" / "current").exists():
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


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(data: Path) -> Iterator[httpx.Client]:
    """A client of a server of its own over the data folder."""
    with running((PAYCITE, "serve", "--port", "PORT"), data, {"PAYCITE_DATA": str(data)}) as client:
        yield client


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, settings: dict[str, str]
) -> Iterator[httpx.Client]:
    """A client of the server that the command starts in the folder, where its log goes too; a
    free port stands in for PORT in the command."""
    port = free_port()
    words = [re.sub(r"\bPORT$", str(port), str(word)) for word in command]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PAYCITE_")} | settings
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
