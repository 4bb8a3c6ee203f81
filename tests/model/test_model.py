from contextlib import nullcontext
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite.model.answer import Answer, Chain, Percentiles, Range, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Figure, Rule, Source
from paycite.model.problem import PROBLEM_TYPES, Fault, Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import normal
from support.questions import ask

REFUSED_FIGURES: list[tuple[dict[str, Any], str]] = [
    ({"source_id": ""}, "citation"),
    ({"locator": ""}, "citation"),
    ({"as_published": ""}, "citation"),
    ({"low": 190_000}, "above high"),
    ({"low": None, "high": None}, "needs a low or a high"),
    ({"low": None}, "without a low"),
    ({"high": None}, "without a high"),
    ({"unit": "unquantified"}, "no low and no high"),
    ({"unit": "percent"}, "needs unit 'usd'"),
    ({"topic": "share"}, "needs unit 'percent'"),
    ({"currency": None}, "currency and period"),
    ({"period": None}, "currency and period"),
    ({"topic": "growth", "unit": "percent"}, "currency and period"),
    ({"component": None}, "pay element"),
    ({"topic": "cost"}, "pay element"),
    ({"role": None}, "needs a role"),
    ({"level": None}, "needs a role"),
    ({"kind": "guessed"}, "Invalid enum value"),
    ({"currency": "EUR"}, "Invalid enum value"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED_FIGURES)
def test_a_number_without_its_citation_or_unit_cannot_exist(
    snapshot: Snapshot, change: dict[str, Any], reason: str
) -> None:
    sound = msgspec.structs.asdict(snapshot.figures["kore1-ai-jobs-2026:mlops-mid"])
    assert msgspec.convert(sound, Figure)
    with pytest.raises(msgspec.ValidationError, match=reason):
        msgspec.convert(sound | change, Figure)


@pytest.mark.parametrize(
    "change",
    [
        {"publisher": ""},
        {"originators": ()},
        {"originators": ("",)},
        {"sha256": "4d27"},
        {"published": {"date": None, "precision": "day"}},
        {"published": {"date": "2026-02-04", "precision": "none"}},
    ],
)
def test_a_source_that_cannot_be_cited_cannot_exist(
    snapshot: Snapshot, change: dict[str, Any]
) -> None:
    sound = msgspec.to_builtins(snapshot.sources["upwork-skills-2026-news"])
    assert msgspec.convert(sound, Source)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(sound | change, Source)


def test_a_rule_needs_metros_factors_and_its_reading(snapshot: Snapshot) -> None:
    sound = msgspec.to_builtins(snapshot.rules[0])
    for change in ({"note": ""}, {"metros": ()}, {"min_factor": 0}, {"min_factor": 1.3}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(sound | change, Rule)


def test_an_answer_has_steps_chains_and_sources_and_shares_up_to_1(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", "mid", "nyc")
    replace, chain = msgspec.structs.replace, answer.chains[0]
    faults: list[tuple[Any, dict[str, Any]]] = [
        (chain.steps[0], {"locator": ""}),
        (chain.steps[0], {"share": 1_472}),
        (chain, {"steps": ()}),
        (chain, {"steps": chain.steps[:1]}),
        (chain, {"weight": 0.0}),
        (answer, {"sources": ()}),
        (answer, {"sources": tuple(snapshot.sources.values())}),
        (answer, {"chains": ()}),
        (chain.range, {"min": 300_000}),
    ]
    for whole, fault in faults:
        assert isinstance(whole, Step | Chain | Answer | Range)
        with pytest.raises(ValueError, match=r"needs|sources|weight|share"):
            replace(whole, **fault)


@given(st.lists(st.none() | st.integers(1, 9), min_size=5, max_size=5), st.sets(st.integers(0, 4)))
def test_percentiles_never_cross_but_where_they_are_capped(
    amounts: list[int | None], capped: set[int]
) -> None:
    stated = [one for at, one in enumerate(amounts) if at not in capped and one is not None]
    parts = dict(zip(PERCENTILES, amounts, strict=True))
    is_sound = stated == sorted(stated)
    with nullcontext() if is_sound else pytest.raises(ValueError, match="must not cross"):
        Percentiles(**parts, capped=tuple(PERCENTILES[at] for at in capped))


def test_the_most_severe_fault_names_the_problem_and_all_are_reported() -> None:
    faults = [Fault(type=name, detail=name) for name in reversed(PROBLEM_TYPES)]
    problem = Refusal(faults).problem("/salary")
    assert problem.type == "/problems/missing-parameter"
    statuses = [PROBLEM_TYPES[fault.type].status for fault in problem.errors]
    order = [400, 401, 403, 404, 405, 413, 415, 416, 422, 409, 429, 500, 503]
    assert statuses == sorted(statuses, key=order.index)
    with pytest.raises(ValueError, match="add the problem type"):
        Fault(type="unheard-of", detail="")


def test_names_are_compared_in_any_case_space_and_punctuation() -> None:
    assert normal("  NEW-YORK,\tny ") == normal("new york / NY") == "new york ny"
    assert normal("…") == ""
