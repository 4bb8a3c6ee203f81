import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite.dataset.store import Store
from paycite.estimate.disagreement import pays_more
from paycite.estimate.mixture import curve, mixed
from paycite.model.answer import Answer, Chain, Interval, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Figure
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from support.invented import band, source, with_figures
from support.questions import ask, every_scope

# The published table, in thousands, and what the rule makes of it in New York and the Bay Area.
TABLE = {
    "ai-ml-engineer": ((90, 135), (140, 210), (180, 280)),
    "mlops": ((100, 130), (140, 180), (170, 220)),
    "prompt-engineer": ((85, 110), (120, 155), (155, 180)),
    "ai-governance-specialist": ((95, 125), (130, 170), (170, 200)),
    "forward-deployed-engineer": ((105, 135), (145, 190), (190, 230)),
}
UPLIFTED = {
    "ai-ml-engineer": ((103_500, 168_750), (161_000, 262_500), (207_000, 350_000)),
    "mlops": ((115_000, 162_500), (161_000, 225_000), (195_500, 275_000)),
    "prompt-engineer": ((97_750, 137_500), (138_000, 193_750), (178_250, 225_000)),
    "ai-governance-specialist": ((109_250, 156_250), (149_500, 212_500), (195_500, 250_000)),
    "forward-deployed-engineer": ((120_750, 168_750), (166_750, 237_500), (218_500, 287_500)),
}
RULED = ("nyc", "bay-area", "san-francisco-ca", "san-jose-ca")
LEVELS = ("entry", "mid", "senior")
KORE1 = ("kore1-ai-jobs-2026",)
OEWS = "bls-oews-2025-05"


def ends(answer: Answer) -> tuple[float, float | None]:
    return answer.estimate.range.min, answer.estimate.range.max


@pytest.mark.parametrize("role", TABLE)
def test_every_band_of_the_table_is_answered_to_the_dollar(snapshot: Snapshot, role: str) -> None:
    for level, (low, high), uplifted in zip(LEVELS, TABLE[role], UPLIFTED[role], strict=True):
        national = ask(snapshot, role, level, strict=True, sources=KORE1)
        assert ends(national) == (low * 1000, high * 1000)
        assert national.estimate.kind == "published"
        for metro in RULED:
            answer = ask(snapshot, role, level, metro, strict=True)
            assert ends(answer) == uplifted
            assert [chain.source_id for chain in used(answer)] == [*KORE1]


def test_all_levels_are_the_sources_own_figure_or_the_envelope_of_its_bands(
    snapshot: Snapshot,
) -> None:
    own = {
        "mlops": (150_000, 220_000),
        "prompt-engineer": (120_000, 180_000),
        "ai-governance-specialist": (140_000, 200_000),
        "forward-deployed-engineer": (155_000, 230_000),
    }
    for role, stated in own.items():
        answer = ask(snapshot, role)
        assert ends(answer) == stated
        envelope = answer.chains[1]
        assert envelope.unused_reason == "not-selected"
        assert answer.used.level is None
        # Within one source the floors of the offers and of the bands differ, and it says so.
        assert answer.disagreement is not None
        (difference,) = answer.disagreement.differences[:1]
        assert difference.range.min == envelope.range.min < stated[0]
        assert {f.figure_id for f in difference.figures} == {s.figure_id for s in envelope.steps}
    assert ends(ask(snapshot, "ai-ml-engineer")) == (90_000, 280_000)
    assert ends(ask(snapshot, "ai-ml-engineer", metro="nyc")) == (103_500, 350_000)


def test_the_rule_covers_the_table_only(snapshot: Snapshot) -> None:
    for role, level in (("mlops", None), ("ai-ml-engineer", "staff")):
        answer = ask(snapshot, role, level, "nyc")
        assert [fallback.used for fallback in answer.fallbacks] == ["us"]
        assert ends(answer) == ends(ask(snapshot, role, level, "us"))


def test_staff_of_the_ai_ml_engineer_is_open_ended(snapshot: Snapshot) -> None:
    for level in ("staff", "principal"):
        answer = ask(snapshot, "ai-ml-engineer", level, strict=True)
        assert msgspec.to_builtins(answer.estimate.range) == {
            "min": 300_000,
            "midpoint": None,
            "max": None,
            "spread": None,
            "open_ended": True,
        }


