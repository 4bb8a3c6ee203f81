import math
import re
from collections.abc import Sequence
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, product

import msgspec
import pytest

from paycite.agents.answers import Summary
from paycite.dataset.store import Store
from paycite.estimate.mixture import curve, mixed
from paycite.estimate.recompute import recompute
from paycite.model.answer import Answer, Chain, Interval, Percentiles, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.money import in_percent
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from support.questions import ask, every_scope, read_faults

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
OEWS, BLOG = "bls-oews-2025-05", "upwork-2023-earnings-blog"
LCA = "dol-lca-fy2024q1-fy2024q4"


def ends(answer: Answer) -> tuple[float, float | None]:
    return answer.estimate.range.min, answer.estimate.range.max


AIJOBS, LCA = "aijobs-2025-08", "dol-lca-fy2024q1-fy2024q4"
METHOD = "paycite-factors"


@pytest.mark.parametrize("role", TABLE)
def test_a_band_alone_is_answered_as_published_to_the_dollar(snapshot: Snapshot, role: str) -> None:
    for level, (low, high), uplifted in zip(LEVELS, TABLE[role], UPLIFTED[role], strict=True):
        strict = level != "senior"  # of which the table says "and above"
        national = ask(snapshot, role, level, strict=strict, sources=KORE1)
        assert ends(national) == (low * 1000, high * 1000)
        assert national.estimate.kind == "published"
        assert national.estimate.median is None
        assert national.estimate.percentiles is None
        for metro in RULED:
            answer = ask(snapshot, role, level, metro, strict=strict, sources=KORE1)
            assert ends(answer) == uplifted
            assert [step.operation for step in answer.chains[0].steps] == ["published", "multiply"]


def test_all_levels_of_one_source_are_its_own_figure_or_the_mean_of_its_bands(
    snapshot: Snapshot,
) -> None:
    own = {
        "mlops": (150_000, 220_000),
        "prompt-engineer": (120_000, 180_000),
        "ai-governance-specialist": (140_000, 200_000),
        "forward-deployed-engineer": (155_000, 230_000),
    }
    for role, stated in own.items():
        answer = ask(snapshot, role, sources=KORE1)
        assert ends(answer) == stated
        assert answer.used.level is None
    bands = TABLE["ai-ml-engineer"]
    mean = tuple(round(math.prod(band[end] for band in bands) ** (1 / 3) * 1000) for end in (0, 1))
    assert ends(ask(snapshot, "ai-ml-engineer", sources=KORE1)) == mean


def test_a_rule_applies_only_to_the_table_it_was_said_of(snapshot: Snapshot) -> None:
    for role, level in (("mlops", None), ("ai-ml-engineer", "staff")):
        answer = ask(snapshot, role, level, "nyc", sources=KORE1)
        assert [fallback.used for fallback in answer.fallbacks] == ["us"]
        assert ends(answer) == ends(ask(snapshot, role, level, "us", sources=KORE1))


def test_an_open_ended_band_is_passed_on_alone_and_never_combined(snapshot: Snapshot) -> None:
    for level in ("staff", "principal"):
        alone = ask(snapshot, "ai-ml-engineer", level, strict=True, sources=KORE1)
        assert msgspec.to_builtins(alone.estimate.range) == {
            "min": 300_000,
            "midpoint": None,
            "max": None,
            "spread": None,
            "open_ended": True,
        }
        answer = ask(snapshot, "ai-ml-engineer", level)
        assert answer.estimate.range.max
        (unused,) = [chain for chain in answer.chains if not chain.weight]
        assert (unused.unused_reason, unused.range.min) == ("open-ended", 300_000)


