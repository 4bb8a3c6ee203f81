"""Whole answers, one for each kind of source and period, as they were reviewed.

After a change that is meant, renew them and review the diff:

    PAYCITE_RENEW=1 pytest tests/golden
"""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from paycite.model.answer import Answer, Interval
from paycite.model.snapshot import Snapshot
from support.questions import ask

FOLDER = Path(__file__).parent
WIDTH, MOST_LINES = 120, 200
KORE1, AIJOBS = ("kore1-ai-jobs-2026",), ("aijobs-2025-08",)
OEWS, BLOG = ("bls-oews-2025-05",), ("upwork-2023-earnings-blog",)
LCA = ("dol-lca-fy2024q1-fy2024q4",)


def answers(snapshot: Snapshot) -> dict[str, Answer]:
    return {
        "band_with_rule": ask(snapshot, "mlops", "mid", "nyc", sources=KORE1),
        "official_mixture": ask(snapshot, "data-engineer", None, "austin-tx", sources=OEWS),
        "advertised_percentiles": ask(snapshot, "data-scientist", "senior", sources=AIJOBS),
        "advertised_carried": ask(
            snapshot, "data-scientist", "staff", "austin-tx", sources=(*AIJOBS, *KORE1)
        ),
        "filings": ask(snapshot, "data-scientist", "mid", "austin-tx", sources=LCA),
        "related_figures": ask(
            snapshot, "prompt-engineer", "mid", "austin-tx", sources=(*KORE1, *BLOG)
        ),
        "hourly_offer": ask(
            snapshot,
            "data-scientist",
            metro="austin-tx",
            sources=OEWS,
            offer=Interval(min=62.5, max=80),
            period="hour",
        ),
    }


NAMES = (
    *("band_with_rule", "official_mixture", "advertised_percentiles"),
    *("advertised_carried", "filings", "related_figures", "hourly_offer"),
)


def written(answer: Answer) -> str:
    """The answer as JSON, each object or list on one line if it fits. To keep it short, nulls are
    left out, and so is the dataset version, which changes with any seed; sources, and figures of a
    distribution or a disagreement, are ids."""
    whole = msgspec.json.decode(msgspec.json.encode(answer))
    whole["sources"] = [source["id"] for source in whole["sources"]]
    del whole["dataset"], whole["links"]
    for step in (step for chain in whole["chains"] for step in chain["steps"]):
        if stated := step["statistics"]:
            stated["figures"] = ids(stated["figures"])
    for difference in (whole["disagreement"] or {}).get("differences", ()):
        difference["figure"] = difference["figure"]["figure_id"]
    text = "\n".join(lines(without_nulls(whole))) + "\n"
    return text.replace(answer.dataset.version, "VERSION")


def ids(figures: list[dict[str, str]]) -> list[str]:
    return [figure["figure_id"] for figure in figures]


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def lines(value: Any, indent: str = "", key: str = "", end: str = "") -> list[str]:
    short = f"{indent}{key}{json.dumps(value, ensure_ascii=False)}{end}"
    if not isinstance(value, dict | list) or not value or len(short) <= WIDTH:
        return [short]
    items = value.items() if isinstance(value, dict) else [(None, one) for one in value]
    inner = [
        line
        for place, (name, one) in enumerate(items, start=1)
        for line in lines(
            one,
            indent + "  ",
            "" if name is None else f"{json.dumps(name)}: ",
            "," if place < len(value) else "",
        )
    ]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return [f"{indent}{key}{opening}", *inner, f"{indent}{closing}{end}"]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_as_it_was_reviewed(snapshot: Snapshot, name: str) -> None:
    answer = answers(snapshot)[name]
    file, text = FOLDER / f"{name}.json", written(answer)
    assert len(text.splitlines()) < MOST_LINES
    if os.environ.get("PAYCITE_RENEW"):
        file.write_text(text, encoding="utf-8")
    expected = file.read_text(encoding="utf-8")
    assert text == expected, "meant? Renew with PAYCITE_RENEW=1 pytest tests/golden, and review"


def test_every_golden_file_is_compared(snapshot: Snapshot) -> None:
    assert sorted(answers(snapshot)) == sorted(NAMES)
    assert sorted(file.stem for file in FOLDER.glob("*.json")) == sorted(NAMES)
