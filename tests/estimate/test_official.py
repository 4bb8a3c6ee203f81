"""Official statistics in an answer: alone, in the estimate, and where they were withheld."""

import csv
import dataclasses
from math import exp, log
from pathlib import Path

import msgspec
import pytest

from paycite.dataset.store import Store
from paycite.model.answer import Interval, Percentiles, citations
from paycite.model.distribution import PERCENTILES, Distribution
from paycite.model.snapshot import Snapshot
from support.bisection import bisected
from support.questions import ask, read_faults

OEWS = "bls-oews-2025-05"
with Path(__file__).with_name("official_pairs.csv").open() as _file:
    PAIRS = list(csv.DictReader(_file))


def cell(snapshot: Snapshot, occupation: str, metro: str) -> Distribution:
    return snapshot.official(occupation, metro)[0]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['role']}, {pair['metro']}")
def test_a_role_that_is_an_occupation_has_its_official_percentiles(
    snapshot: Snapshot, store: Store, pair: dict[str, str]
) -> None:
    answer = ask(snapshot, pair["role"], metro=pair["metro"], sources=(OEWS,))
    stated = {str(name): int(pair[name]) for name in PERCENTILES}
    assert answer.fallbacks == ()
    assert answer.estimate.percentiles == msgspec.convert(stated, Percentiles)
    assert answer.estimate.median == stated["p50"]
    assert (answer.estimate.range.min, answer.estimate.range.max) == (stated["p25"], stated["p75"])
    assert answer.estimate.kind == "published"
    (chain,) = answer.chains
    (step,) = chain.steps
    assert chain.n is None
    assert step.statistics and step.statistics.employment == int(pair["employment"])
    assert any("every level" in caveat for caveat in chain.caveats)
    series = {citation.locator.removeprefix("series ") for citation in step.statistics.figures}
    datatypes = ("01", "02", "05", "11", "12", "13", "14", "15")
    assert {f"{pair['series']}{datatype}" for datatype in datatypes} <= series
    for citation in step.statistics.figures:
        figure = store.figure(citation.figure_id)
        assert figure and figure.citation() == citation


@pytest.mark.parametrize(
    ("role", "metro", "base", "name"),
    [
        ("web-developer", "abilene-tx", "texas", "Texas"),
        ("data-scientist", "ponce-pr", "puerto-rico", "Puerto Rico"),
        ("data-scientist", "dover-de", "us", "the United States"),  # not released for Delaware
    ],
)
def test_an_occupation_that_was_not_released_is_carried_from_its_state_or_else_from_the_nation(
    snapshot: Snapshot, role: str, metro: str, base: str, name: str
) -> None:
    """By the ratio of all computer occupations between both places, to the power of .7."""
    (occupation,) = snapshot.roles[role].soc_codes
    assert not [one for one in snapshot.official(occupation, metro) if one.p50]
    answer = ask(snapshot, role, metro=metro, sources=(OEWS,))
    (chain,) = answer.chains
    broad, carried = chain.steps[:2]
    assert broad.percentiles and broad.percentiles.p50 == cell(snapshot, occupation, base).p50
    medians = [cell(snapshot, "15-0000", place).p50 or 0 for place in (metro, base)]
    assert carried.operation == "place" and carried.factor
    assert carried.factor.min == round((medians[0] / medians[1]) ** 0.7, 4)
    cited = [carried.as_published, *(one.as_published for one in carried.figures)]
    assert cited == [*(str(int(median)) for median in medians), "0.7"]
    assert any(f"The figures for {name} are used instead" in caveat for caveat in chain.caveats)
    (fallback,) = answer.fallbacks
    assert fallback.requested == metro
    (fault,) = read_faults(ask, snapshot, role, metro=metro, strict=True, sources=(OEWS,))
    assert fault.type == "fallback-refused"


def test_without_a_median_of_computer_occupations_the_figures_of_the_state_are_used_as_they_are(
    snapshot: Snapshot,
) -> None:
    assert "p50" in cell(snapshot, "15-0000", "glens-falls-ny").withheld
    answer = ask(snapshot, "ai-architect", metro="glens-falls-ny", sources=(OEWS,))
    (carried,) = (step for step in answer.chains[0].steps if step.factor)
    assert carried.percentiles and carried.factor and carried.statistics
    assert carried.factor.min == 1
    state = cell(snapshot, "15-1299", "new-york-state")
    assert carried.statistics.percentiles.p50 == state.p50
    assert [figure.as_published for figure in carried.figures] == ["0.7"]


def test_what_was_withheld_is_a_figure_that_says_so(snapshot: Snapshot, store: Store) -> None:
    withheld = cell(snapshot, "15-1254", "abilene-tx")
    figure = store.figure(f"{OEWS}:{withheld.series}13")
    assert figure is not None
    assert (figure.low, figure.high, figure.unit) == (None, None, "unquantified")
    assert figure.as_published == "not released"


