"""Private sources are a layer of their own: the dataset without them knows nothing of them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from paycite.dataset.build import build
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets, check_version
from paycite.model.answer import Answer
from support.observing import observe, simulated
from support.questions import ask

SCOPES = [
    ("data-scientist", "senior", "austin-tx"),
    ("data-engineer", None, "us"),
    ("mlops", "mid", "nyc"),
    ("ai-governance-specialist", "staff", "boise-city-id"),
]


def observations(folder: Path, name: str, seed: int, **more: Any) -> None:
    roles, levels = ("data-scientist", "data-engineer"), ("mid", "senior")
    rows, _ = simulated(seed, roles, levels, ("austin-tx", "nyc", "denver-co"), employers=12)
    observe(folder, name, rows, **more)


@pytest.fixture(scope="module")
def layered(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasets]:
    """A public and a private source of observations, beside the seeds."""
    folder = tmp_path_factory.mktemp("layered")
    observations(folder / "observations", "everyones", 1)
    observations(folder / "observations", "ours-2025", 2, is_private=True, series="ours")
    observations(folder / "observations", "ours-2026", 3, is_private=True, series="ours")
    build(few_seeds, folder, keep=1, observations=folder / "observations")
    with closing(Datasets(folder)) as datasets:
        yield datasets


@pytest.fixture(scope="module")
def public(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasets]:
    """An installation that never had the private source."""
    folder = tmp_path_factory.mktemp("public")
    observations(folder / "observations", "everyones", 1)
    build(few_seeds, folder, keep=1, observations=folder / "observations")
    with closing(Datasets(folder)) as datasets:
        yield datasets


def answers(datasets: Datasets, version: str) -> list[Answer]:
    snapshot = datasets.open(version).snapshot
    return [ask(snapshot, *scope) for scope in SCOPES]


def test_an_answer_without_private_sources_is_that_of_an_installation_without_them(
    layered: Datasets, public: Datasets
) -> None:
    version = layered.current.public_version
    assert version == public.current.snapshot.version != layered.current.snapshot.version
    assert public.current.public_version is None
    never_had_them = answers(public, version)
    assert msgspec.json.encode(answers(layered, version)) == msgspec.json.encode(never_had_them)
    assert {one.id for one in never_had_them[0].sources} >= {"everyones"}


def test_where_only_private_rows_change_the_public_dataset_is_kept_unless_it_is_damaged(
    few_seeds: Path, tmp_path: Path
) -> None:
    def build_with(seed: int) -> Path:
        observations(tmp_path / "observations", "ours", seed, is_private=True)
        build(few_seeds, tmp_path, keep=5, observations=tmp_path / "observations")
        with closing(Datasets(tmp_path, scope=PUBLIC)) as datasets:
            return tmp_path / f"{datasets.current.version}.duckdb"

    file = build_with(1)
    first, whole = file.stat().st_ino, file.read_bytes()
    assert build_with(2) == file
    assert file.stat().st_ino == first
    file.chmod(0o644)
    file.write_bytes(whole[: len(whole) // 2])
    assert build_with(2) == file
    assert file.stat().st_ino != first
    check_version(tmp_path, file.stem)


def test_a_private_source_adds_a_chain_and_changes_only_the_weights_of_others(
    layered: Datasets, public: Datasets
) -> None:
    for one, other in zip(
        answers(layered, layered.current.snapshot.version),
        answers(public, public.current.snapshot.version),
        strict=True,
    ):
        before = {chain.source_id: chain for chain in other.chains}
        after = {chain.source_id: chain for chain in one.chains}
        assert after.keys() - before.keys() <= {"ours-2025", "ours-2026"}
        for source_id, chain in before.items():
            assert msgspec.structs.replace(after[source_id], weight=chain.weight) == chain


def test_of_one_series_the_newest_release_answers_and_the_others_are_superseded(
    layered: Datasets,
) -> None:
    answer, *_ = answers(layered, layered.current.snapshot.version)
    chains = {chain.source_id: chain for chain in answer.chains}
    # Both are of one day, so the ids decide.
    assert chains["ours-2025"].weight == 0
    assert chains["ours-2025"].unused_reason == "superseded"
    assert chains["ours-2026"].weight > 0
    snapshot = layered.current.snapshot
    alone = ask(snapshot, *SCOPES[0], sources=("ours-2025",))
    assert [chain.source_id for chain in alone.chains if chain.weight] == ["ours-2025"]


def test_a_declared_weight_replaces_that_by_the_number_of_employers(
    few_seeds: Path, tmp_path: Path
) -> None:
    observations(tmp_path / "observations", "ours", 2, is_private=True, weight=2.5)
    build(few_seeds, tmp_path, keep=1, observations=tmp_path / "observations")
    with closing(Datasets(tmp_path)) as datasets:
        weights = datasets.current.snapshot.weights_by_role["data-scientist"]
        before = {one.source_id: one.alone for one in weights}
        assert before["ours"] == 2.5
        chains = ask(datasets.current.snapshot, "data-scientist", "senior", "nyc").chains
        shares = {chain.source_id: chain.weight for chain in chains if chain.weight}
        total = sum(before.values())
        assert shares == pytest.approx({id_: w / total for id_, w in before.items()}, abs=1e-5)
