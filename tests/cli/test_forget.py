"""`paycite forget`: a dataset, or all that is kept of a source."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec import structs

from paycite.dataset.pointer import Scope, Scoped, find_pointer, write_pointer
from paycite.files import locked
from support.observing import observation
from support.releases import Installation


@pytest.fixture
def installation(few_seeds: Path, tmp_path: Path) -> Installation:
    return Installation(tmp_path, few_seeds)


def release(installation: Installation, employers: int) -> str:
    rows = [observation(number, 100_000 + 997 * number) for number in range(employers)]
    return installation.release(rows, keep_private=True)


def test_a_dataset_or_a_source_is_forgotten_but_not_what_is_in_service(
    installation: Installation,
) -> None:
    first, second, third = (release(installation, employers) for employers in (20, 30, 40))
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


def test_what_is_not_there_is_not_forgotten(installation: Installation) -> None:
    release(installation, 20)
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


def test_a_source_is_forgotten_after_a_build_that_is_under_way(installation: Installation) -> None:
    """It would be published once more, and recorded as if it had never been forgotten."""
    release(installation, 20)
    with ThreadPoolExecutor() as threads, locked(installation.datasets / ".lock"):
        forgetting = threads.submit(installation.run, "forget", "ours")
        with pytest.raises(TimeoutError):
            forgetting.result(3)
        assert (installation.observations / "ours.json").exists()
    assert "Deleted the observations of ours." in forgetting.result().stdout
