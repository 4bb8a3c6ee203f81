"""Pooled observations: what the estimator promises."""

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycite.dataset.build import AuditError, build
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.model.answer import Answer, Chain, citations
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Citation
from paycite.model.observation import Observation
from paycite.model.pool import PoolFactor
from paycite.model.snapshot import Snapshot
from support.observing import observation, observe, open_pooled, pooled, simulated
from support.questions import ask, read_faults

ROLES = ("data-scientist", "data-engineer", "mlops")
LEVELS = ("mid", "senior")
METROS = ("austin-tx", "nyc", "san-francisco-ca", "seattle-wa", "denver-co", "boise-city-id")
FEW = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def rows() -> list[Observation]:
    return simulated(7, ROLES, LEVELS, METROS, employers=12)[0]


@pytest.fixture(scope="module")
def observed(few_dataset: Path, rows: list[Observation]) -> Snapshot:
    return pooled(few_dataset, firm=rows)


def chain(answer: Answer, source: str = "firm") -> Chain:
    (found,) = [one for one in answer.chains if one.source_id == source]
    return found


def chains(snapshot: Snapshot) -> Iterator[Chain]:
    """The chain for every role, level and place, and for all levels and the nation."""
    for role in ROLES:
        for level in (*LEVELS, None):
            for metro in (*METROS, "us", "texas", "abilene-tx"):
                yield chain(ask(snapshot, role, level, metro, sources=("firm",)))


def of_firm(snapshot: Snapshot) -> list[PoolFactor]:
    return [factor for factor in snapshot.pool_factors if factor.source_id == "firm"]


def dollars(amount: float, factor: float) -> int:
    """As one computes by hand: whole dollars, half up."""
    product = Decimal(str(amount)) * Decimal(str(factor))
    return int(product.quantize(Decimal(1), ROUND_HALF_UP))


def test_an_answer_from_observations_can_be_followed_by_hand(observed: Snapshot) -> None:
    for one in chains(observed):
        first = one.steps[0]
        assert first.factor is None
        assert first.range.min == first.range.max
        for before, step in pairwise(one.steps):
            assert step.operation == "pool"
            assert step.factor
            assert before.range.max
            assert step.range.min == dollars(before.range.min, step.factor.min)
            assert step.range.max == dollars(before.range.max, step.factor.max)
        middle, spread = one.steps[-2].range.min, one.steps[-1].spread
        assert spread
        assert one.percentiles
        for name in PERCENTILES:
            assert getattr(one.percentiles, name) == dollars(middle, getattr(spread, name))
        assert (one.range.min, one.range.max) == (one.percentiles.p25, one.percentiles.p75)


def test_every_number_of_a_pooled_chain_is_a_figure_that_says_the_same(
    few_dataset: Path, rows: list[Observation]
) -> None:
    with open_pooled(few_dataset, firm=rows) as store:
        for one in chains(store.snapshot):
            for cited in citations([one], (), None):
                figure = store.figure(cited.figure_id)
                assert figure, cited.figure_id
                stated = figure.citation()
                said = Citation(
                    **{name: getattr(cited, name) for name in Citation.__struct_fields__}
                )
                if cited.figure_id == "firm:fewest-employers":  # it names the suppressed group
                    said = msgspec.structs.replace(said, subject=stated.subject)
                assert said == stated


@given(factor=st.sampled_from([0.5, 1.25, 2.0, 3.0]), seed=st.integers(0, 99))
@FEW
def test_scaling_all_pay_scales_the_estimate(few_dataset: Path, factor: float, seed: int) -> None:
    rows, _ = simulated(seed, ROLES, LEVELS, METROS[:3], employers=6)
    scaled = [
        msgspec.structs.replace(row, low=row.low * factor, high=row.high * factor) for row in rows
    ]
    both = pooled(few_dataset, firm=rows, scaled=scaled)
    for role in ROLES:
        for metro in ("us", "nyc", "abilene-tx"):
            one, other = (
                chain(ask(both, role, "mid", metro, sources=(source,)), source)
                for source in ("firm", "scaled")
            )
            # A factor of four decimals may be rounded the other way.
            assert other.range.min == pytest.approx(factor * one.range.min, rel=3e-4)
            assert other.range.max == pytest.approx(factor * (one.range.max or 0), rel=3e-4)


def test_a_role_that_was_not_observed_in_a_place_has_the_places_factor(
    dataset: Path, rows: list[Observation]
) -> None:
    """Without the role in a place, the metro says all; without the place, its official ratio."""
    emptied = pooled(
        dataset,
        firm=[row for row in rows if (row.role, row.geography) != ("mlops", "nyc")],
    )
    without = chain(ask(emptied, "mlops", "senior", "nyc", sources=("firm",)))
    base, metro, spread = without.steps
    assert "MLOps" in base.subject
    assert metro.subject.startswith("New York")
    assert "stated levels" in spread.subject
    assert (without.n, without.employers) == (None, None)
    elsewhere = chain(ask(emptied, "mlops", "senior", "abilene-tx", sources=("firm",)))
    assert elsewhere.steps[0] == base
    assert elsewhere.steps[1].employers is None
    assert elsewhere.steps[1].statistics  # the official ratio is all that is known there


