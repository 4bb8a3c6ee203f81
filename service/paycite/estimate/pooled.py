"""Chains from pooled observations: a central value, factors, and the spread around it."""

from collections.abc import Iterator
from math import exp, sqrt

import msgspec

from paycite.estimate.candidate import (
    ALL_LEVELS,
    Candidate,
    Scope,
    metro_gap,
    multiplied,
)
from paycite.estimate.differential import carried
from paycite.estimate.distributed import is_priced, statistics
from paycite.model.answer import Factor, Interval, Percentiles, Spread, Statistics, Step
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Citation
from paycite.model.money import whole_dollars
from paycite.model.pool import (
    FEWEST_EMPLOYERS,
    PRIOR_OCCUPATION,
    Part,
    Pool,
    PoolFactor,
    PoolSpread,
)
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Level, Metro, describe_place

NINE_TENTHS = 1.645  # standard errors on either side of a mean in a 90% confidence interval

_KINDS = {
    "advertised": "Advertised pay, not pay received.",
    "filed": "Pay as filed with the government, which may differ from pay received.",
    "placement": "Pay of completed placements.",
    "offer": "Pay that was offered, not necessarily accepted.",
    "survey": "Pay as reported by people or employers in a survey.",
}
_UPWARDS = "{}: fewer than {} employers, so the value of the broader group is used"


class _Place(msgspec.Struct, frozen=True):
    """How a place differs: the factors in order, their effective employers, and the observations
    of the role and level there."""

    factors: tuple[PoolFactor, ...]
    effective_employers: tuple[float, ...]
    observed: PoolFactor | None


def of_pools(question: Question, snapshot: Snapshot) -> Iterator[Candidate]:
    """A chain for each source that observed the role: for the requested level if enough employers
    were observed there, else for all levels."""
    for pool in snapshot.pools:
        if question.allows(pool.source_id):
            chain = _chain(question, pool, question.level, snapshot)
            if chain is None and question.level:
                chain = _chain(question, pool, None, snapshot)
            if chain:
                yield chain


def is_suppressed(question: Question, snapshot: Snapshot) -> bool:
    """Whether an allowed source observed the role: at too few employers, if it has no chain."""
    return any(
        (pool.source_id, "base", question.role.id, None, None) in snapshot.factors
        for pool in snapshot.pools
        if question.allows(pool.source_id)
    )


def _chain(
    question: Question, pool: Pool, level: Level | None, snapshot: Snapshot
) -> Candidate | None:
    role, level_id = question.role.id, level.id if level else None
    base = snapshot.factors.get((pool.source_id, "base", role, level_id, None))
    if base is None or base.amount is None:
        return None
    place = _place(question, pool, level_id, snapshot)
    metro = question.metro if place else snapshot.metros[NATION]
    factors = place.factors if place else ()
    steps = [_base_step(base, base.amount)]
    for factor in factors:
        steps.append(_factor_step(factor, steps[-1].range, question, snapshot))
    spread = _spread(pool, role, level_id, metro, snapshot)
    if spread is None:
        return None
    middle = steps[-1].range
    steps.append(_spread_step(spread, middle))
    percentiles = _percentiles(middle.min, spread)
    effective_employers = 1 / sum(
        1 / one for one in (base.effective_employers, *(place.effective_employers if place else ()))
    )
    observed = place.observed if place else base
    candidate = Candidate(
        scope=Scope(
            ALL_LEVELS if question.level and not level else 0, metro_gap(question.metro, metro)
        ),
        source_id=pool.source_id,
        kind="derived",
        component=pool.component,
        level=level,
        metro=metro,
        steps=tuple(steps),
        caveats=tuple(_caveats(question, pool, level, factors)),
        as_of=pool.as_of,
        n=observed.n if observed else None,
        employers=observed.employers if observed else None,
        effective_employers=effective_employers,
        percentiles=percentiles,
        median_interval=_interval(percentiles.p50, sqrt(pool.variance / effective_employers)),
    )
    return candidate if place else carried(candidate, question, snapshot)