@pytest.mark.parametrize("role", [role for role in TABLE if role != "ai-ml-engineer"])
@pytest.mark.parametrize("level", ["staff", "principal"])
def test_staff_of_other_roles_is_answered_from_senior_and_says_so(
    snapshot: Snapshot, role: str, level: str
) -> None:
    answer = ask(snapshot, role, level, "nyc")
    assert ends(answer) == ends(ask(snapshot, role, "senior", "nyc"))
    (fallback,) = answer.fallbacks
    assert (fallback.dimension, fallback.requested, fallback.used) == ("level", level, "senior")
    with pytest.raises(Refusal) as refusal:
        ask(snapshot, role, level, "nyc", strict=True)
    assert [fault.type for fault in refusal.value.faults] == ["fallback-refused"]


def recomputed(steps: Sequence[Step], store: Store) -> Interval:
    """Recompute a chain by hand from the published figures only."""
    result = Interval(min=0, max=None)
    for place, step in enumerate(steps, start=1):
        figure = store.figure(step.figure_id)
        assert figure is not None
        low, high = Decimal(str(figure.low)), figure.high and Decimal(str(figure.high))
        if step.operation in ("published", "mix") and step.statistics:
            result = middle_half(steps[:place])
        elif step.operation == "published":
            result = Interval(min=int(low), max=int(high) if high else None)
        elif step.operation == "envelope":
            ends = Interval(min=int(low), max=int(high or 0))
            if step.statistics:
                ends = middle_half([step])
            result = Interval(
                min=min(result.min, ends.min), max=max(result.max or 0, ends.max or 0)
            )
        elif step.operation == "multiply":
            factors = (1 + low / 100, 1 + (high or 0) / 100)
            result = Interval(
                min=half_up(Decimal(result.min) * factors[0]),
                max=half_up(Decimal(result.max or 0) * Decimal(factors[1])),
            )
        else:
            assert step.operation == "differential" and step.statistics
            nation = step.statistics.ratio_to_nation
            assert nation and figure.low
            factor = round((figure.low / int(nation.as_published)) ** 0.25, 4)
            result = Interval(
                min=half_up(Decimal(str(factor)) * Decimal(result.min)),
                max=half_up(Decimal(str(factor)) * Decimal(result.max or 0)),
            )
        assert step.range == result
        assert step.as_published == figure.as_published
        assert (step.source_id, step.locator) == (figure.source_id, figure.locator)
    return result


def middle_half(steps: Sequence[Step]) -> Interval:
    """P25 to P75 of all distributions so far, each with its share."""
    stated = [(step.share, step.statistics.percentiles) for step in steps if step.statistics]
    if len(stated) == 1:
        return Interval(min=stated[0][1].p25 or 0, max=stated[0][1].p75)
    curves = [
        curve(share or 0, {name: getattr(percentiles, name) for name in PERCENTILES}, ())
        for share, percentiles in stated
    ]
    values = mixed(curves).values
    return Interval(min=half_up(values["p25"] or 0), max=half_up(values["p75"] or 0))


def half_up(amount: Decimal | float) -> int:
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP))


def scored_on(answer: Answer) -> set[str]:
    return {source_id for chain in answer.chains for source_id in chain.tested_on}


def check_promises(answer: Answer, store: Store) -> None:
    for chain in answer.chains:
        result = recomputed(chain.steps, store)
        assert (result.min, result.max) == (chain.range.min, chain.range.max)
        assert (chain.weight == 0) == (chain.unused_reason is not None)
    assert sum(Decimal(str(chain.weight)) for chain in answer.chains) == 1
    parts = [(chain.range, chain.weight) for chain in used(answer)]
    if len(parts) == 1:
        assert answer.estimate.range == parts[0][0]
    low = math.exp(sum(weight * math.log(range_.min) for range_, weight in parts))
    assert abs(answer.estimate.range.min - low) <= 0.51
    for range_ in (answer.estimate.range, *(chain.range for chain in answer.chains)):
        if range_.open_ended:
            assert range_.max is range_.midpoint is range_.spread is None
        else:
            assert range_.max is not None and range_.midpoint is not None
            assert range_.min <= range_.midpoint <= range_.max
            assert range_.midpoint * 2 == range_.min + range_.max
            assert range_.spread == round(range_.max / range_.min - 1, 3)
    text = msgspec.json.encode((answer.chains, answer.context, answer.disagreement)).decode()
    cited = set(re.findall(r'"source_id":"(.*?)"', text))
    assert [source.id for source in answer.sources] == sorted(cited | scored_on(answer))
    assert all(store.figure(context.figure_id) for context in answer.context)
    asked = (answer.used.level and answer.used.level.id, answer.used.metro.id)
    assert all((c.level, c.metro) == asked for c in answer.chains if c.weight)


def priced_roles(snapshot: Snapshot) -> list[str]:
    """The roles that have occupations, and so official figures."""
    return [role.id for role in snapshot.roles.values() if role.soc_codes]