@pytest.mark.parametrize("role", [role for role in TABLE if role != "ai-ml-engineer"])
@pytest.mark.parametrize("level", ["staff", "principal"])
def test_a_band_and_above_covers_higher_levels_and_says_so(
    snapshot: Snapshot, role: str, level: str
) -> None:
    answer = ask(snapshot, role, level, "nyc", sources=KORE1)
    assert ends(answer) == ends(ask(snapshot, role, "senior", "nyc", sources=KORE1))
    (fallback,) = answer.fallbacks
    assert (fallback.dimension, fallback.requested, fallback.used) == ("level", level, "senior")
    assert fallback.reason.endswith("figures for the senior level and above.")
    (fault,) = read_faults(ask, snapshot, role, level, "nyc", strict=True, sources=KORE1)
    assert fault.type == "fallback-refused"


@pytest.mark.parametrize(
    ("role", "sources", "used"),
    [("prompt-engineer", (), None), ("data-engineer", (AIJOBS,), "senior")],
)
def test_figures_for_a_level_and_above_do_not_state_the_level(
    snapshot: Snapshot, role: str, sources: tuple[str, ...], used: str | None
) -> None:
    (fallback,) = ask(snapshot, role, "senior", sources=sources).fallbacks
    assert (fallback.dimension, fallback.requested, fallback.used) == ("level", "senior", used)
    assert fallback.reason.endswith("for the senior level and above.")
    (fault,) = read_faults(ask, snapshot, role, "senior", strict=True, sources=sources)
    assert fault.suggestions == ()
    assert ask(snapshot, role, "mid", strict=True, sources=sources).fallbacks == ()


def test_a_distribution_alone_is_passed_on_without_calibration(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "data-engineer", "senior", sources=(AIJOBS,))
    (published,) = (
        one
        for one in snapshot.distributions("data-engineer")
        if (one.source_id, one.level) == (AIJOBS, "senior")
    )
    assert answer.estimate.percentiles == Percentiles(
        **{name: getattr(published, name) for name in PERCENTILES}, capped=()
    )
    assert len(answer.chains[0].steps) == 1
    whole = ask(snapshot, "software-engineer", metro="nyc", sources=(OEWS,))
    assert whole.estimate.kind == "published"
    assert whole.estimate.range.min == whole.chains[0].steps[0].range.min
    # It does not price the level, so a level factor is used, and a fallback reports it.
    entry = ask(snapshot, "software-engineer", "entry", "nyc", sources=(OEWS,))
    assert [fallback.dimension for fallback in entry.fallbacks] == ["level"]
    assert [step.operation for step in entry.chains[0].steps] == ["published", "level", "spread"]


def test_a_source_alone_pays_a_lower_level_more_only_where_it_says_so(snapshot: Snapshot) -> None:
    ordered = 0
    for source, role, metro in product((AIJOBS, LCA), snapshot.roles, ("us", "nyc", "bay-area")):
        below: Answer | None = None
        for level in snapshot.levels:
            with suppress(Refusal):
                answer = ask(snapshot, role, level, metro, sources=(source,))
                assert list(recompute(answer)) == []
                ordered += answer.chains[0].steps[-1].operation == "order"
                if below and medians(below) > medians(answer):
                    caveats = {*below.chains[0].caveats, *answer.chains[0].caveats}
                    assert any("is passed on as it is" in one for one in caveats), (role, level)
                below = answer
    assert ordered  # levels that it does not publish, kept between those beside them


def medians(answer: Answer) -> float:
    assert answer.estimate.percentiles and answer.estimate.percentiles.p50
    return answer.estimate.percentiles.p50


def test_the_mean_of_several_bands_and_an_open_one_are_called_what_they_are(
    snapshot: Snapshot,
) -> None:
    whole = ask(snapshot, "ai-ml-engineer", sources=KORE1).estimate.confidence
    assert whole.reason == "the mean of 3 published ranges, with no sample size"
    opened = ask(snapshot, "ai-ml-engineer", "staff", sources=KORE1).estimate.confidence
    assert opened.reason == "the range has no maximum"


