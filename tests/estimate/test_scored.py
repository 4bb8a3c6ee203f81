"""Back-test results as caveats."""

import dataclasses

import pytest

from paycite.model.score import Method, Score
from paycite.model.snapshot import Snapshot
from support.questions import ask

KORE1 = "kore1-ai-jobs-2026"


@pytest.mark.parametrize(
    ("bias", "method", "expected"),
    [
        (0.138, "published", "the midpoint is typically 13.8% above observed pay"),
        (-0.138, "published", "the midpoint is typically 13.8% below observed pay"),
        (0.02, "pooling", "the median is typically 2.0% above observed pay"),
        (-0.02, "pooling", "the median is typically 2.0% below observed pay"),
    ],
)
def test_a_caveat_says_on_which_side_of_observed_pay_a_source_lies(
    snapshot: Snapshot, bias: float, method: Method, expected: str
) -> None:
    score = Score(
        source_id=KORE1,
        method=method,
        tested_on="aijobs-2025-08",
        geography=None,
        n=2_636,
        employers=0,
        bias=bias,
        median_absolute_error=0.211,
        coverage_p25_p75=0.53,
        coverage_p10_p90=None,
        pinball_ratio=None,
        folds=None,
    )
    chain, *_ = ask(
        dataclasses.replace(snapshot, scores=(score,)), "mlops", "mid", "nyc", sources=(KORE1,)
    ).chains
    inside = "inside the range" if method == "published" else "between P25 and P75"
    assert chain.caveats[-1] == (
        f"Back-tested on 2,636 observations of aijobs-2025-08 in all places, of all roles "
        f"that both have: {expected}, with a median absolute error of 21.1%; 53% of observations "
        f"fall {inside}."
    )
    assert chain.tested_on == ("aijobs-2025-08",)