def test_a_role_without_occupations_is_refused_for_lack_of_figures(snapshot: Snapshot) -> None:
    assert set(snapshot.roles) - set(priced_roles(snapshot)) == {"data-annotator"}
    with pytest.raises(Refusal) as refusal:
        ask(snapshot, "data-annotator", None, "us")
    assert refusal.value.faults[0].type == "no-figures"


@pytest.mark.slow
def test_over_every_role_level_metro_and_source_the_promises_hold(
    snapshot: Snapshot, store: Store
) -> None:
    for role, level, metro in every_scope(snapshot):
        answer = ask(snapshot, role, level, metro)
        check_promises(answer, store)
        used_level = answer.used.level and answer.used.level.id
        replaced = {f.dimension for f in answer.fallbacks}
        assert ("level" in replaced) == (used_level != level)
        assert ("metro" in replaced) == (answer.used.metro.id != metro)


@pytest.mark.parametrize("metro", [*RULED, "us", "austin-tx"])
def test_a_source_that_is_named_answers_alone_or_there_is_no_answer(
    snapshot: Snapshot, store: Store, metro: str
) -> None:
    for role, level in product(priced_roles(snapshot), [*snapshot.levels, None]):
        everywhere = ask(snapshot, role, level, metro)
        # Official statistics answer for every role, and levels of their own for all levels.
        pricing = {chain.source_id for chain in everywhere.chains} | {OEWS}
        if level is None:
            of_role = snapshot.distributions_by_role.get(role, ())
            pricing |= {distribution.source_id for distribution in of_role}
        for source_id in snapshot.sources:
            if source_id in pricing:
                alone = ask(snapshot, role, level, metro, sources=(source_id,))
                check_promises(alone, store)
                # Another may be cited as what it was tested on, and says no pay.
                assert {source.id for source in alone.sources} - scored_on(alone) == {source_id}
                continue
            with pytest.raises(Refusal) as refusal:
                ask(snapshot, role, level, metro, sources=(source_id,))
            (fault,) = refusal.value.faults
            assert fault.type == "no-figures"
            assert set(fault.suggestions) == {chain.source_id for chain in everywhere.chains}


def test_a_higher_level_never_pays_less_or_the_answer_says_so(snapshot: Snapshot) -> None:
    for role in priced_roles(snapshot):
        for metro in {metro for _, _, metro in every_scope(snapshot)}:
            answers = [ask(snapshot, role, level, metro) for level in snapshot.levels]
            answers = [answer for answer in answers if answer.used.level]
            for lower, higher in pairwise(answers):
                assert not pays_more(lower.estimate.range, higher.estimate.range)


# What the seeds do not have: other sources, observed figures, other pay elements.


def used(answer: Answer) -> list[Chain]:
    return [chain for chain in answer.chains if chain.weight]


amounts = st.tuples(st.integers(20_000, 900_000), st.integers(20_000, 900_000)).map(sorted)


@given(ranges=st.lists(amounts, min_size=1, max_size=6), years=st.lists(st.integers(1950, 2026)))
def test_the_estimate_is_the_weighted_geometric_mean(
    snapshot: Snapshot, ranges: list[list[int]], years: list[int]
) -> None:
    names = [f"s{number}" for number in range(len(ranges))]
    stated = dict(zip(names, years, strict=False))
    # What has no date weighs as if it were two years old.
    ages = {name: 2026 - stated.get(name, 2024) for name in names}
    figures = [
        band(name, low, high, as_of=str(stated[name]) if name in stated else None)
        for name, (low, high) in zip(names, ranges, strict=True)
    ]
    answer = ask(with_figures(snapshot, [source(name) for name in names], figures), "mlops", "mid")
    chains = used(answer)
    assert len(chains) == len(ranges)
    assert sum(Decimal(str(chain.weight)) for chain in chains) == 1
    low, high = (
        math.prod(getattr(chain.range, end) ** chain.weight for chain in chains)
        for end in ("min", "max")
    )
    assert abs(answer.estimate.range.min - low) <= 1
    assert abs((answer.estimate.range.max or 0) - high) <= 1
    assert {chain.source_id for chain in chains} == {source.id for source in answer.sources}
    # A band loses half of its weight for every two years of age.
    weights = {chain.source_id: chain.weight for chain in chains}
    for one, other in pairwise(names):
        expected = 0.5 ** ((ages[one] - ages[other]) / 2)
        if min(weights[one], weights[other]) > 1e-3:  # six decimals say no more of less
            assert weights[one] / weights[other] == pytest.approx(expected, rel=1e-2)


