"""Pooled pay, factors and the crosswalk of occupations: what `make evidence` writes."""

from pathlib import Path

import pytest

from paycite import seeds
from paycite.dataset.store import Store
from paycite.seeds import SeedError
from paycite.seeds.occupations import load_crosswalk
from support.servers import SEEDS

POOLS, LEVELS = sorted((SEEDS / "pools").glob("*.csv")), SEEDS / "factors" / "levels.csv"
LOADED = seeds.read(SEEDS)


def test_every_shipped_statistic_rests_on_five_employers() -> None:
    for shipped in LOADED.pools:
        for factor in shipped.factors:
            assert factor.part == "metro" or factor.employers
            assert factor.employers is None or factor.employers >= 5
        for spread in shipped.spreads:
            assert spread.employers is None or spread.employers >= 10
            assert spread.p10 < spread.p25 <= spread.p50 <= spread.p75 < spread.p90


def test_level_factors_rise_and_are_shrunk() -> None:
    ranks = {level.id: level.rank for level in LOADED.levels}
    roles = {one.role for one in LOADED.factors.levels}
    assert None in roles
    common = {one.level: one.factor for one in LOADED.factors.levels if one.role is None}
    assert common.keys() == ranks.keys()
    for role in roles:
        found = sorted(
            (one for one in LOADED.factors.levels if one.role == role),
            key=lambda one: ranks[one.level],
        )
        factors = [one.factor for one in found]
        assert factors == sorted(factors)
        for one in found:
            is_used = "not used: see staff-over-senior" not in one.note
            assert is_used == (one.level not in ("staff", "principal"))
        assert all(0.7 < one.factor / common[one.level] < 1.4 for one in found)


def test_role_factors_lie_between_what_was_measured_and_1() -> None:
    for one in LOADED.factors.roles:
        assert one.filings >= 30
        assert min(one.measured, 1) <= one.factor <= max(one.measured, 1)


def test_a_dataset_has_them_as_tables_and_figures(store: Store) -> None:
    ids = [one.id for one in (*LOADED.factors.levels, *LOADED.factors.roles)]
    ids += [one.id for shipped in LOADED.pools for one in shipped.factors]
    for id_ in ids:
        figure = store.figure(id_)
        assert figure is not None
        assert figure.source_id in store.snapshot.sources
    assert store.snapshot.pools == tuple(shipped.pool for shipped in LOADED.pools)


def test_no_derived_file_is_larger_than_2_mib() -> None:
    files = [*POOLS, *(SEEDS / "factors").iterdir(), *(SEEDS / "distributions").iterdir()]
    assert max(file.stat().st_size for file in files) < 2 * 2**20


BREAKAGES = {
    "an unknown role": ("pools", ",data-engineer,", ",data-enginer,", "unknown `role`"),
    "an unknown part": ("pools", "base,", "bass,", "unknown `part`"),
    "an unknown place": ("pools", ",nyc,", ",new-amsterdam,", "unknown `geography`"),
    "a factor of an unknown level": ("levels", ",entry,", ",intern,", "unknown `level`"),
    "a factor that is no number": ("levels", ",entry,0.", ",entry,O.", "Expected `float`"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_row_is_refused_with_its_line(name: str, own_seeds: Path) -> None:
    what, old, new, reason = BREAKAGES[name]
    original = LEVELS if what == "levels" else POOLS[0]
    file = own_seeds / original.relative_to(SEEDS)
    text = file.read_text()
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(SeedError, match=reason) as error:
        seeds.read(own_seeds)
    assert (error.value.file, error.value.line) == (file, text[: text.index(old)].count("\n") + 1)


def test_a_source_that_factors_were_computed_from_is_known(own_seeds: Path) -> None:
    file = own_seeds / "factors" / "factors.toml"
    file.write_text(file.read_text().replace('"aijobs-2025-08"', '"aijobs-1999-01"'))
    with pytest.raises(SeedError, match="unknown source 'aijobs-1999-01'; run `make evidence`"):
        seeds.read(own_seeds)


def test_occupations_of_2010_become_known_ones() -> None:
    crosswalk = load_crosswalk(SEEDS)
    assert crosswalk["15-1132"] == crosswalk["15-1133"] == "15-1252"
    assert crosswalk["15-1199"] is None  # it was split
    assert "15-2041" not in crosswalk  # it is the same
    known = {one.id for one in LOADED.occupations}
    assert {"15-1252", "15-1244", "15-1212"} <= set(crosswalk.values()) & known
