"""Official statistics in an answer: as the estimate, as context, and when withheld."""

import csv
import dataclasses
from pathlib import Path

import msgspec
import pytest

from paycite.dataset.store import Store
from paycite.model.answer import Interval, Percentiles, citations
from paycite.model.distribution import PERCENTILES, PROBABILITIES, Distribution
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from support.bisection import bisected
from support.questions import ask

OEWS = "bls-oews-2025-05"
with Path(__file__).with_name("official_pairs.csv").open() as _file:
    PAIRS = list(csv.DictReader(_file))


def cell(snapshot: Snapshot, occupation: str, metro: str) -> Distribution:
    return snapshot.official[occupation, metro][0]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['role']}, {pair['metro']}")
def test_a_role_that_is_an_occupation_has_its_official_percentiles(
    snapshot: Snapshot, store: Store, pair: dict[str, str]
) -> None:
    answer = ask(snapshot, pair["role"], metro=pair["metro"])
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
    assert any("All levels" in caveat for caveat in chain.caveats)
    series = {citation.locator.removeprefix("series ") for citation in step.statistics.figures}
    datatypes = ("01", "02", "05", "11", "12", "13", "14", "15")
    assert {f"{pair['series']}{datatype}" for datatype in datatypes} <= series
    for citation in step.statistics.figures:
        figure = store.figure(citation.figure_id)
        assert figure and figure.citation() == citation


def test_what_was_withheld_falls_back_to_the_state_and_says_so(snapshot: Snapshot) -> None:
    assert cell(snapshot, "15-1254", "abilene-tx").p50 is None
    answer = ask(snapshot, "web-developer", metro="abilene-tx")
    (fallback,) = answer.fallbacks
    assert (fallback.requested, fallback.used) == ("abilene-tx", "texas")
    assert "Abilene, TX" in fallback.reason and "released" in fallback.reason
    assert answer.estimate.median == cell(snapshot, "15-1254", "texas").p50
    assert answer.estimate.confidence.label == "low"
    with pytest.raises(Refusal) as refused:
        ask(snapshot, "web-developer", metro="abilene-tx", strict=True)
    assert [fault.type for fault in refused.value.faults] == ["fallback-refused"]


def test_what_was_withheld_is_a_figure_that_says_so(snapshot: Snapshot, store: Store) -> None:
    withheld = cell(snapshot, "15-1254", "abilene-tx")
    figure = store.figure(f"{OEWS}:{withheld.series}13")
    assert figure is not None
    assert (figure.low, figure.high, figure.unit) == (None, None, "unquantified")
    assert figure.as_published == "not released"


def test_a_state_without_a_cell_falls_back_to_the_nation(snapshot: Snapshot) -> None:
    missing = next(
        (metro, state)
        for metro in snapshot.metros.values()
        for state in snapshot.metros.values()
        if (metro.kind, state.kind) == ("nonmetro", "state") and metro.state == state.state
        if not any(
            c.p50 for at in (metro, state) for c in snapshot.official.get(("15-1221", at.id), ())
        )
    )
    answer = ask(snapshot, "ml-researcher", metro=missing[0].id)
    (fallback,) = answer.fallbacks
    assert fallback.used == "us"
    assert missing[0].name in fallback.reason and missing[1].name in fallback.reason


def test_a_region_is_the_mixture_of_its_metros_by_employment(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "software-engineer", metro="bay-area")
    cells = [cell(snapshot, "15-1252", id_) for id_ in ("san-francisco-ca", "san-jose-ca")]
    assert [step.operation for step in answer.chains[0].steps] == ["published", "mix"]
    by_hand = [(c.employment or 0, [getattr(c, name) for name in PERCENTILES]) for c in cells]
    assert answer.estimate.percentiles
    for name, probability in PROBABILITIES.items():
        value = getattr(answer.estimate.percentiles, name)
        assert value == pytest.approx(bisected(by_hand, probability), rel=0.005)
        assert value != sum(getattr(c, name) for c in cells) / 2
    assert any("weighted by employment" in caveat for caveat in answer.chains[0].caveats)


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
        assert step.range.min == pytest.approx(bisected(parts[:place], 0.25), rel=0.005)
        assert step.range.max == pytest.approx(bisected(parts[:place], 0.75), rel=0.005)
    assert answer.used.role.soc_shares == role.soc_shares
    assert answer.used.role.soc_reason == role.soc_reason