def test_a_requested_source_without_pay_for_the_role_is_named(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "database-administrator", "principal", sources=(AIJOBS, LCA))
    assert {chain.source_id for chain in answer.chains} == {LCA}
    *_, fallback = answer.fallbacks
    assert (fallback.dimension, fallback.requested) == ("source", AIJOBS)
    assert fallback.reason.startswith(
        f"The requested source {AIJOBS} has no base pay for Database Admin"
    )
    strict = ask(snapshot, "mlops", "mid", strict=True, sources=(*KORE1, BLOG))
    assert [fallback.requested for fallback in strict.fallbacks] == [BLOG]
    assert BLOG in "".join(Summary.of(strict).texts())


def test_several_named_sources_are_combined_with_their_weights_rescaled(
    snapshot: Snapshot,
) -> None:
    whole = {c.source_id: c for c in ask(snapshot, "mlops", "mid", "nyc").chains}
    some = ask(snapshot, "mlops", "mid", "nyc", sources=(AIJOBS, *KORE1))
    assert [chain.source_id for chain in some.chains] == [AIJOBS, *KORE1]
    for chain in some.chains:
        assert chain.steps == whole[chain.source_id].steps
    one, other = some.chains
    rest = whole[AIJOBS].weight / whole[KORE1[0]].weight
    assert one.weight / other.weight == pytest.approx(rest, rel=1e-4)
    assert one.weight + other.weight == 1


# By hand: every step from the one before, in plain decimal arithmetic.


def half_up(amount: Decimal | float) -> int:
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP))


def times(amount: float | None, factor: float) -> int | None:
    return None if amount is None else half_up(Decimal(str(amount)) * Decimal(str(factor)))


def five(percentiles: Percentiles | None) -> list[float | None]:
    assert percentiles
    return [getattr(percentiles, name) for name in PERCENTILES]


def mixture(steps: Sequence[Step]) -> list[float | None]:
    """The mixture of all distributions so far, those of the nation times their factor."""
    parts: list[tuple[float, list[float | None]]] = []
    for step in steps:
        if step.statistics:
            stated = five(step.statistics.percentiles)
            parts.append((step.share or 1, stated))
        if step.factor:
            share, stated = parts.pop()
            parts.append((share, [times(amount, step.factor.min) for amount in stated]))
    if len(parts) == 1:
        return parts[0][1]
    curves = [
        curve(share, dict(zip(PERCENTILES, five_, strict=True)), ()) for share, five_ in parts
    ]
    return [half_up(amount or 0) for amount in mixed(curves).values.values()]


def follow(steps: Sequence[Step], store: Store, level: str | None) -> None:
    """Check that each step has what its figures and the step before give."""
    for place, step in enumerate(steps):
        figure = store.figure(step.figure_id)
        assert figure is not None
        assert (step.source_id, step.locator) == (figure.source_id, figure.locator)
        assert step.as_published == figure.as_published or "fewer than" in step.subject
        before = steps[place - 1] if place else None
        if step.operation in ("published", "mix") and step.statistics:
            assert five(step.percentiles) == mixture(steps[: place + 1])
        elif step.operation == "published":
            assert step.range.min == figure.low
            assert step.range.max == (None if figure.bound == "over" else figure.high)
        elif step.operation == "spread":
            assert before
            low, high = before.range.min, before.range.max or 0
            stated = (
                five(before.percentiles)
                if before.percentiles
                else [None, low, half_up(math.sqrt(low * high)), high, None]
            )
            p10, p25, middle, p75, p90 = (one or math.nan for one in stated)
            power = step.power or 0
            ends = [half_up(middle * (one / middle) ** power) for one in (p25, p75)]
            tails = [ends[0] * p10 / p25, ends[1] * p90 / p75]
            narrowed = [tails[0], ends[0], middle, ends[1], tails[1]]
            assert five(step.percentiles) == [
                None if math.isnan(one) else half_up(one) for one in narrowed
            ]
        elif step.operation == "order":
            check_order(step, before, level)
        elif step.spread:
            assert before
            factors = [getattr(step.spread, name) for name in PERCENTILES]
            assert five(step.percentiles) == [times(before.range.min, one) for one in factors]
        elif step.factor and not step.operand and not step.parts:
            assert before
            assert step.range.min == times(before.range.min, step.factor.min)
            assert step.range.max == times(before.range.max, step.factor.max)
            if before.percentiles:
                factor = step.factor.min
                assert five(step.percentiles) == [
                    times(x, factor) for x in five(before.percentiles)
                ]
            if figure.unit == "ratio" and step.operation in ("pool", "role"):
                assert step.factor.min in (figure.low, 1.0)


