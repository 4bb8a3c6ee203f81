"""Chains of pooled observations, from an invented pool."""

import dataclasses
from math import exp, sqrt
from statistics import NormalDist
from typing import Any, get_args

import pytest

from paycite.model.answer import Chain, PayPeriod
from paycite.model.observation import ObservationKind
from paycite.model.pool import Pool, PoolFactor, PoolSpread
from paycite.model.snapshot import Snapshot
from support.invented import source
from support.questions import ask

VARIANCE, EMPLOYERS, MEDIAN = 0.09, 16.0, 150_000
KINDS: dict[ObservationKind, str] = {
    "advertised": "Advertised pay, not pay received.",
    "filed": "Pay as filed with the government, which may differ from pay received.",
    "placement": "Pay of completed placements.",
    "offer": "Pay that was offered, not necessarily accepted.",
    "survey": "Pay as reported by people or employers in a survey.",
}


def pooled(
    snapshot: Snapshot, kind: ObservationKind = "advertised", period: PayPeriod = "year"
) -> Chain:
    """The chain of a pool that observed MLOps engineers of all levels in the nation."""
    cell: dict[str, Any] = {
        "source_id": "firm",
        "role": "mlops",
        "level": None,
        "n": 40,
        "employers": 16,
    }
    cell |= {"subject": "MLOps engineers", "locator": "pooled"}
    base = PoolFactor(
        id="firm:base",
        part="base",
        geography=None,
        amount=MEDIAN,
        effective_employers=EMPLOYERS,
        **cell,
    )
    spread = PoolSpread(
        id="firm:spread", geography="us", p10=0.7, p25=0.85, p50=1, p75=1.2, p90=1.4, **cell
    )
    pool = Pool(
        source_id="firm",
        kind=kind,
        component="base",
        as_of="2026",
        note="Observed by a firm.",
        n=100,
        employers=50,
        metro_k=5,
        variance=VARIANCE,
        role_metro_k=5,
        cell_k=5,
    )
    observed = dataclasses.replace(
        snapshot,
        sources={**snapshot.sources, "firm": source("firm")},
        pools=(pool,),
        pool_factors=(base,),
        pool_spreads=(spread,),
    )
    (chain,) = ask(observed, "mlops", sources=("firm",), period=period).chains
    return chain


@pytest.mark.parametrize("kind", get_args(ObservationKind))
def test_the_first_caveat_says_what_kind_of_pay_was_observed(
    snapshot: Snapshot, kind: ObservationKind
) -> None:
    assert pooled(snapshot, kind).caveats == (KINDS[kind], "Observed by a firm.")


def test_the_interval_holds_the_median_with_90_percent_probability(snapshot: Snapshot) -> None:
    chain = pooled(snapshot)
    assert chain.percentiles and chain.percentiles.p50 == MEDIAN
    assert chain.median_interval and chain.median_interval.max
    width = exp(NormalDist().inv_cdf(0.95) * sqrt(VARIANCE / EMPLOYERS))
    assert chain.median_interval.min == pytest.approx(MEDIAN / width, rel=1e-4)
    assert chain.median_interval.max == pytest.approx(MEDIAN * width, rel=1e-4)


def test_by_the_hour_the_interval_is_converted_too(snapshot: Snapshot) -> None:
    yearly, hourly = pooled(snapshot), pooled(snapshot, period="hour")
    assert yearly.median_interval and hourly.median_interval
    for end in ("min", "max"):
        amount = getattr(yearly.median_interval, end) / 2_080
        assert getattr(hourly.median_interval, end) == pytest.approx(amount, abs=0.005_001)
