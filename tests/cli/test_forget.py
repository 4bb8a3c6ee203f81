"""`paycite forget`: a dataset, or all that is kept of a source."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec import structs

from paycite.dataset.pointer import Scope, Scoped, find_pointer, write_pointer
from paycite.files import locked
from support.commands import PAYCITE
from support.observing import observation, observe


class Data:
    def __init__(self, seeds: Path, folder: Path) -> None:
        self._environment = os.environ | {"PAYCITE_DATA": str(folder), "PAYCITE_SEEDS": str(seeds)}
        self.observations, self.datasets = folder / "observations", folder / "datasets"

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = self._environment | settings
        command = [str(PAYCITE), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def build(self, employers: int) -> str:
        rows = [observation(number, 100_000 + 997 * number) for number in range(employers)]
        observe(self.observations, "ours", rows, is_private=True)
        done = self.run("build", PAYCITE_KEEP_PRIVATE="yes")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def kept(self) -> set[str]:
        return {file.stem for file in self.datasets.glob("*.duckdb")}


@pytest.fixture
def installation(few_seeds: Path, tmp_path: Path) -> Data:
    return Data(few_seeds, tmp_path)


def test_a_dataset_or_a_source_is_forgotten_but_not_what_is_in_service(installation: Data) -> None:
    first, second, third = (installation.build(employers) for employers in (20, 30, 40))
    refused = installation.run("forget", third)
    assert refused.returncode == 1
    assert "is in service" in refused.stderr
    assert "paycite build" in refused.stderr
    pointer = find_pointer(installation.datasets)
    for_a_key = Scoped(Scope(["ours"]), first, 1)
    write_pointer(installation.datasets, structs.replace(pointer, scoped=(for_a_key,)))
    assert "is in service" in installation.run("forget", first).stderr
    write_pointer(installation.datasets, pointer)
    assert installation.run("forget", first).stdout == f"Deleted dataset {first}.\n"
    assert installation.kept() >= {second, third}
    assert first not in installation.kept()
    done = installation.run("forget", "ours")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"Deleted dataset {second}.\nDeleted the observations of ours.\n"
        "The dataset in service still has it: run `paycite build`, which deletes it.\n"
    )
    assert list(installation.observations.iterdir()) == []
    public = installation.run("build").stdout.strip()
    assert installation.kept() == {public}


def test_what_is_not_there_is_not_forgotten(installation: Data) -> None:
    installation.build(20)
    done = installation.run("forget", "our")
    assert done.returncode == 1
    assert "neither a dataset nor a source of observations. Did you mean ours" in done.stderr
    # Only what can be forgotten is suggested.
    version = next(iter(installation.kept()))
    assert "Did you mean" not in installation.run("forget", f"{version}x").stderr
    shipped = installation.run("forget", "bls-oews-2025-05")
    assert shipped.returncode == 1
    assert "bls-oews-2025-05 is not a source of observations. What ships" in shipped.stderr
    assert "Did you mean" not in shipped.stderr + installation.run("forget", "bls-oews").stderr


def test_a_source_is_forgotten_after_a_build_that_is_under_way(installation: Data) -> None:
    """It would be published once more, and recorded as if it had never been forgotten."""
    installation.build(20)
    with ThreadPoolExecutor() as threads, locked(installation.datasets / ".lock"):
        forgetting = threads.submit(installation.run, "forget", "ours")
        with pytest.raises(TimeoutError):
            forgetting.result(3)
        assert (installation.observations / "ours.json").exists()
    assert "Deleted the observations of ours." in forgetting.result().stdout