def check_order(step: Step, before: Step | None, level: str | None) -> None:
    """The levels rise; a level that was in order among its neighbors keeps its pay."""
    assert before and before.percentiles and step.percentiles
    stated = {one.level: five(one.percentiles) for one in step.levels}
    if level not in stated:
        lowest, highest = stated.values()
        for own, low, high, now in zip(
            five(before.percentiles), lowest, highest, five(step.percentiles), strict=True
        ):
            assert now == (None if own is None else min(max(own, low or 0), high or 0))
        return
    assert stated[level] == five(before.percentiles)
    for place, name in enumerate(PERCENTILES):
        column = [amounts[place] for amounts in stated.values()]
        if None not in column:
            now = getattr(step.percentiles, name)
            assert min(column) - 1 <= now <= max(column) + 1  # type: ignore[type-var, operator]


def by_hand(answer: Answer) -> Percentiles:
    """The weighted geometric mean of the chains."""
    chains = [(chain.weight, five(chain.percentiles)) for chain in used(answer)]

    def mean(place: int) -> int:
        return half_up(math.exp(sum(w * math.log(pays[place] or 0) for w, pays in chains)))

    def tail(place: int, inner: int) -> float:
        known = [(w, (pays[place] or 0) / (pays[inner] or 1)) for w, pays in chains if pays[place]]
        total = sum(weight for weight, _ in known)
        return math.exp(sum(weight * math.log(ratio) for weight, ratio in known) / total)

    p25, p50, p75 = mean(1), mean(2), mean(3)
    low, high = half_up(p25 * tail(0, 1)), half_up(p75 * tail(4, 3))
    return Percentiles(p10=low, p25=p25, p50=p50, p75=p75, p90=high)


def used(answer: Answer) -> list[Chain]:
    return [chain for chain in answer.chains if chain.weight]


def scored_on(answer: Answer) -> set[str]:
    return {source_id for chain in answer.chains for source_id in chain.tested_on}


def check_promises(answer: Answer, store: Store) -> None:
    level = answer.used.level.id if answer.used.level else None
    for chain in answer.chains:
        for metro in dict.fromkeys(step.metro for step in chain.steps):
            steps = [step for step in chain.steps if step.metro == metro]
            follow(steps if not steps[0].parts else [], store, level)
            shares = [step.share for step in steps if step.share is not None]
            assert sum(shares) == pytest.approx(1 if shares else 0)
        assert (chain.weight == 0) == (chain.unused_reason is not None)
    assert not list(recompute(answer))
    assert sum(Decimal(str(chain.weight)) for chain in answer.chains) == 1
    if len(used(answer)) > 1:
        assert answer.estimate.percentiles == by_hand(answer)
        assert ends(answer) == (by_hand(answer).p25, by_hand(answer).p75)
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
    assert all(store.figure(id_) for id_ in set(re.findall(r'"figure_id":"(.*?)"', text)))


@pytest.mark.slow
def test_over_every_role_level_and_kind_of_place_the_promises_hold(
    snapshot: Snapshot, store: Store
) -> None:
    scopes = [scope for scope in every_scope(snapshot) if scope[0] in snapshot.weights_by_role]
    for role, level, metro in scopes[::13]:
        answer = ask(snapshot, role, level, metro)
        check_promises(answer, store)
        assert (answer.used.level and answer.used.level.id, answer.used.metro.id) == (level, metro)