def test_the_union_of_sources_is_kept(few_dataset: Path, rows: list[Observation]) -> None:
    both = pooled(few_dataset, True, firm=rows[::2], other=rows[1::2])
    answer = ask(both, "data-engineer", "senior", "nyc")
    used = {one.source_id for one in answer.chains if one.weight}
    assert {"firm", "other"} <= used <= {source.id for source in answer.sources}
    alone = pooled(few_dataset, firm=rows[::2])
    apart = chain(ask(alone, "data-engineer", "senior", "nyc", sources=("firm",)))
    steps = chain(answer).steps
    assert steps[: len(apart.steps)] == apart.steps  # each is pooled by itself
    assert [step.operation for step in steps[len(apart.steps) :]] in (
        ["spread"],
        ["spread", "order"],
    )


@given(seed=st.integers(0, 99))
@FEW
def test_order_and_repetition_change_nothing(few_dataset: Path, seed: int) -> None:
    rows, _ = simulated(seed, ROLES, LEVELS, METROS[:3], employers=5)
    draw = random.Random(seed)
    shuffled = [*rows, *draw.sample(rows, 20)]
    draw.shuffle(shuffled)
    once, again = pooled(few_dataset, firm=rows), pooled(few_dataset, firm=shuffled)
    for what in ("pools", "pool_factors", "pool_spreads"):
        assert getattr(once, what) == getattr(again, what)


def test_fewer_than_five_employers_are_not_shown_and_the_step_says_so(dataset: Path) -> None:
    """Forty observations of four employers say nothing of Denver by themselves."""
    rows = [observation(number, 150_000 + number, geography="nyc") for number in range(40)]
    rows += [
        observation(100 + number, 90_000 + number, geography="denver-co", employer=f"e{number % 4}")
        for number in range(40)
    ]
    few = pooled(dataset, firm=rows)
    one = chain(ask(few, "data-scientist", "senior", "denver-co", sources=("firm",)))
    assert (one.n, one.employers) == (None, None)
    upwards = [step for step in one.steps if step.figure_id == "firm:fewest-employers"]
    assert [step.factor and step.factor.max for step in upwards] == [1]
    assert all("fewer than 5 employers" in step.subject for step in upwards)
    # The place factor is the official one, and the pay of four employers appears nowhere.
    assert one.steps[1].statistics
    figures = [factor for factor in of_firm(few) if factor.geography == "denver-co"]
    assert all(factor.n is factor.employers is None for factor in figures)


def test_a_role_of_too_few_employers_is_suppressed_and_a_level_is_carried(
    few_dataset: Path,
) -> None:
    rows = [observation(number, 150_000 + number) for number in range(12)]
    rows += [observation(100 + number, 120_000, level="mid") for number in range(4)]
    rows += [observation(200 + number, 120_000, role="mlops") for number in range(4)]
    few = pooled(few_dataset, firm=rows)
    (fault,) = read_faults(ask, few, "mlops", sources=("firm",))
    assert fault.type == "suppressed"
    answer = ask(few, "data-scientist", "mid", "austin-tx", sources=("firm",))
    (fallback,) = answer.fallbacks
    # All levels minus senior would reveal the pay of four employers, so senior is suppressed too.
    assert (fallback.dimension, fallback.used) == ("level", None)
    assert [step.operation for step in chain(answer).steps[-2:]] == ["level", "spread"]


def test_thirty_rows_stand_for_five_employers_where_none_is_named(few_dataset: Path) -> None:
    for number, is_shown in ((29, False), (30, True)):
        rows = [observation(row, 150_000 + row, employer=None) for row in range(number)]
        few = pooled(few_dataset, firm=rows)
        (base,) = [f for f in of_firm(few) if f.part == "base" and f.level is None]
        assert (base.amount is not None, base.n is not None) == (is_shown, is_shown)
        assert base.employers is None


def test_one_employer_with_many_rows_counts_once(
    few_dataset: Path, rows: list[Observation]
) -> None:
    many = [
        observation(10_000 + number, 400_000 + number, role="mlops", employer="Loud")
        for number in range(2_000)
    ]
    loud = pooled(few_dataset, firm=[*rows, *many])
    quiet = pooled(few_dataset, firm=rows)
    with_it, without = (
        chain(ask(one, "mlops", "senior", "austin-tx", sources=("firm",))) for one in (loud, quiet)
    )
    assert with_it.steps[-2].range.min == pytest.approx(without.steps[-2].range.min, rel=0.15)


def test_observations_change_only_what_they_price(few_dataset: Path, observed: Snapshot) -> None:
    with closing(Store(few_dataset)) as store:
        for role in ("security-engineer", "web-developer"):
            assert ask(observed, role, "mid", "nyc") == ask(store.snapshot, role, "mid", "nyc")


