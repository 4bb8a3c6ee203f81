"""Real parts: a dataset built from the seeds, and a server on a real socket."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.match import Vocabulary
from paycite.model.snapshot import Snapshot
from support.few_seeds import write_few_seeds
from support.servers import SEEDS, serving

# No example has a limit of time: machines are shared and noisy.
settings.register_profile("paycite", deadline=None)
settings.load_profile("paycite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "client" in getattr(item, "fixturenames", ()):  # asks a server
            item.add_marker("slow")


@pytest.fixture
def own_seeds(tmp_path: Path) -> Path:
    """A copy of the seeds for a test to change."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


@pytest.fixture(scope="session")
def few_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds with few places and distributions (`support.few_seeds`). No test changes them."""
    seeds = tmp_path_factory.mktemp("few") / "seeds"
    write_few_seeds(seeds)
    return seeds


@pytest.fixture(scope="session")
def few_dataset(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few-datasets")
    return folder / f"{build(few_seeds, folder, keep=1)}.duckdb"


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
def dataset(data: Path) -> Path:
    """The file of the dataset of the seeds."""
    (file,) = (data / "datasets").glob("*.duckdb")
    return file


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


@pytest.fixture(scope="session")
def client(data: Path) -> Iterator[httpx.Client]:
    with serving(data) as client:
        yield client
