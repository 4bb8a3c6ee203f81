"""What changed between two datasets, on datasets that differ in known ways."""

import datetime
import re
import shutil
from collections import Counter
from math import log, prod
from pathlib import Path

import pytest

from paycite.dataset.build import build
from paycite.dataset.changes import Comparison, compare
from paycite.dataset.store import DatasetError, Store
from paycite.model.change import Change
from support.observing import observe, simulated

DAY = datetime.date(2026, 6, 1)
BAND = "ai-ml-engineer-mid,kore1-ai-jobs-2026,"


@pytest.fixture(scope="module")
def versions(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Two datasets: the later one has one source more, and another figure of an article."""
    data = tmp_path_factory.mktemp("changes")
    earlier = build(few_seeds, data / "datasets", 5, DAY)
    seeds = Path(shutil.copytree(few_seeds, data / "seeds"))
    file = seeds / "figures/kore1/ai-jobs-2026.csv"
    text = re.sub(rf"({BAND}.*),140000,210000,", r"\1,150000,230000,", file.read_text())
    file.write_text(text.replace("$140K-$210K", "$150K-$230K"))
    rows, _ = simulated(1, ("data-scientist",), ("mid",), ("nyc", "austin-tx"), employers=12)
    observe(data / "observations", "everyones", rows)
    later = build(seeds, data / "datasets", 5, DAY, observations=data / "observations")
    return data / "datasets", earlier, later


@pytest.fixture(scope="module")
def comparison(versions: tuple[Path, str, str]) -> Comparison:
    return compare(*versions)


@pytest.fixture(scope="module")
def changes(comparison: Comparison) -> list[Change]:
    return comparison.read_page(None, 1_000_000)


def test_the_changes_are_all_estimates_that_differ_the_largest_first(
    versions: tuple[Path, str, str], changes: list[Change], comparison: Comparison
) -> None:
    folder, *both = versions
    before, after = (Store(folder / f"{one}.duckdb").snapshot for one in both)
    found = {(one.role, one.level, one.metro): one for one in changes}
    for role in after.roles:
        for metro in after.metros:
            old, new = (one.cell(role, metro).estimates for one in (before, after))
            for level in old.keys() | new.keys():
                pair = [
                    (row.p25, row.p50, row.p75) if (row := side.get(level)) else None
                    for side in (old, new)
                ]
                change = found.get((role, level, metro))
                assert (change is not None) == (pair[0] != pair[1])
                if change:
                    shown = [
                        (one.p25, one.p50, one.p75) if one else None
                        for one in (change.before, change.after)
                    ]
                    assert shown == pair
    moves = [log(one.after.p50 / one.before.p50) for one in changes if one.before and one.after]
    assert [abs(move) for move in moves] == sorted(map(abs, moves), reverse=True)
    summary = comparison.summarize()
    assert summary.moved == len(moves) and summary.moved + summary.added == len(changes)


def test_the_factors_of_the_causes_give_the_change(changes: list[Change]) -> None:
    for one in changes:
        if one.change is not None:
            assert prod(cause.factor for cause in one.causes) - 1 == pytest.approx(
                one.change, abs=0.0003
            ), one


def test_each_cause_is_what_was_done(changes: list[Change], comparison: Comparison) -> None:
    kinds = Counter(
        (one.role, cause.kind, cause.source_id) for one in changes for cause in one.causes
    )
    assert {key for key in kinds if key[0] == "ai-ml-engineer"} == {
        ("ai-ml-engineer", "revised", "kore1-ai-jobs-2026")
    }
    others = {(kind, source) for role, kind, source in kinds if role == "data-scientist"}
    assert ("added", "everyones") in others
    assert {kind for kind, source in others if source != "everyones"} == {"reweighted"}
    assert {role for role, _, _ in kinds} == {"ai-ml-engineer", "data-scientist"}
    sources = {(one.kind, one.source_id): one.estimates for one in comparison.summarize().sources}
    for key in {(kind, source) for _, kind, source in kinds}:
        assert sources[key] == sum(
            count for (_, *rest), count in kinds.items() if tuple(rest) == key
        )


def test_the_way_back_has_the_opposite_causes(
    versions: tuple[Path, str, str], changes: list[Change]
) -> None:
    folder, earlier, later = versions
    back = {one.id: one for one in compare(folder, later, earlier).read_page(None, 1_000_000)}
    assert back.keys() == {one.id for one in changes}
    opposite = {"added": "removed", "removed": "added"}
    for one in changes:
        there, again = (
            {
                (
                    opposite.get(cause.kind, cause.kind) if turn else cause.kind,
                    cause.source_id,
                ): cause
                for cause in side.causes
            }
            for side, turn in ((one, True), (back[one.id], False))
        )
        assert there.keys() == again.keys()
        for key, cause in there.items():
            assert cause.factor * again[key].factor == pytest.approx(1, abs=0.0003)


def test_pages_have_every_change_once(comparison: Comparison, changes: list[Change]) -> None:
    read: list[Change] = []
    while some := comparison.read_page(read[-1].id if read else None, 997):
        read += some
    assert read == changes


def test_a_dataset_is_equal_to_itself(versions: tuple[Path, str, str]) -> None:
    folder, earlier, _ = versions
    summary = compare(folder, earlier, earlier).summarize()
    assert (summary.moved, summary.added, summary.removed, summary.sources) == (0, 0, 0, ())


def test_what_cannot_be_read_cannot_be_compared(versions: tuple[Path, str, str]) -> None:
    folder, earlier, _ = versions
    (folder / "damaged.duckdb").write_bytes(b"not a database")
    for other in ("damaged", "none"):
        with pytest.raises(DatasetError, match="cannot be compared"):
            compare(folder, earlier, other)
    (folder / "damaged.duckdb").unlink()
