"""Ageing: wages have grown between a source's time and the last month of the series."""

from math import prod

import pytest

from paycite.estimate.recompute import recompute
from paycite.model.snapshot import Snapshot
from support.questions import ask

SCOPE = ("mlops", "mid", "nyc")


def growth(snapshot: Snapshot, month: str) -> float:
    return 1 + (snapshot.wage_growth[month].low or 0)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # October 2024, between January 2024 and August 2025, to April 2026: a year and a half.
        ("aijobs-2025-08", {"2026-04": 1, "2025-04": 6 / 12}),
        # May 2025 to April 2026.
        ("bls-oews-2025-05", {"2026-04": 11 / 12}),
    ],
)
def test_the_factor_is_the_product_of_the_yearly_growths_and_of_a_part_of_a_year(
    snapshot: Snapshot, source: str, expected: dict[str, float]
) -> None:
    (chain,) = ask(snapshot, *SCOPE, sources=(source,), age=True).chains
    step = chain.steps[-1]
    assert step.operation == "age" and step.factor
    factor = prod(growth(snapshot, month) ** years for month, years in expected.items())
    assert step.factor.min == step.factor.max == round(factor, 4)
    cited = (step.figure_id, *(figure.figure_id for figure in step.figures))
    assert cited == tuple(f"indeed-wage-tracker:{month}" for month in expected)
    assert any("later months are not aged" in caveat for caveat in chain.caveats)


def test_of_observations_the_median_month_is_aged_over_several_years(snapshot: Snapshot) -> None:
    (pool,) = snapshot.pools
    assert pool.middle
    chain = ask(snapshot, *SCOPE, sources=(pool.source_id,), age=True).chains[0]
    year, month = map(int, pool.middle.split("-"))
    months = 2026 * 12 + 4 - (year * 12 + month)
    step = chain.steps[-1]
    assert step.operation == "age" and step.factor and 12 < months < 36
    whole = prod(growth(snapshot, f"{2026 - back}-04") for back in range(months // 12))
    rest = growth(snapshot, f"{2026 - months // 12}-04") ** (months % 12 / 12)
    assert step.factor.min == round(whole * rest, 4)
    assert len(step.figures) == -(-months // 12) - 1


def test_what_is_of_a_later_time_is_not_aged(snapshot: Snapshot) -> None:
    band = ask(snapshot, *SCOPE, sources=("kore1-ai-jobs-2026",), age=True).chains[0]
    assert "age" not in {step.operation for step in band.steps}
    assert any(caveat.startswith("Not aged: ") for caveat in band.caveats)


def test_an_aged_estimate_is_that_of_its_aged_chains(snapshot: Snapshot) -> None:
    aged, asked = ask(snapshot, *SCOPE, age=True), ask(snapshot, *SCOPE)
    assert list(recompute(aged)) == []
    assert aged.estimate.range.min > asked.estimate.range.min
    assert [chain.weight for chain in aged.chains] == [chain.weight for chain in asked.chains]
    assert "indeed-wage-tracker" in {source.id for source in aged.sources}
    hourly = ask(snapshot, *SCOPE, age=True, period="hour")
    assert list(recompute(hourly)) == []
