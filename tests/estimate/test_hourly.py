"""Yearly pay as an hourly rate."""

import dataclasses
from decimal import ROUND_HALF_UP, Decimal

import pytest

from paycite.model.answer import Answer
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from support.questions import ask, every_scope

KEYS = ("p10", "p25", "p50", "p75", "p90")


def divided(amount: float | None) -> float | None:
    if amount is None:
        return None
    return float((Decimal(int(amount)) / 2_080).quantize(Decimal("0.01"), ROUND_HALF_UP))


def both(snapshot: Snapshot, role: str, level: str | None, metro: str) -> list[Answer]:
    """The annual and the hourly answer; empty if there is none."""
    try:
        return [ask(snapshot, role, level, metro), ask(snapshot, role, level, metro, period="hour")]
    except Refusal:
        return []


@pytest.mark.slow
def test_pay_by_the_hour_is_that_of_the_year_over_the_hours_that_a_source_states(
    snapshot: Snapshot,
) -> None:
    compared = 0
    for scope in every_scope(snapshot)[::7]:
        answers = both(snapshot, *scope)
        if answers:
            yearly, hourly = answers
            compared += 1
            assert hourly.estimate.period == "hour"
            for before, after in zip(yearly.chains, hourly.chains, strict=True):
                *steps, last = after.steps
                assert tuple(steps) == before.steps
                assert (last.operation, last.divisor) == ("convert", 2_080)
                assert snapshot.figures[last.figure_id].low == 2_080
                assert (after.weight, after.period, after.kind) == (
                    before.weight,
                    "hour",
                    "derived",
                )
                ends = (divided(before.range.min), divided(before.range.max))
                assert (after.range.min, after.range.max) == ends
                for key in KEYS if before.percentiles else ():
                    assert getattr(after.percentiles, key) == divided(
                        getattr(before.percentiles, key)
                    )
            ends = (divided(yearly.estimate.range.min), divided(yearly.estimate.range.max))
            assert (hourly.estimate.range.min, hourly.estimate.range.max) == ends
            assert hourly.estimate.median == divided(yearly.estimate.median)
            for key in KEYS:
                stated = getattr(yearly.estimate.percentiles, key)
                assert getattr(hourly.estimate.percentiles, key) == divided(stated)
            if yearly.disagreement and hourly.disagreement:
                for one, other in zip(
                    yearly.disagreement.differences, hourly.disagreement.differences, strict=True
                ):
                    assert other.range.min == divided(one.range.min)
                    assert (other.min_ratio, other.max_ratio) == (one.min_ratio, one.max_ratio)
    assert compared > 100


def test_the_hours_of_a_year_are_among_the_sources(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", "mid", "nyc", period="hour")
    assert answer.chains[0].steps[-1].as_published == "2,080 hours per year"
    assert "bls-oews-2025-05-workbook" in [source.id for source in answer.sources]


def test_without_a_source_for_the_hours_nothing_is_converted(snapshot: Snapshot) -> None:
    without = dataclasses.replace(
        snapshot,
        figures={id_: one for id_, one in snapshot.figures.items() if one.topic != "working-year"},
    )
    with pytest.raises(Refusal, match="hours of a work year"):
        ask(without, "mlops", "mid", period="hour")
