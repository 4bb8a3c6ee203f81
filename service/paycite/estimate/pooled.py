"""Derive pay from pooled observations: central pay, factors for the place, and the spread."""

from collections.abc import Iterator
from functools import lru_cache

from paycite.estimate.derivation import Derivation, apply_spread, cite, middle_half, multiply
from paycite.estimate.distributed import is_priced, statistics
from paycite.model.answer import Factor, Interval, Spread, Statistics, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Citation
from paycite.model.money import whole_dollars
from paycite.model.pool import PRIOR_OCCUPATION, Pool, PoolFactor, PoolSpread
from paycite.model.snapshot import Snapshot, kept
from paycite.model.vocabulary import NATION, Level, Metro, Role, describe_place

_KINDS = {
    "advertised": "Advertised pay, not pay received.",
    "filed": "Pay as filed with the government, which may differ from pay received.",
    "placement": "Pay in completed placements.",
    "offer": "Pay offered, not necessarily accepted.",
    "survey": "Pay as reported by people or employers in a survey.",
}
_KEPT = 600  # as many as places
_COUNTED = "Observations and employers are counted at all levels of the role together."
_cite_spread = lru_cache(_KEPT)(PoolSpread.citations)
_TOO_FEW = "{}: fewer than {} employers, so the value of the broader group is used"


def is_suppressed(role: Role, sources: frozenset[str], snapshot: Snapshot) -> bool:
    """Whether a source (one of `sources`, if any are given) has observations of the role. If it
    does not price the role, it has too few employers."""
    return any(
        (pool.source_id, "base", role.id, None, None) in snapshot.factors
        for pool in snapshot.pools
        if pool.component == "base" and (not sources or pool.source_id in sources)
    )


def levels_pooled(role: Role, pool: Pool, snapshot: Snapshot) -> set[str | None]:
    """List the levels (null: all levels together) with enough employers."""
    return {
        level
        for level in (None, *snapshot.levels)
        if (base := snapshot.factors.get((pool.source_id, "base", role.id, level, None)))
        and base.amount is not None
        and _spread(role, pool, level, snapshot)
    }


def from_pool(
    role: Role, pool: Pool, level: Level | None, metro: Metro, snapshot: Snapshot
) -> Derivation | None:
    """Derive pay at a level (null: all levels) in a place; None if it has too few employers."""
    level_id = level.id if level else None
    base = snapshot.factors.get((pool.source_id, "base", role.id, level_id, None))
    spread = _spread(role, pool, level_id, snapshot)
    if base is None or base.amount is None or spread is None or pool.component != "base":
        return None
    steps = [_base_step(base, base.amount)]
    factors = [] if metro.id == NATION else _factors(role, pool, metro, snapshot)
    for factor in factors:
        steps.append(_factor_step(factor, steps[-1], metro, snapshot))
    steps.append(_spread_step(spread, steps[-1].range.min))
    observed = factors[-1] if factors and factors[-1].part == "role-metro" else None
    counted = observed or (base if metro.id == NATION else None)
    return Derivation(
        source_id=pool.source_id,
        kind="derived",
        component=pool.component,
        level=level,
        metro=metro,
        steps=tuple(steps),
        caveats=tuple(_caveats(pool, metro, factors, snapshot, bool(level and observed))),
        as_of=pool.as_of,
        middle=pool.middle,
        n=counted.n if counted else None,
        employers=counted.employers if counted else None,
        speaks_of_place=metro.id == NATION or any(one.n is not None for one in factors),
    )


def _factors(role: Role, pool: Pool, metro: Metro, snapshot: Snapshot) -> list[PoolFactor]:
    keys = (("metro", None), ("role-metro", role.id))
    found = (
        snapshot.factors.get((pool.source_id, part, of, None, metro.id))  # type: ignore[arg-type]
        for part, of in keys
    )
    return [factor for factor in found if factor]


def _base_step(base: PoolFactor, amount: float) -> Step:
    dollars = whole_dollars(amount)
    return Step(
        operation="pool",
        range=Interval(min=dollars, max=dollars),
        n=base.n,
        employers=base.employers,
        **cite(base.citation()),
    )


def _factor_step(factor: PoolFactor, before: Step, metro: Metro, snapshot: Snapshot) -> Step:
    return multiply(
        before,
        "pool",
        1.0 if factor.amount is None else factor.amount,
        _cite_factor(factor, snapshot),
        statistics=_prior(metro, snapshot) if factor.part == "metro" else None,
        n=factor.n,
        employers=factor.employers,
    )


def _cite_factor(factor: PoolFactor, snapshot: Snapshot) -> Citation:
    if factor.amount is not None:
        return factor.citation()
    fewest = snapshot.figures[f"{factor.source_id}:fewest-employers"].citation()
    of = factor.subject.partition(":")[0]
    subject = _TOO_FEW.format(of, fewest.as_published)
    return Citation(**{**cite(fewest), "subject": subject})


@kept(_KEPT)
def _prior(metro: Metro, snapshot: Snapshot) -> Statistics | None:
    """The official statistics that the factor of a place is shrunk toward."""
    there, nation = (
        next(iter(snapshot.official(PRIOR_OCCUPATION, place)), None) for place in (metro.id, NATION)
    )
    return statistics(there, nation) if there and nation and is_priced(there) else None


def _spread(role: Role, pool: Pool, level: str | None, snapshot: Snapshot) -> PoolSpread | None:
    """The spread of the role if it has enough employers, else that of all roles."""
    levels = "stated" if level else "all"
    if (pool.source_id, None, levels) not in snapshot.spreads:
        return None
    own = snapshot.spreads.get((pool.source_id, role.id, levels))
    return own or snapshot.spreads[pool.source_id, None, levels]


def _spread_step(spread: PoolSpread, central_pay: float) -> Step:
    figures = _cite_spread(spread)
    percentiles = apply_spread(central_pay, spread)
    return Step(
        operation="pool",
        factor=Factor(min=spread.p25, max=spread.p75),
        range=middle_half(percentiles),
        percentiles=percentiles,
        n=spread.n,
        employers=spread.employers,
        spread=Spread(**{name: getattr(spread, name) for name in PERCENTILES}, figures=figures),
        **cite(figures[0]),
    )


def _caveats(
    pool: Pool,
    metro: Metro,
    factors: list[PoolFactor],
    snapshot: Snapshot,
    is_of_other_levels: bool,
) -> Iterator[str]:
    yield _KINDS[pool.kind]
    if is_of_other_levels:
        yield _COUNTED
    if factors and factors[0].n is None:
        fewest = snapshot.figures[f"{pool.source_id}:fewest-employers"].as_published
        yield (
            f"Fewer than {fewest} employers were observed in {describe_place(metro)}, so "
            "its adjustment comes from official statistics."
        )
    yield pool.note