def test_sources_that_share_an_originator_weigh_as_one(snapshot: Snapshot) -> None:
    sources = [source("a", "Upwork"), source("b", "Upwork"), source("c")]
    figures = [band("a", 100_000, 200_000), band("b", 100_000, 200_000), band("c", 90_000, 150_000)]
    answer = ask(with_figures(snapshot, sources, figures), "mlops", "mid")
    assert [chain.weight for chain in answer.chains] == [0.25, 0.25, 0.5]


def test_observed_pay_is_weighted_by_its_count(snapshot: Snapshot) -> None:
    figures = [band("a", 100_000, 200_000, n=25), band("b", 90_000, 150_000, n=75)]
    answer = ask(with_figures(snapshot, [source("a"), source("b")], figures), "mlops", "mid")
    assert [chain.weight for chain in answer.chains] == [0.4, 0.6]


def test_only_chains_of_one_scope_pay_element_and_end_are_combined(snapshot: Snapshot) -> None:
    figures = [
        band("a", 100_000, 200_000, geography="austin-tx"),
        band("b", 110_000, 210_000),
        band("c", 120_000, 220_000, geography="austin-tx", component="total_comp"),
        band("d", 130_000, None, geography="austin-tx"),
        band("e", 90_000, 250_000, topic="offers", level=None),
    ]
    sources = [source(name) for name in "abcde"]
    answer = ask(with_figures(snapshot, sources, figures), "mlops", "mid", "austin-tx")
    assert {chain.source_id: chain.unused_reason for chain in answer.chains} == {
        "a": None,
        "b": "broader-scope",
        "c": "other-component",
        "d": "open-ended",
        "e": "broader-scope",
    }
    assert ends(answer) == (100_000, 200_000)
    assert answer.disagreement is not None
    reasons = {d.figures[0].source_id: d.reasons for d in answer.disagreement.differences}
    austin = "Austin-Round Rock-San Marcos, TX"
    assert reasons["b"][0] == f"it is for the United States; the estimate is for {austin}"
    assert reasons["c"][0] == "it is total compensation; the estimate is base pay"
    assert reasons["e"][0] == "it is for all levels; the estimate is for the level mid"
    summary = answer.disagreement.summary
    assert summary.startswith(
        "The estimate is $100,000 to $200,000. Other figures: $110,000 to $210,000"
    )


def test_a_lower_level_that_pays_more_is_a_disagreement(snapshot: Snapshot) -> None:
    figures = [band("a", 150_000, 160_000, level="entry"), band("a", 100_000, 140_000)]
    answer = ask(with_figures(snapshot, [source("a")], figures), "mlops", "mid")
    assert answer.disagreement is not None
    (difference,) = answer.disagreement.differences
    assert difference.reasons == ("the lower level entry pays more",)
    assert [figure.figure_id for figure in difference.figures] == [figures[0].id]
    assert (difference.min_ratio, difference.max_ratio) == (1.5, 1.143)


def test_confidence_follows_its_rule(snapshot: Snapshot) -> None:
    def label(*figures: Figure, level: str = "mid") -> str:
        sources = [source(figure.source_id) for figure in figures]
        return ask(
            with_figures(snapshot, sources, [*figures]), "mlops", level
        ).estimate.confidence.label

    one, like_it, unlike_it = (
        band("a", 100_000, 200_000, and_above=True),
        band("b", 105_000, 210_000),
        band("c", 150_000, 300_000),
    )
    counted = band("d", 100_000, 200_000, n=30)
    assert label(one) == label(one, unlike_it) == "low"
    assert label(one, like_it) == label(counted) == "medium"
    assert label(one, counted) == "high"
    # A source that rests on an originator of another neither adds to the agreement nor to the
    # count, and takes nothing away.
    again = band("d2", 100_000, 200_000, n=25)
    sources = [source("a"), source("d"), source("d2", "d")]
    three = ask(with_figures(snapshot, sources, [one, counted, again]), "mlops", "mid")
    assert three.estimate.confidence.label == "high"
    assert three.estimate.confidence.reason.startswith("30 observations; 2 independent")
    assert label(one, level="senior") == "low"


def test_confidence_in_official_statistics_depends_on_the_occupation_and_its_error(
    snapshot: Snapshot,
) -> None:
    def confidence(role: str, metro: str) -> tuple[str, str]:
        found = ask(snapshot, role, metro=metro).estimate.confidence
        return found.label, found.reason

    label, reason = confidence("data-scientist", "austin-tx")
    assert (label, "for the occupation, relative standard error of the mean 1.8%" in reason) == (
        "medium",
        True,
    )
    label, reason = confidence("network-engineer", "us")
    assert (label, "for the nearest occupations" in reason) == ("low", True)
    unsure = next(
        metro
        for (occupation, metro), cells in snapshot.official.items()
        if occupation == "15-2051" and (cells[0].mean_rse or 0) > 5 and cells[0].p10
    )
    assert confidence("data-scientist", unsure)[0] == "low"


