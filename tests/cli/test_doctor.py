"""`paycite doctor` finds what must be fixed, and says how."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from paycite.dataset.build import build
from paycite.keys import Keys
from support.commands import paycite


@pytest.fixture(scope="module")
def built(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doctor") / "data"
    build(few_seeds, folder / "datasets", keep=5)
    Keys(folder).add("acme")
    return folder


def doctor(folder: Path, seeds: Path) -> tuple[int, str]:
    ended = paycite(folder, "doctor", PAYCITE_SEEDS=seeds)
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def dataset(folder: Path) -> Path:
    (file,) = (folder / "datasets").glob("*.duckdb")
    file.chmod(0o644)
    return file


def truncate(folder: Path) -> None:
    os.truncate(dataset(folder), 100_000)


def lose_pointer(folder: Path) -> None:
    (folder / "datasets" / "current").unlink()


def publish_in_the_future(folder: Path) -> None:
    os.utime(dataset(folder), (4e9, 4e9))


def show_keys(folder: Path) -> None:
    (folder / "keys.json").chmod(0o644)


def show_rows(folder: Path) -> None:
    (folder / "observations").mkdir(0o755)


def add_key(folder: Path) -> None:
    Keys(folder).add("agency", sources=("agency-placements",))


def follow_elsewhere(folder: Path) -> None:
    add_key(folder)
    (folder / "datasets" / "replica.json").touch()


def lose_pointer_of_replica(folder: Path) -> None:
    lose_pointer(folder)
    (folder / "datasets" / "replica.json").touch()


def garble_keys(folder: Path) -> None:
    (folder / "keys.json").write_text("{")


def damage_import(folder: Path) -> None:
    (folder / "observations").mkdir()
    (folder / "observations" / "own-pay.parquet").write_bytes(b"PAR1")


def lose_all(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (truncate, "Run `paycite build`"),
        (lose_pointer, "Run `paycite rollback`"),
        (publish_in_the_future, "Set the clock"),
        (show_keys, "Run: chmod 600"),
        (show_rows, "Run: chmod 700"),
        (add_key, "no dataset was built for the key agency\n      Run `paycite build`"),
        (
            follow_elsewhere,
            "with the same --source, and run `paycite publish PLACE --with-private`",
        ),
        (lose_pointer_of_replica, "Start `paycite serve --dataset PLACE` again"),
        (garble_keys, "Restore it"),
        (damage_import, "paycite remove own-pay"),
        (lose_all, "set PAYCITE_DATA"),
    ],
)
def test_what_must_be_fixed_is_said_with_how(
    built: Path, few_seeds: Path, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "data"))
    damage(folder)
    status, text = doctor(folder, few_seeds)
    assert (status, said in text) == (1, True), text


def test_a_sound_installation_has_nothing_to_mend_and_is_not_changed(
    built: Path, few_seeds: Path
) -> None:
    (leftover := built / "datasets" / "building-x").mkdir()
    before = sorted(built.rglob("*"))
    status, text = doctor(built, few_seeds)
    assert (status, "FIX" in text) == (0, False), text
    assert f"unfinished: {leftover}" in text
    assert sorted(built.rglob("*")) == before
    leftover.rmdir()
