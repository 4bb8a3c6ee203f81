"""Files of a dataset to download."""

import datetime
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Literal

import duckdb
import pytest

from paycite.dataset.build import build
from paycite.dataset.export import FOLDER, export, remove_orphans
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from support.observing import observe, simulated

DAY = datetime.date(2026, 6, 1)


@pytest.fixture(scope="module")
def folder(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset that has a private source, and its public part."""
    data = tmp_path_factory.mktemp("export")
    rows, _ = simulated(1, ("data-scientist",), ("mid",), ("nyc", "austin-tx"), employers=12)
    observe(data / "observations", "secret-placements", rows, is_private=True)
    build(few_seeds, data / "datasets", 5, DAY, observations=data / "observations")
    return data / "datasets"


def public_of(folder: Path) -> str:
    with closing(Datasets(folder, scope=PUBLIC)) as datasets:
        return datasets.current.snapshot.version


def test_the_same_dataset_gives_the_same_parquet_file(folder: Path, tmp_path: Path) -> None:
    version = public_of(folder)
    made = export(folder, version, "parquet")
    again = tmp_path / "again.parquet"
    command = ("-m", "paycite.dataset.export", folder / f"{version}.duckdb", again, "parquet")
    subprocess.run([sys.executable, *map(str, command)], check=True)
    assert again.read_bytes() == made.file.read_bytes()
    assert export(folder, version, "parquet") == made


@pytest.mark.parametrize("damaged", ["", ".sha256"])
def test_a_file_that_is_not_as_it_was_made_is_made_again(folder: Path, damaged: str) -> None:
    version = public_of(folder)
    made = export(folder, version, "parquet")
    content = made.file.read_bytes()
    file = made.file.with_name(made.file.name + damaged)
    file.chmod(0o600)
    with file.open("r+b") as opened:
        opened.write(b"\xff")
    assert export(folder, version, "parquet") == made
    assert made.file.read_bytes() == content


def test_a_dataset_with_private_sources_is_never_exported(folder: Path) -> None:
    version = (folder / "current").read_text().split()[0]
    for kind in ("parquet", "duckdb"):
        with pytest.raises(DatasetError, match="private sources"):
            export(folder, version, kind)
    assert not [*(folder / FOLDER).glob(f"{version}*")]


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_nothing_in_a_dataset_can_read_beyond_it(
    folder: Path, tmp_path: Path, kind: Literal["parquet", "duckdb"]
) -> None:
    """A follower takes what is in its place, and hands it out to everyone."""
    hostile = tmp_path / f"{public_of(folder)}.duckdb"
    shutil.copyfile(folder / hostile.name, hostile)
    hostile.chmod(0o600)
    (tmp_path / "keys.json").write_text("a secret")
    with duckdb.connect(hostile) as connection:
        connection.execute("alter table estimate rename to estimates")
        read = f"(select content from read_text('{tmp_path / 'keys.json'}'))"
        connection.execute(
            f"create view estimate as select * replace ({read} as confidence) from estimates"
        )
    with pytest.raises(DatasetError, match="file system operations are disabled"):
        export(tmp_path, hostile.stem, kind)


def test_a_file_that_cannot_be_written_is_no_reason_to_name_its_folder(folder: Path) -> None:
    lock = folder / "downloads" / ".lock"
    shutil.rmtree(lock.parent, ignore_errors=True)
    lock.mkdir(parents=True)
    with pytest.raises(DatasetError, match="cannot be written: Is a directory") as refused:
        export(folder, public_of(folder), "parquet")
    assert str(folder) not in str(refused.value)
    lock.rmdir()


def test_a_file_goes_with_its_dataset(folder: Path) -> None:
    kept = export(folder, public_of(folder), "duckdb")
    orphan = kept.file.with_name("2020-01-01-000000000000.0a0a0a0a.duckdb")
    for ending in ("", ".sha256"):
        orphan.with_name(orphan.name + ending).write_bytes(b"")
    remove_orphans(folder)
    assert kept.file.exists() and not [*orphan.parent.glob(f"{orphan.stem}*")]
    assert export(folder, public_of(folder), "duckdb") == kept
    assert {file.suffix for file in (folder / FOLDER).iterdir() if file.name != ".lock"} <= {
        ".parquet",
        ".duckdb",
        ".sha256",
    }