def test_an_offer_is_compared_to_every_range(snapshot: Snapshot) -> None:
    offer = Interval(min=150_000, max=200_000)
    placed = ask(snapshot, "mlops", "mid", offer=offer).offer
    assert placed is not None
    assert [
        (p.compared_to, p.amount, p.position, p.compa_ratio, p.verdict) for p in placed.positions
    ] == [
        ("estimate", 150_000, 0.25, 0.938, "within the published range"),
        ("estimate", 200_000, 1.5, 1.25, "above the published range"),
        ("kore1-ai-jobs-2026", 150_000, 0.25, 0.938, "within the published range"),
        ("kore1-ai-jobs-2026", 200_000, 1.5, 1.25, "above the published range"),
        ("kore1-ai-jobs-2026", 150_000, 0.0, 0.811, "within the published range"),
        ("kore1-ai-jobs-2026", 200_000, 0.714, 1.081, "within the published range"),
    ]
    assert all(position.percentile is None for position in placed.positions)
    open_ended = ask(snapshot, "ai-ml-engineer", "staff", offer=Interval(min=299_999, max=400_000))
    assert open_ended.offer is not None
    verdicts = [(p.position, p.verdict) for p in open_ended.offer.positions[:2]]
    assert verdicts == [(None, "below the published range"), (None, "at or above the minimum")]


def test_context_holds_what_bears_on_the_question(snapshot: Snapshot) -> None:
    def context(*scope: str | None) -> set[str]:
        answer = ask(snapshot, *scope)  # type: ignore[arg-type]
        return {c.figure_id.partition(":")[2] for c in answer.context}

    placement = "placement-ml-engineer-san-diego"
    assert placement in context("ai-ml-engineer", "mid", "us")
    assert placement in context("ai-ml-engineer", "mid", "san-diego-ca")
    assert placement not in context("ai-ml-engineer", "mid", "nyc")
    assert "entrant-pay" in context("mlops", "entry")
    assert "entrant-pay" not in context("mlops", "senior")
    assert {"ai-ml-engineer-staff", "ai-ml-engineer-principal"} <= context("ai-ml-engineer", None)
    assert "claim-prompt-engineer" in context("prompt-engineer", "mid")
    assert "growth-mlops" in context("mlops", "mid")


def test_chains_for_other_levels_and_above_are_of_another_scope(snapshot: Snapshot) -> None:
    figures = [
        band("a", 100_000, 200_000, level="senior", and_above=True),
        band("b", 80_000, 120_000, level="mid", and_above=True),
    ]
    answer = ask(with_figures(snapshot, [source("a"), source("b")], figures), "mlops", "principal")
    assert {chain.source_id: chain.unused_reason for chain in answer.chains} == {
        "a": None,
        "b": "broader-scope",
    }


def test_a_source_that_prices_one_level_does_not_price_another_or_all(snapshot: Snapshot) -> None:
    senior = band("a", 100_000, 200_000, level="senior")
    with pytest.raises(Refusal):
        ask(with_figures(snapshot, [source("a")], [senior]), "mlops", "entry")
    everything = [band("b", 60_000, 150_000, level="entry", and_above=True)]
    both = with_figures(snapshot, [source("a"), source("b")], [senior, *everything])
    answer = ask(both, "mlops")
    assert {chain.source_id: chain.unused_reason for chain in answer.chains} == {
        "b": None,
        "a": "broader-scope",
    }
    alone = ask(with_figures(snapshot, [source("a")], [senior]), "mlops")
    assert "the source prices (senior)" in alone.chains[0].caveats[0]


def test_a_claim_about_another_pay_element_is_a_disagreement(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "prompt-engineer", "mid")
    assert answer.disagreement is not None
    ranges = [difference.range for difference in answer.disagreement.differences]
    assert Interval(min=500_000, max=None) in ranges


def test_context_and_chains_come_from_the_sources_asked_for(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "prompt-engineer", "mid", sources=("kore1-ai-jobs-2026",))
    assert {context.source_id for context in answer.context} == {"kore1-ai-jobs-2026"}
    others = {source.id for source in answer.sources} - scored_on(answer)
    assert others == {"kore1-ai-jobs-2026"}