def test_a_fallback_names_all_levels_and_places_that_pay_is_derived_from(
    snapshot: Snapshot,
) -> None:
    derived = ask(snapshot, "data-architect", "staff", "erie-pa")
    (fallback,) = (one for one in derived.fallbacks if one.dimension == "level")
    assert fallback.used == "senior"
    assert fallback.reason.endswith(
        "figures for all levels together, for the senior level and above and for the senior level."
    )
    partly = ask(snapshot, "computer-programmer", metro="research-triangle", sources=(OEWS,))
    (fallback,) = partly.fallbacks
    assert "in every metropolitan area of Research Triangle, NC; for the others" in fallback.reason


def test_a_dimension_that_no_source_speaks_of_is_a_fallback(snapshot: Snapshot) -> None:
    """Official statistics speak of almost every place, and of no level."""

    def fallbacks(*scope: str) -> list[str]:
        return [fallback.dimension for fallback in ask(snapshot, *scope).fallbacks]

    assert fallbacks("data-engineer", "senior", "austin-tx") == []
    assert fallbacks("prompt-engineer", "staff", "austin-tx") == ["level"]
    assert fallbacks("data-engineer", "senior", "victoria-tx") == ["metro"]
    assert fallbacks("mlops", "staff", "alaska") == ["level", "metro"]
    level, metro = read_faults(ask, snapshot, "mlops", "staff", "alaska", strict=True)
    assert (level.parameter, metro.parameter) == ("level", "metro")


@pytest.mark.slow
@pytest.mark.parametrize("metro", ["nyc", "bay-area", "us", "austin-tx"])
def test_a_source_that_is_named_answers_alone_or_there_is_no_answer(
    snapshot: Snapshot, store: Store, metro: str
) -> None:
    for role, level in product(snapshot.roles, ["mid", None]):
        pricing = {one.source_id for one in snapshot.weights_by_role.get(role, ())}
        pricing |= {OEWS} if snapshot.roles[role].soc_codes else set()
        for source_id in snapshot.sources:
            if source_id in pricing:
                alone = ask(snapshot, role, level, metro, sources=(source_id,))
                check_promises(alone, store)
                # Others may be cited for level factors, for what official statistics say of the
                # place (of filings), and as what it was tested on.
                others = scored_on(alone) | {METHOD} | ({OEWS} if source_id == LCA else set())
                assert {source.id for source in alone.sources} - others == {source_id} - others
                continue
            (fault,) = read_faults(ask, snapshot, role, level, metro, sources=(source_id,))
            assert fault.type == "no-figures"
            assert set(fault.suggestions) == pricing


def test_a_higher_level_never_pays_less(snapshot: Snapshot) -> None:
    for role, metro in product(
        snapshot.weights_by_role, ("nyc", "us", "bay-area", "boise-city-id")
    ):
        estimates = [ask(snapshot, role, level, metro).estimate for level in snapshot.levels]
        for lower, higher in pairwise(estimates):
            assert lower.range.min <= higher.range.min
            assert (lower.median or 0) <= (higher.median or 0)
            assert (lower.range.max or 0) <= (higher.range.max or 0)


def test_a_role_without_occupations_is_refused_with_the_reason(snapshot: Snapshot) -> None:
    (fault,) = read_faults(ask, snapshot, "data-annotator", "mid", "us")
    assert (fault.type, fault.suggestions) == ("no-figures", ())
    assert snapshot.roles["data-annotator"].soc_reason in fault.detail