def test_a_region_is_the_mean_of_its_metros_by_employment(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "software-engineer", metro="bay-area", sources=(OEWS,))
    cells = [cell(snapshot, "15-1252", id_) for id_ in ("san-francisco-ca", "san-jose-ca")]
    *members, joined = answer.chains[0].steps
    assert [step.metro for step in members] == ["san-francisco-ca", "san-jose-ca"]
    assert joined.operation == "place"
    people = [one.employment or 0 for one in cells]
    shares = [part.share or 0 for part in joined.parts]
    assert shares == pytest.approx([one / sum(people) for one in people], abs=1e-6)
    for name in PERCENTILES:
        logs = [log(getattr(one, name)) for one in cells]
        mean = exp(sum(share * one for share, one in zip(shares, logs, strict=True)))
        assert getattr(joined.percentiles, name) == pytest.approx(mean, abs=0.51)


def test_a_mixture_shows_the_share_and_the_percentiles_of_each_part(snapshot: Snapshot) -> None:
    role = snapshot.roles["ai-ml-engineer"]
    answer = ask(snapshot, role.id, metro="seattle-wa", sources=(OEWS,))
    steps = answer.chains[0].steps
    assert tuple(step.share for step in steps) == role.soc_shares
    parts = [
        (step.share or 0, [getattr(step.statistics.percentiles, name) for name in PERCENTILES])
        for step in steps
        if step.statistics
    ]
    for place, step in enumerate(steps[1:], start=2):
        assert step.operation == "mix"
        assert step.range.min == pytest.approx(bisected(parts[:place], 0.25), rel=0.005)
        assert step.range.max == pytest.approx(bisected(parts[:place], 0.75), rel=0.005)
    assert answer.used.role.soc_shares == role.soc_shares
    assert answer.used.role.soc_reason == role.soc_reason


def test_they_are_a_chain_with_the_level_and_the_role_taken_out(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "ai-ml-engineer", "senior", "nyc")
    (chain,) = (one for one in answer.chains if one.source_id == OEWS)
    assert [step.operation for step in chain.steps][-3:] == ["role", "level", "spread"]
    role, level, spread = chain.steps[-3:]
    assert role.factor and role.factor.min == snapshot.role_factor_of["ai-ml-engineer"].factor
    factor = snapshot.level_factor_of["ai-ml-engineer", "senior"].factor
    assert level.factor and level.factor.min == factor
    assert spread.power == 0.7636  # .92, and .83 for one level of all
    assert not [row for row in answer.context if row.source_id == OEWS]


def test_a_source_that_is_asked_for_by_name_answers(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", metro="nyc", sources=(OEWS,))
    assert answer.estimate.median == cell(snapshot, "15-1252", "nyc").p50
    assert {source.id for source in answer.sources} == {OEWS}


def test_a_level_that_nothing_prices_falls_back_to_all_levels(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "database-administrator", "principal", "houston-tx", sources=(OEWS,))
    (fallback,) = answer.fallbacks
    assert (fallback.dimension, fallback.used) == ("level", None)


def test_a_capped_percentile_stays_at_least_that_much(snapshot: Snapshot) -> None:
    whole = cell(snapshot, "15-1252", "us")
    capped = msgspec.structs.replace(whole, p75=239_200.0, p90=239_200.0, capped=("p75", "p90"))
    others = [d for d in snapshot.distributions("15-1252") if d.id != whole.id]
    changed = dataclasses.replace(snapshot, distributions=lambda _: (*others, capped))
    answer = ask(changed, "software-engineer", sources=(OEWS,))
    assert answer.estimate.percentiles
    assert answer.estimate.percentiles.capped == ("p75", "p90")
    assert answer.estimate.range.open_ended
    figure = capped.figure("p90")
    assert figure and (figure.low, figure.high, figure.bound) == (239_200, None, "over")


@pytest.mark.slow
def test_every_number_of_an_answer_resolves_to_a_figure(snapshot: Snapshot, store: Store) -> None:
    for role in snapshot.weights_by_role:
        answer = ask(snapshot, role, "senior", "bay-area")
        cited = list(citations(answer.chains, answer.context, answer.disagreement))
        for citation in {c.figure_id: c for c in cited}.values():
            figure = store.figure(citation.figure_id)
            assert figure and figure.citation() == msgspec.convert(
                citation, type(figure.citation()), from_attributes=True
            )


def test_an_amount_has_its_percentile_where_percentiles_are_known(snapshot: Snapshot) -> None:
    austin = cell(snapshot, "15-2051", "austin-tx")
    stated = {10: austin.p10, 25: austin.p25, 50: austin.p50, 75: austin.p75, 90: austin.p90}
    for percentile, amount in stated.items():
        offer = Interval(min=int(amount or 0), max=int(amount or 0))
        placed = ask(
            snapshot, "data-scientist", metro="austin-tx", offer=offer, sources=(OEWS,)
        ).offer
        assert placed and {position.percentile for position in placed.positions} == {percentile}
    for amount in (int(austin.p10 or 0) - 1, int(austin.p90 or 0) + 1):
        offer = Interval(min=amount, max=amount)
        placed = ask(
            snapshot, "data-scientist", metro="austin-tx", offer=offer, sources=(OEWS,)
        ).offer
        assert placed and {position.percentile for position in placed.positions} == {None}