def test_next_to_a_source_that_prices_the_role_they_are_context(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", "mid", "nyc")
    assert OEWS not in {chain.source_id for chain in answer.chains}
    (context,) = (row for row in answer.context if row.source_id == OEWS)
    there, nation = cell(snapshot, "15-1252", "nyc"), cell(snapshot, "15-1252", "us")
    assert context.statistics and context.statistics.ratio_to_nation
    assert context.statistics.percentiles.p50 == there.p50
    assert context.statistics.mean_rse == there.mean_rse
    ratio = context.statistics.ratio_to_nation
    assert ratio.ratio == round((there.p50 or 0) / (nation.p50 or 1), 3)
    assert (ratio.mean_rse, ratio.as_published) == (nation.mean_rse, str(int(nation.p50 or 0)))
    assert answer.disagreement
    (difference,) = (d for d in answer.disagreement.differences if d.figures[0].source_id == OEWS)
    assert (difference.range.min, difference.range.max) == (there.p25, there.p75)
    assert any("every job in the occupation" in reason for reason in difference.reasons)


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
    with_it = (*(d for d in snapshot.distributions if d.id != whole.id), capped)
    answer = ask(dataclasses.replace(snapshot, distributions=with_it), "software-engineer")
    assert answer.estimate.percentiles
    assert answer.estimate.percentiles.capped == ("p75", "p90")
    assert answer.estimate.range.open_ended
    figure = capped.figure("p90")
    assert figure and (figure.low, figure.high, figure.bound) == (239_200, None, "over")


def test_every_number_of_an_answer_resolves_to_a_figure(snapshot: Snapshot, store: Store) -> None:
    for role in (role.id for role in snapshot.roles.values() if role.soc_codes):
        answer = ask(snapshot, role, "senior", "bay-area")
        cited = list(citations(answer.chains, answer.context, answer.disagreement))
        for citation in {c.figure_id: c for c in cited}.values():
            figure = store.figure(citation.figure_id)
            assert figure and figure.citation() == msgspec.convert(
                citation, type(figure.citation()), from_attributes=True
            )


def test_each_occupation_of_a_role_is_shown_for_the_nearest_place_with_data(
    snapshot: Snapshot,
) -> None:
    answer = ask(snapshot, "ai-ml-engineer", "mid", "akron-oh")
    beside = [row for row in answer.context if row.source_id == OEWS]
    assert ["Akron" in row.subject for row in beside] == [True, True, False]
    assert "Ohio" in beside[2].why and "Akron" in beside[2].why
    assert answer.disagreement
    reasons = [reason for d in answer.disagreement.differences for reason in d.reasons]
    assert any("for Akron" in reason and "released" in reason for reason in reasons)


def test_where_all_levels_answer_those_with_statistics_stand_beside(snapshot: Snapshot) -> None:
    for level in (None, "entry"):
        answer = ask(snapshot, "engineering-manager", level, "san-jose-ca")
        assert answer.used.level is None
        levels = {row.subject for row in answer.context if row.source_id.startswith("aijobs")}
        assert {subject.split(", ")[1] for subject in levels} == {"Mid-level", "Senior and above"}
        assert answer.disagreement
        told = {d.figures[0].source_id for d in answer.disagreement.differences}
        assert "aijobs-2025-08" in told


def test_an_amount_has_its_percentile_where_percentiles_are_known(snapshot: Snapshot) -> None:
    austin = cell(snapshot, "15-2051", "austin-tx")
    stated = {10: austin.p10, 25: austin.p25, 50: austin.p50, 75: austin.p75, 90: austin.p90}
    for percentile, amount in stated.items():
        offer = Interval(min=int(amount or 0), max=int(amount or 0))
        placed = ask(snapshot, "data-scientist", metro="austin-tx", offer=offer).offer
        assert placed and {position.percentile for position in placed.positions} == {percentile}
    for amount in (int(austin.p10 or 0) - 1, int(austin.p90 or 0) + 1):
        offer = Interval(min=amount, max=amount)
        placed = ask(snapshot, "data-scientist", metro="austin-tx", offer=offer).offer
        assert placed and {position.percentile for position in placed.positions} == {None}
