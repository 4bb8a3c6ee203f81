"""The grid: coherent whatever the sources say, and equal to what its answers can be traced to."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from paycite.estimate.carry import joined
from paycite.estimate.combine import combine
from paycite.estimate.derivation import multiply
from paycite.model.answer import Interval, Percentiles, PlacePart, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Citation
from paycite.model.observation import Observation
from paycite.model.snapshot import Snapshot
from support.grid import AUDITS, SmallDataset, small_dataset
from support.observing import observation
from support.questions import ask

# The last has no occupation, and no source before a test gives it one.
ROLES = ("mlops", "ai-ml-engineer", "data-engineer", "ai-governance-specialist", "data-annotator")
PLACES = ("nyc", "austin-tx", "bay-area", "texas", "northwest-alabama-nonmetro", "guam")
LEVELS = ("entry", "mid", "senior", "staff", "principal")


@pytest.fixture(scope="module")
def small(dataset: Path) -> Iterator[SmallDataset]:
    with small_dataset(dataset, ROLES, PLACES) as small:
        yield small


def distributions(rng: random.Random, source_id: str) -> Iterator[dict[str, object]]:
    """Percentiles of some roles at some levels in some places: inverted, wide, equal or capped."""
    bay_area = ["san-francisco-ca", "san-jose-ca"]
    places = rng.choice((["us"], ["us", "nyc", *bay_area], ["guam"], ["nyc", "texas"], bay_area))
    levels = rng.sample((None, *LEVELS), rng.randint(1, 6))
    width = rng.choice((0.0, 0.02, 0.2, 0.5, 1.0))
    for role in rng.sample(ROLES, rng.randint(1, len(ROLES))):
        for place in places:
            for level in levels:
                middle = rng.lognormvariate(11.8, rng.choice((0.000_01, 0.01, 0.3, 1.0)))
                pays = sorted(middle * rng.lognormvariate(0, width) for _ in PERCENTILES)
                pays = [max(10_000, min(9_000_000, round(pay))) for pay in pays]
                capped = PERCENTILES[rng.randint(0, 4) :] if rng.random() < 0.1 else ()
                yield {
                    "id": f"{source_id}:{role}-{level}-{place}",
                    "source_id": source_id,
                    "kind": "published",
                    "subject": "random",
                    "role": role,
                    "level": level,
                    "and_above": False,
                    "geography": place,
                    "component": "base",
                    "as_of": "2026",
                    "n": rng.choice((1, 3, 30, 3000)),
                    **dict(zip(PERCENTILES, pays, strict=True)),
                    "capped": list(capped),
                    "withheld": [],
                    "locator": "random",
                }


def bands(rng: random.Random, source_id: str) -> Iterator[dict[str, object]]:
    """Bands of some roles at some levels: inverted, narrow or far too wide."""
    levels = rng.sample((None, *LEVELS), rng.randint(1, 6))
    for role in rng.sample(ROLES, rng.randint(1, len(ROLES))):
        for place in rng.choice((["us"], ["us", "nyc"], ["austin-tx"])):
            for level in levels:
                low = round(rng.lognormvariate(11.6, 0.4))
                yield {
                    "id": f"{source_id}:{role}-{level}-{place}",
                    "source_id": source_id,
                    "topic": "band" if level else "offers",
                    "kind": "published",
                    "subject": "random",
                    "role": role,
                    "level": level,
                    "and_above": False,
                    "geography": place,
                    "low": low,
                    "high": round(low * rng.choice((1, 1.1, 1.4, 3))),
                    "bound": "exact",
                    "unit": "usd",
                    "currency": "USD",
                    "period": "year",
                    "component": "base",
                    "as_published": "random",
                    "locator": "random",
                }


def observations(rng: random.Random) -> list[Observation]:
    """Pay at few or many employers, in all places or one, at levels that may be inverted."""
    places = rng.choice((("nyc", "austin-tx", "guam"), ("nyc",), ("us",)))
    rows, employers = rng.choice((1, 8, 100, 600)), rng.choice((1, 4, 6, 50, 400))
    effect = {level: rng.gauss(0, rng.choice((0, 0.3))) for level in (*LEVELS, None)}
    made = []
    for number in range(rows):
        level = rng.choice((*LEVELS, None))
        pay = round(min(9e6, max(1.1e4, rng.lognormvariate(11.7 + effect[level], 0.3))))
        made.append(
            observation(
                number,
                pay,
                role=rng.choice(ROLES),
                level=level,
                geography=rng.choice(places),
                employer=f"employer {rng.randrange(employers)}",
            )
        )
    return made


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sources_make_estimates_contradict_each_other(dataset: Path, seed: int) -> None:
    rng = random.Random(seed)
    with small_dataset(dataset, ROLES, PLACES) as small:
        if rng.random() < 0.3:
            small.forget_sources()
        for number in range(rng.randint(0, 3)):
            if rng.random() < 0.5:
                small.add(distribution=list(distributions(rng, f"percentiles-{number}")))
            else:
                small.add(figure=list(bands(rng, f"bands-{number}")))
        if rng.random() < 0.6:
            small.observe("firm", observations(rng))
        small.price()
        assert not small.violations()


def test_a_region_of_metros_that_pay_the_same_pays_no_dollar_more_or_less(dataset: Path) -> None:
    rng = random.Random(1)

    def nearly_equal(source_id: str) -> Iterator[dict[str, object]]:
        (made, *_) = (one for one in distributions(rng, source_id) if not one["capped"])
        for role in ROLES:
            for level in LEVELS:
                for place in ("san-francisco-ca", "san-jose-ca"):
                    pays = [100_000 * at + rng.randint(0, 1) for at in range(1, 6)]
                    of = {"id": f"{source_id}:{role}-{level}-{place}", "role": role, "level": level}
                    percentiles = dict(zip(PERCENTILES, pays, strict=True))
                    yield made | of | {"geography": place} | percentiles

    with small_dataset(dataset, ROLES, PLACES) as small:
        small.forget_sources()
        for name in ("one", "two", "three", "four"):
            small.add(distribution=list(nearly_equal(name)))
        small.price()
        assert not small.violations()


SHARES = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(
    lambda parts: [part / sum(parts) for part in parts]
)


@pytest.mark.parametrize("growth", [None, 1.0371])
@settings(max_examples=200)
@given(st.data(), SHARES, SHARES)
def test_a_region_is_combined_to_between_its_metros(
    growth: float | None, data: st.DataObject, weights: list[float], shares: list[float]
) -> None:
    """Also where its chains are aged."""

    def percentiles() -> Percentiles:
        p25, p50, p75 = (100_000 * at + data.draw(st.integers(0, 2)) for at in range(2, 5))
        return Percentiles(p10=100_000, p25=p25, p50=p50, p75=p75, p90=500_000)

    def steps(parts: list[Percentiles], at: int | None = None) -> list[Step]:
        """Of the region, or of its metro at a place in the list."""
        ends = Interval(min=1, max=2)
        places = tuple(
            PlacePart(metro=str(at), share=share, factor=None, range=ends, percentiles=part)
            for at, (share, part) in enumerate(zip(shares, parts, strict=True))
        )
        joint = joined(places)
        cited: dict[str, Any] = dict.fromkeys(Citation.__struct_fields__, "x")
        place = Step(operation="place", parts=places, **joint, **cited)
        if at is not None:
            place = replace(place, percentiles=parts[at], parts=())
        aged = [multiply(place, "age", growth, Citation(**cited))] if growth else []
        return [place, *aged]

    weighted = [(weight, [percentiles() for _ in shares]) for weight in weights]
    region = combine([(weight, steps(parts)) for weight, parts in weighted])
    metros = [
        combine([(weight, steps(parts, at)) for weight, parts in weighted])
        for at in range(len(shares))
    ]
    for name in ("p25", "p50", "p75"):
        every = [getattr(one, name) for one in metros]
        assert min(every) <= getattr(region, name) <= max(every)


@pytest.mark.parametrize(
    ("audit", "damage"),
    [
        ("higher_level_pays_less", "update estimate set p50 = p50 - 60000 where level = 'staff'"),
        ("estimate_outside_its_voices", "update estimate set p25 = p25 / 3"),
        ("percentiles_cross_or_lie_apart", "update voice set p75 = 3 * p75"),
        ("region_outside_its_metros", "update estimate set p75 = 2 * p75 where metro = 'bay-area'"),
        ("cell_without_its_voices", "delete from estimate where metro = 'nyc'"),
        ("cell_without_its_voices", "update voice set weight = weight / 2 where metro = 'guam'"),
    ],
)
def test_an_audit_names_the_cells_that_contradict_its_promise(
    small: SmallDataset, audit: str, damage: str
) -> None:
    assert small.price() == 4 * 6 * 9  # the six places, both metros of the Bay Area, the nation
    assert not small.violations()
    small.connection.execute(damage)
    found = small.violations()
    assert f"audits/{audit}" in found
    assert {"audits/" + audit} <= set(AUDITS)
    role, *_ = found[f"audits/{audit}"][0]
    assert role in ROLES


def test_an_import_adds_a_voice_and_changes_no_other(small: SmallDataset) -> None:
    def voices() -> dict[tuple[str, ...], tuple[float, ...]]:
        sql = "select source_id, role, level, metro, p25, p50, p75 from voice"
        return {row[:4]: row[4:] for row in small.connection.execute(sql).fetchall()}

    small.price()
    before = voices()
    small.add(distribution=list(distributions(random.Random(4), "added")))
    small.price()
    after = voices()
    assert before.items() <= after.items()
    assert {key[0] for key in after.keys() - before.keys()} == {"added"}
    small.connection.execute("delete from distribution where source_id = 'added'")


def test_sources_that_share_an_originator_weigh_as_one_in_proportion_to_their_samples(
    small: SmallDataset,
) -> None:
    """A source weighs n / (n + 25), official statistics 1, a band a quarter."""
    small.price()
    before = small.weights("data-engineer")
    small.connection.execute(
        "insert into source by name select 'twin' as id, * exclude (id) from source "
        "where id = 'aijobs-2025-08'"
    )
    small.connection.execute("update source set series = null where id = 'twin'")
    small.connection.execute(
        "insert into distribution by name select * replace (id || '-twin' as id, 'twin' as "
        "source_id, n // 4 as n) from distribution where source_id = 'aijobs-2025-08'"
    )
    small.price()
    after = small.weights("data-engineer")
    small.connection.execute("delete from distribution where source_id = 'twin'")
    small.connection.execute("delete from source where id = 'twin'")
    twin, other = after.pop("twin"), after.pop("aijobs-2025-08")
    assert twin / other == pytest.approx(1 / 4, rel=0.01)
    shared = twin + other
    assert shared == pytest.approx(before.pop("aijobs-2025-08"), abs=2e-6)
    assert after == pytest.approx(before, abs=2e-6)


def test_the_newest_release_of_a_series_answers(small: SmallDataset) -> None:
    small.connection.execute(
        "insert into source by name select 'aijobs-2026-01' as id, * exclude (id) from source "
        "where id = 'aijobs-2025-08'"
    )
    small.connection.execute(
        "insert into distribution by name select * replace (id || '-newer' as id, '2026-01' as "
        "as_of, 'aijobs-2026-01' as source_id) from distribution where source_id = 'aijobs-2025-08'"
    )
    small.price()
    assert "aijobs-2026-01" in small.weights("data-engineer")
    assert "aijobs-2025-08" not in small.weights("data-engineer")
    small.connection.execute("delete from distribution where source_id = 'aijobs-2026-01'")
    small.connection.execute("delete from source where id = 'aijobs-2026-01'")


def test_every_chain_ends_in_the_stored_voice(snapshot: Snapshot) -> None:
    """To the dollar, over many cells: any role, level and place, regions more often."""
    rng = random.Random(20_260_515)
    regions = [id_ for id_, metro in snapshot.metros.items() if metro.kind == "region"]
    for _ in range(250):
        role = rng.choice(sorted(snapshot.weights_by_role))
        level = rng.choice((None, *snapshot.levels))
        metro = rng.choice(rng.choice((list(snapshot.metros), regions, ["us", "nyc"])))
        cell = snapshot.cell(role, metro)
        for chain in ask(snapshot, role, level, metro).chains:
            if chain.weight:
                voice = cell.voices[chain.source_id, level]
                assert chain.percentiles
                for name in PERCENTILES:
                    assert getattr(chain.percentiles, name) == getattr(voice, name)
