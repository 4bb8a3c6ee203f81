"""Going back to an earlier dataset, also one with private sources, and forward again."""

import datetime
import os
from contextlib import closing
from pathlib import Path

import pytest

from paycite.dataset.build import build
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets
from paycite.dataset.rollback import roll_back
from paycite.dataset.store import DatasetError
from support.observing import observe, simulated
from support.servers import serving, until

DAYS = [datetime.date(2026, 6, day) for day in (1, 2, 3)]


def test_a_rollback_goes_back_in_order_of_publication_and_a_build_forward(
    few_seeds: Path, tmp_path: Path
) -> None:
    first, second, third = (build(few_seeds, tmp_path, keep=5, as_of=day) for day in DAYS)
    for version in (first, second):  # the clock was ahead, and is set back
        os.utime(tmp_path / f"{version}.duckdb", (4e9, 4e9 + (version == second)))
    assert build(few_seeds, tmp_path, keep=5, as_of=DAYS[2]) == third
    assert [roll_back(tmp_path), roll_back(tmp_path)] == [second, first]
    with pytest.raises(DatasetError, match="no dataset was published before"):
        roll_back(tmp_path)
    assert roll_back(tmp_path, third) == third
    with closing(Datasets(tmp_path)) as datasets:
        assert datasets.current.snapshot.version == third
    roll_back(tmp_path)
    assert build(few_seeds, tmp_path, keep=5, as_of=DAYS[2]) == third
    with closing(Datasets(tmp_path)) as datasets:
        assert datasets.current.snapshot.version == third


def test_a_damaged_dataset_is_not_gone_back_to(few_seeds: Path, tmp_path: Path) -> None:
    first, second = (build(few_seeds, tmp_path, keep=5, as_of=day) for day in DAYS[:2])
    file = tmp_path / f"{first}.duckdb"
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 4, len(content), len(content) // 20):
        content[at] ^= 1
    was = file.stat().st_mtime_ns
    file.write_bytes(content)
    os.utime(file, ns=(was, was))  # as where a disk fails
    with pytest.raises(DatasetError, match="cannot be read"):
        roll_back(tmp_path)
    assert (tmp_path / "current").read_text().split()[0] == second


def test_the_public_part_goes_back_with_its_dataset(few_seeds: Path, tmp_path: Path) -> None:
    rows, data = tmp_path / "observations", tmp_path / "datasets"
    observed = simulated(1, ["mlops"], ["mid"], ["nyc", "austin-tx"], 10)[0]
    observe(rows, "firm", observed, is_private=True)
    first, second = (
        build(few_seeds, data, keep=9, as_of=day, observations=rows) for day in DAYS[:2]
    )
    with serving(tmp_path) as client:
        public = client.get("/ready").json()["dataset"]
        assert public != second
        assert roll_back(data) == first  # not the public part, which was not published by itself
        until(lambda: client.get("/ready").json()["dataset"] != public)
        with closing(Datasets(data, scope=PUBLIC)) as datasets:
            earlier = datasets.current.snapshot.version
        assert client.get("/ready").json()["dataset"] == earlier
        assert client.get("/ready").json()["published_problem"] is None
    with pytest.raises(DatasetError, match="no dataset was published before"):
        roll_back(data)
    (data / f"{earlier}.duckdb").unlink()
    roll_back(data, second)
    with pytest.raises(DatasetError, match="cannot be read"):
        roll_back(data, first)
    assert (data / "current").read_text().split()[0] == second


def test_a_rollback_undoes_the_first_private_import(few_seeds: Path, tmp_path: Path) -> None:
    rows, data = tmp_path / "observations", tmp_path / "datasets"
    earliest = build(few_seeds, data, keep=9, as_of=DAYS[0])
    public = build(few_seeds, data, keep=9, as_of=DAYS[1])
    for seed in (1, 2):
        observed = simulated(seed, ["mlops"], ["mid"], ["nyc", "austin-tx"], 10)[0]
        observe(rows, "firm", observed, is_private=True)
        private = build(few_seeds, data, keep=9, as_of=DAYS[1], observations=rows)
        assert private != public
        assert [roll_back(data), roll_back(data)] == [public, earliest]
        roll_back(data, private)


def test_a_dataset_is_kept_with_its_public_part(few_seeds: Path, tmp_path: Path) -> None:
    rows, data = tmp_path / "observations", tmp_path / "datasets"
    public = build(few_seeds, data, keep=2, as_of=DAYS[0])
    observe(rows, "firm", simulated(1, ["mlops"], ["mid"], ["nyc"], 10)[0], is_private=True)
    first, second, third = (
        build(few_seeds, data, keep=2, as_of=day, observations=rows, keep_private=True)
        for day in DAYS
    )
    assert roll_back(data) == second
    assert not (data / f"{first}.duckdb").exists()
    assert not (data / f"{public}.duckdb").exists()
    assert roll_back(data, third) == third