def test_one_loud_employer_is_not_the_distribution(few_dataset: Path) -> None:
    quiet = [observation(number, 150_000 + number) for number in range(12)]
    loud = [observation(100 + number, 400_000 + number, employer="Loud") for number in range(500)]
    with_loud = pooled(few_dataset, firm=[*quiet, *loud])
    one = chain(ask(with_loud, "data-scientist", "senior", sources=("firm",)))
    assert one.percentiles
    assert one.percentiles.p75
    assert one.percentiles.p75 < 250_000


@given(seed=st.integers(0, 999))
@FEW
def test_what_is_not_shown_cannot_be_told_by_taking_away(few_dataset: Path, seed: int) -> None:
    """Of every parent, what is not shown of it is nothing, or holds a part of five employers."""
    rows, _ = simulated(seed, ROLES[:2], LEVELS, METROS[:4], employers=4)
    rows = [
        msgspec.structs.replace(row, level=row.level if number % 3 else None)
        for number, row in enumerate(rows)
    ]
    factors = of_firm(pooled(few_dataset, firm=rows))
    shown = {(f.part, f.role, f.level, f.geography) for f in factors if f.employers}
    found: defaultdict[tuple[str, object, object], Counter[tuple[object, ...]]]
    found = defaultdict(Counter)
    for row in rows:
        role, level, place = row.role, row.level or "unstated", row.geography
        found["base", role, None]["base", role, level, None] += 1
        found["places", role, None]["role-metro", role, None, place] += 1
        found["roles", place, None]["role-metro", role, None, place] += 1
    for (of, *_), children in found.items():
        hidden = [n for part, n in children.items() if part not in shown]
        assert not hidden or max(hidden) >= 5 or len(hidden) == len(children), of


def test_employers_of_one_name_in_many_spellings_are_one(few_dataset: Path) -> None:
    names = ["Acme", "Acme Inc", "ACME, Inc.", "Acme  LLC", "acme corporation", "Acme Ltd."]
    rows = [observation(row, 150_000 + row, employer=name) for row, name in enumerate(names * 3)]
    few = pooled(few_dataset, firm=rows)
    assert {factor.n for factor in of_firm(few)} == {None}


def test_the_latest_of_alike_rows_is_kept(tmp_path: Path) -> None:
    days = (datetime.date(2026, 1, 1), datetime.date(2024, 1, 1))
    rows = [observation(row, 150_000, employer="Acme", date=day) for row, day in enumerate(days)]
    assert observe(tmp_path, "firm", rows).as_of == "2026-01-01"


def test_a_source_of_fewer_than_ten_employers_is_suppressed(few_dataset: Path) -> None:
    for employers, is_answered in ((9, False), (10, True)):
        rows = [observation(number, 150_000 + number) for number in range(employers)]
        few = pooled(few_dataset, firm=rows)
        if is_answered:
            assert chain(ask(few, "data-scientist", "senior", sources=("firm",)))
        else:
            (fault,) = read_faults(ask, few, "data-scientist", "senior", sources=("firm",))
            assert fault.type == "suppressed"


def test_observations_that_serve_nothing_do_not_stop_a_build(
    few_seeds: Path, tmp_path: Path
) -> None:
    occupation = {"role": None, "occupation": "15-1211"}
    rows = [observation(number, 100_000 + number, **occupation) for number in range(20)]
    observe(tmp_path / "observations", "firm", rows)
    version = build(few_seeds, tmp_path / "datasets", 5, None, None, tmp_path / "observations")
    assert "firm" in Datasets(tmp_path / "datasets").open(version).snapshot.sources


def test_observations_of_a_role_that_is_gone_stop_a_build_with_what_to_do(
    few_seeds: Path, tmp_path: Path
) -> None:
    rows = [observation(number, 100_000 + number, role="wizard") for number in range(20)]
    observe(tmp_path / "observations", "firm", rows)
    with pytest.raises(AuditError, match="Import them again"):
        build(few_seeds, tmp_path / "datasets", 5, None, None, tmp_path / "observations")


def test_a_dataset_is_of_another_version_where_an_observation_or_the_method_is(
    few_seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = set()
    for pay in (150_000, 150_001):
        rows = [observation(number, pay + number) for number in range(12)]
        folder = tmp_path / str(pay)
        observe(folder, "firm", rows)
        versions.add(build(few_seeds, tmp_path / "datasets", 5, None, None, folder))
    monkeypatch.setattr("paycite.dataset.pool.SPREAD_K", 50)
    versions.add(build(few_seeds, tmp_path / "datasets", 5, None, None, folder))
    assert len(versions) == 3


def test_the_same_rows_give_the_same_numbers_whatever_the_threads(few_dataset: Path) -> None:
    rows = [
        observation(number, 100_000 + 997 * number, geography=metro)
        for number, metro in enumerate(METROS * 5)
    ]
    found = [pooled(few_dataset, firm=rows) for _ in range(4)]
    assert all(one.pools == found[0].pools for one in found)
    assert any(factor.amount for factor in found[0].pool_factors)
    assert all(one.pool_factors == found[0].pool_factors for one in found)
    assert all(one.pool_spreads == found[0].pool_spreads for one in found)