def _place(question: Question, pool: Pool, level: str | None, snapshot: Snapshot) -> _Place | None:
    """What differs in the place that was asked about; None for the nation, and where neither the
    source nor official statistics say anything of the place."""
    role, metro = question.role.id, question.metro.id
    of_metro = snapshot.factors.get((pool.source_id, "metro", None, None, metro))
    if metro == NATION or of_metro is None:
        return None
    parts: list[tuple[Part, str | None, float]] = [("role-metro", None, pool.role_metro_k)]
    if level:
        parts.append(("cell", level, pool.cell_k))
    found = [
        (snapshot.factors.get((pool.source_id, part, role, of_level, metro)), k)
        for part, of_level, k in parts
    ]
    return _Place(
        factors=(of_metro, *(factor for factor, _ in found if factor)),
        # Without observations, the value to shrink toward is all that is known.
        effective_employers=(
            of_metro.effective_employers,
            *(factor.effective_employers if factor else k for factor, k in found),
        ),
        observed=found[-1][0],
    )


def _base_step(base: PoolFactor, amount: float) -> Step:
    dollars = whole_dollars(amount)
    return Step(
        operation="pool",
        factor=None,
        operand=None,
        range=Interval(min=dollars, max=dollars),
        n=base.n,
        employers=base.employers,
        **msgspec.structs.asdict(base.citation()),
    )


def _factor_step(
    factor: PoolFactor, before: Interval, question: Question, snapshot: Snapshot
) -> Step:
    amount = 1.0 if factor.amount is None else factor.amount
    factors = Factor(min=amount, max=amount)
    return Step(
        operation="pool",
        factor=factors,
        operand=None,
        range=multiplied(before, factors),
        statistics=_prior(question.metro, snapshot) if factor.part == "metro" else None,
        n=factor.n,
        employers=factor.employers,
        **msgspec.structs.asdict(_cited(factor, snapshot)),
    )


def _cited(factor: PoolFactor, snapshot: Snapshot) -> Citation:
    if factor.amount is not None:
        return factor.citation()
    fewest = snapshot.figures[f"{factor.source_id}:fewest-employers"].citation()
    of = factor.subject.partition(":")[0]
    return msgspec.structs.replace(fewest, subject=_UPWARDS.format(of, FEWEST_EMPLOYERS))


def _prior(metro: Metro, snapshot: Snapshot) -> Statistics | None:
    """The official statistics that the factor of a metro is shrunk toward; none for a region."""
    there, nation = (
        next(iter(snapshot.official.get((PRIOR_OCCUPATION, place), ())), None)
        for place in (metro.id, NATION)
    )
    return statistics(there, nation) if there and nation and is_priced(there) else None


def _spread(
    pool: Pool, role: str, level: str | None, metro: Metro, snapshot: Snapshot
) -> PoolSpread | None:
    """The spread of the narrowest group with enough employers."""
    elsewhere = NATION if metro.id == NATION else None
    keys = [
        (role, level, metro.id),
        (role, level, elsewhere),
        (role, None, elsewhere),
        (None, None, elsewhere),
    ]
    found = (snapshot.spreads.get((pool.source_id, *key)) for key in keys)
    return next(filter(None, found), None)


def _spread_step(spread: PoolSpread, middle: Interval) -> Step:
    factor = Factor(min=spread.p25, max=spread.p75)
    figures = spread.citations()
    return Step(
        operation="pool",
        factor=factor,
        operand=None,
        range=multiplied(middle, factor),
        n=spread.n,
        employers=spread.employers,
        spread=Spread(**{name: getattr(spread, name) for name in PERCENTILES}, figures=figures),
        **msgspec.structs.asdict(figures[0]),
    )


def _percentiles(middle: float, spread: PoolSpread) -> Percentiles:
    amounts = {name: whole_dollars(middle, getattr(spread, name)) for name in PERCENTILES}
    return Percentiles(**amounts, capped=())


def _interval(median: float | None, error: float) -> Interval | None:
    """The 90% confidence interval of the median; `error` is the standard error of its logarithm."""
    assert median is not None  # every spread has one
    width = exp(NINE_TENTHS * error)
    return Interval(min=whole_dollars(median / width), max=whole_dollars(median * width))


def _caveats(
    question: Question, pool: Pool, level: Level | None, factors: tuple[PoolFactor, ...]
) -> Iterator[str]:
    yield _KINDS[pool.kind]
    if question.level and level is None:
        yield (
            f"Fewer than {FEWEST_EMPLOYERS} employers were observed at level {question.level.id}, "
            "so all levels are pooled."
        )
    if factors and factors[0].n is None:
        yield (
            f"Fewer than {FEWEST_EMPLOYERS} employers were observed in "
            f"{describe_place(question.metro)}, so its adjustment comes from official statistics."
        )
    yield pool.note