def test_confidence_follows_the_width_of_the_range_and_the_medians_and_needs_a_sample(
    snapshot: Snapshot,
) -> None:
    unsampled, labels = set(), set()
    roles, metros = snapshot.weights_by_role, ("austin-tx", "guayama-pr", "bay-area")
    for role, level, metro in product(roles, (None, "mid", "staff"), metros):
        answer = ask(snapshot, role, level, metro)
        confidence = (estimate := answer.estimate).confidence
        assert confidence.label == snapshot.cell(role, metro).estimates[level].confidence
        if all(one.kind == "band" or one.is_proxy for one in snapshot.weights_by_role[role]):
            unsampled.add(role)
            assert (confidence.label, confidence.reason) == (
                "low",
                "no source has a sample of this role",
            )
        else:
            used = [one.percentiles for one in answer.chains if one.weight]
            medians = [one.p50 for one in used if one and one.p50]
            width = f"{(estimate.range.max or 0) / estimate.range.min:.2f}"
            apart = f"{max(medians) / min(medians):.2f}"
            reach = max(float(width), float(apart))
            label = "high" if reach <= 1.35 else "medium" if reach <= 1.45 else "low"
            said = f"{apart} times the lowest" if apart > width else f"{width} times its low end"
            if level is None and label != "low":
                label = "medium" if label == "high" else "low"
                said = "it covers all levels"
            labels.add((level, confidence.label))
            assert confidence.label == label
            assert said in confidence.reason
    assert {"prompt-engineer", "ai-governance-specialist"} <= unsampled
    assert {label for level, label in labels if not level} == {"medium", "low"}


def test_an_offer_is_compared_with_every_range(snapshot: Snapshot) -> None:
    offer = Interval(min=150_000, max=200_000)
    placed = ask(snapshot, "mlops", "mid", offer=offer, sources=KORE1).offer
    assert placed is not None
    assert [
        (p.compared_to, p.amount, p.position, p.compa_ratio, p.verdict) for p in placed.positions
    ] == [
        ("estimate", 150_000, 0.25, 0.938, "within the published range"),
        ("estimate", 200_000, 1.5, 1.25, "above the published range"),
        ("kore1-ai-jobs-2026", 150_000, 0.25, 0.938, "within the published range"),
        ("kore1-ai-jobs-2026", 200_000, 1.5, 1.25, "above the published range"),
    ]
    assert all(position.percentile is None for position in placed.positions)
    blended = ask(snapshot, "mlops", "mid", offer=offer)
    assert blended.offer
    first = blended.offer.positions[0]
    assert first.market_ratio == round(150_000 / (blended.estimate.median or 0), 3)
    assert len(blended.offer.positions) == 2 * (1 + len(blended.chains))


def test_context_has_related_figures(snapshot: Snapshot) -> None:
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


def test_disagreement_says_how_far_sources_lie_from_the_estimate(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "prompt-engineer", "mid")
    assert answer.disagreement is not None
    differences = answer.disagreement.differences
    assert Interval(min=500_000, max=None) in [difference.range for difference in differences]
    for chain, difference in zip(answer.chains, differences, strict=False):
        assert difference.range == Interval(min=chain.range.min, max=chain.range.max)
        assert difference.min_ratio == round(chain.range.min / answer.estimate.range.min, 3)
        assert difference.figure.figure_id == chain.steps[0].figure_id
        assert f"weight {in_percent(chain.weight)}" in difference.reasons[0]


def test_disagreement_says_whose_figures_are_national_and_stay_so(snapshot: Snapshot) -> None:
    said = "its figures are for the United States, not adjusted to the place"
    for metro, expected in (("boise-city-id", [AIJOBS]), ("us", [])):
        answer = ask(snapshot, "software-engineer", "mid", metro)
        assert answer.disagreement
        differences = answer.disagreement.differences
        found = [one.figure.source_id for one in differences if said in one.reasons]
        assert found == expected


def test_context_and_chains_come_from_the_sources_asked_for(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "prompt-engineer", "mid", sources=KORE1)
    assert {context.source_id for context in answer.context} == {*KORE1}
    assert {source.id for source in answer.sources} - scored_on(answer) == {*KORE1}
