"""When a national range is adjusted to a metro, and when it is not."""

import pytest

from paycite.model.answer import Chain
from paycite.model.snapshot import Snapshot
from support.questions import ask

AIJOBS = "aijobs-2025-08"
OEWS = "bls-oews-2025-05"


def carried(
    snapshot: Snapshot, role: str, metro: str, sources: tuple[str, ...] = ()
) -> Chain | None:
    chains = ask(snapshot, role, "senior", metro, sources=sources).chains
    found = [chain for chain in chains if chain.steps[-1].operation == "differential"]
    return found[0] if found else None


@pytest.mark.parametrize("role", ["data-scientist", "data-analyst"])
def test_a_role_that_earned_it_is_carried_to_a_metro(snapshot: Snapshot, role: str) -> None:
    answer = ask(snapshot, role, "senior", "austin-tx", strict=True)
    chain = carried(snapshot, role, "austin-tx")
    assert chain and answer.fallbacks == ()
    there, nation = (snapshot.official["15-2051", place][0].p50 for place in ("austin-tx", "us"))
    step = chain.steps[-1]
    assert step.factor and there and nation
    assert step.factor.min == step.factor.max == round((there / nation) ** 0.25, 4) != 1
    assert (answer.estimate.range.min, answer.estimate.range.max) == (
        step.range.min,
        step.range.max,
    )
    assert step.statistics and step.statistics.ratio_to_nation
    # No source states percentiles there, and nothing was counted there.
    assert (answer.estimate.median, answer.estimate.percentiles, chain.n) == (None, None, None)
    assert answer.estimate.confidence.label == "low"
    assert any("lowered the mean absolute error" in caveat for caveat in chain.caveats)
    assert {source.id for source in answer.sources} == {AIJOBS, OEWS}


@pytest.mark.parametrize(
    ("role", "metro"),
    [
        ("data-scientist", "us"),
        ("data-scientist", "texas"),
        ("data-scientist", "puerto-rico"),
        ("data-scientist", "northwest-alabama-nonmetro"),
        ("data-scientist", "bay-area"),
        ("data-scientist", "bangor-me"),  # where the median was not released
        ("data-engineer", "austin-tx"),
        ("ai-ml-engineer", "austin-tx"),
    ],
)
def test_nothing_else_is_carried(snapshot: Snapshot, role: str, metro: str) -> None:
    assert carried(snapshot, role, metro) is None
    fallbacks = ask(snapshot, role, "senior", metro).fallbacks
    assert [fallback.used for fallback in fallbacks] == ([] if metro == "us" else ["us"])


def test_it_takes_official_statistics_to_carry(snapshot: Snapshot) -> None:
    assert carried(snapshot, "data-scientist", "austin-tx", (AIJOBS, OEWS))
    assert carried(snapshot, "data-scientist", "austin-tx", (AIJOBS,)) is None


def test_a_source_that_prices_levels_alone_is_enveloped_when_it_is_named(
    snapshot: Snapshot,
) -> None:
    answer = ask(snapshot, "data-scientist", sources=(AIJOBS,))
    (chain,) = answer.chains
    levels = {d.level: d for d in snapshot.distributions_by_role["data-scientist"]}
    assert [step.operation for step in chain.steps] == ["published", "envelope", "envelope"]
    assert (chain.range.min, chain.range.max) == (levels["entry"].p25, levels["senior"].p75)
    assert answer.estimate.percentiles is None
    assert {source.id for source in ask(snapshot, "data-scientist").sources} >= {OEWS}
