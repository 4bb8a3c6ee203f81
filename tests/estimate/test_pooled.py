"""Chains of pooled observations, from an invented pool."""

import dataclasses
from typing import Any, get_args

import pytest

from paycite.model.answer import Chain
from paycite.model.observation import ObservationKind
from paycite.model.pool import Pool, PoolFactor, PoolSpread
from paycite.model.snapshot import Snapshot
from support.observing import source
from support.questions import ask

KINDS: dict[ObservationKind, str] = {
    "advertised": "Advertised pay, not pay received.",
    "filed": "Pay as filed with the government, which may differ from pay received.",
    "placement": "Pay in completed placements.",
    "offer": "Pay offered, not necessarily accepted.",
    "survey": "Pay as reported by people or employers in a survey.",
}


def pooled(snapshot: Snapshot, kind: ObservationKind) -> Chain:
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
        amount=150_000,
        **cell,
    )
    del cell["level"]
    spread = PoolSpread(
        id="firm:spread",
        levels="all",
        p10=0.7,
        p25=0.85,
        p50=1,
        p75=1.2,
        p90=1.4,
        **(cell | {"role": None}),
    )
    pool = Pool(
        source_id="firm",
        kind=kind,
        component="base",
        as_of="2026",
        middle=None,
        note="Observed by a firm.",
        n=100,
        employers=50,
    )
    observed = dataclasses.replace(
        snapshot,
        sources={**snapshot.sources, "firm": source("firm")},
        pools=(pool,),
        pool_factors=(base,),
        pool_spreads=(spread,),
    )
    (chain,) = ask(observed, "mlops", sources=("firm",)).chains
    return chain


@pytest.mark.parametrize("kind", get_args(ObservationKind))
def test_the_first_caveat_says_what_kind_of_pay_was_observed(
    snapshot: Snapshot, kind: ObservationKind
) -> None:
    assert pooled(snapshot, kind).caveats == (KINDS[kind], "Observed by a firm.")
