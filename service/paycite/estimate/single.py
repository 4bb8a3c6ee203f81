"""Derive pay from one source that was requested alone: with its own rules, and no calibration."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from msgspec.structs import replace

from paycite.estimate.bands import bands_of, covering
from paycite.estimate.carry import (
    cite_level_factor,
    join,
    keep_between,
    measured_factor,
)
from paycite.estimate.derivation import Derivation, cite, multiply, narrow, quartiles_like
from paycite.estimate.distributed import distributions_of
from paycite.estimate.pooled import levels_pooled
from paycite.estimate.sources import kinds_of, price
from paycite.model.answer import OrderedLevel, Step
from paycite.model.factor import ABOVE_SENIOR
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Level, Metro, Role
from paycite.model.voice import VoiceKind

_OUT_OF_ORDER = (
    "This source pays {0} more than {1}: a source that is requested alone is passed on as it is."
)


def as_published(
    role: Role, source_id: str, level: Level | None, metro: Metro, snapshot: Snapshot
) -> Derivation | None:
    """Derive pay from one source alone, adjusted only if it does not price the level itself; None
    if it does not price the role."""
    for kind in kinds_of(role, source_id, snapshot):
        if found := _of_kind(role, source_id, kind, level, metro, snapshot):
            return found
    return None


def _of_kind(
    role: Role,
    source_id: str,
    kind: VoiceKind,
    level: Level | None,
    metro: Metro,
    snapshot: Snapshot,
) -> Derivation | None:
    def price_there(at: Level | None, place: Metro) -> Derivation | None:
        found = price(role, source_id, kind, at, place, snapshot, is_alone=True)
        if not found and place.kind == "region":
            return _region(role, source_id, kind, at, place, snapshot)
        return found

    known = _priced_levels(role, source_id, kind, snapshot)
    for origin in _origins(role, source_id, kind, level, known, snapshot):
        for place in dict.fromkeys((metro, snapshot.metros[NATION])):
            if found := price_there(origin, place):
                is_there = found.speaks_of_place and place == metro
                found = replace(found, speaks_of_place=is_there)
                found = _to_level(found, role, kind, origin, level, snapshot)
                if not level or not found.percentiles:
                    return found
                others = {one: price_there(one, place) for one in _beside(level, known)}
                return _beside_others(found, level, origin, others, snapshot)
    return None


def _priced_levels(role: Role, source_id: str, kind: VoiceKind, snapshot: Snapshot) -> list[Level]:
    """The levels that the source prices, the lowest first."""
    priced: set[str | None] = set()
    if kind == "band":
        priced = {band.level for band in bands_of(role, source_id, snapshot)}
    elif kind == "distribution":
        priced = {one.level for one in distributions_of(role, source_id, snapshot)}
    elif kind == "pool":
        priced = levels_pooled(role, snapshot.pools_by_source[source_id], snapshot)
    return [one for one in snapshot.levels.values() if one.id in priced]


def _beside(level: Level, known: Sequence[Level]) -> list[Level]:
    """The nearest lower and the nearest higher one of the priced levels."""
    lower = [one for one in known if one.rank < level.rank]
    return [*lower[-1:], *[one for one in known if one.rank > level.rank][:1]]


def _beside_others(
    found: Derivation,
    level: Level,
    origin: Level | None,
    others: Mapping[Level, Derivation | None],
    snapshot: Snapshot,
) -> Derivation:
    """Keep derived pay between that of the levels beside it. Published pay stays as it is: a caveat
    says where the source pays a lower level more."""
    own = found.percentiles
    stated = {one: priced.percentiles for one, priced in others.items() if priced}
    if not own or not all(stated.values()):
        return found
    if origin == level:
        wrong = [
            one
            for one, beside in stated.items()
            if beside and (one.rank - level.rank) * ((beside.p50 or 0) - (own.p50 or 0)) < 0
        ]
        said = (_OUT_OF_ORDER.format(*_sorted(level, one)) for one in wrong)
        return replace(found, caveats=(*found.caveats, *said))
    if len(stated) < 2:
        return found
    levels = tuple(
        OrderedLevel(level=one.id, weight=1, percentiles=beside)
        for one, beside in stated.items()
        if beside
    )
    kept = keep_between(own, levels)
    if kept == own:
        return found
    step = Step(
        operation="order",
        range=quartiles_like(kept, found.range),
        percentiles=kept,
        levels=levels,
        **cite(snapshot.constant("order-of-levels").citation()),
    )
    return found.add(step)


def _sorted(*levels: Level) -> tuple[str, ...]:
    return tuple(one.id for one in sorted(levels, key=attrgetter("rank")))


def _origins(
    role: Role,
    source_id: str,
    kind: VoiceKind,
    level: Level | None,
    known: Sequence[Level],
    snapshot: Snapshot,
) -> Iterator[Level | None]:
    """Yield the levels to derive from, in order of preference: the level, one that is "and above",
    the nearest (the lower of two), all levels. For all levels: all levels, then each priced one."""
    if level is None:
        yield None
        yield from known
        return
    if kind == "band" and (cover := covering(level, bands_of(role, source_id, snapshot), snapshot)):
        yield cover
    yield from sorted(known, key=lambda one: (abs(one.rank - level.rank), one.rank))
    yield None


def _region(
    role: Role,
    source_id: str,
    kind: VoiceKind,
    level: Level | None,
    region: Metro,
    snapshot: Snapshot,
) -> Derivation | None:
    members = []
    for one in snapshot.shares_by_region.get((role.id, region.id), ()):
        metro = snapshot.metros[one.metro]
        found = price(role, source_id, kind, level, metro, snapshot, is_alone=True)
        if not found:
            return None
        members.append((one.metro, one.share, found))
    return join(region, members) if members else None


def _to_level(
    found: Derivation,
    role: Role,
    kind: VoiceKind,
    origin: Level | None,
    level: Level | None,
    snapshot: Snapshot,
) -> Derivation:
    """Adjust to the level, unless the source prices it or a lower one "and above"."""
    if origin == level or _covers(found, kind, origin, level):
        return found
    factor = round(_factor(role, level, snapshot) / _factor(role, origin, snapshot), 4)
    first, *others = cite_level_factor(
        role, level.id if level else None, origin.id if origin else None, snapshot
    )
    found = found.add(multiply(found.steps[-1], "level", factor, first, figures=tuple(others)))
    narrower = snapshot.constant("spread-of-level")
    if origin or not found.percentiles or not narrower.low:
        return found
    percentiles = narrow(found.percentiles, narrower.low)
    step = Step(
        operation="spread",
        range=quartiles_like(percentiles, found.range),
        percentiles=percentiles,
        power=narrower.low,
        **cite(narrower.citation()),
    )
    return found.add(step)


def _covers(found: Derivation, kind: VoiceKind, origin: Level | None, level: Level | None) -> bool:
    """Whether the figure is for a lower level "and above"."""
    if kind != "band" or not origin or not level or origin.rank > level.rank:
        return False
    return found.is_and_above


def _factor(role: Role, level: Level | None, snapshot: Snapshot) -> float:
    """Pay at the level over pay at all levels."""
    if level is None:
        return 1
    factor = measured_factor(role, level.id, snapshot)
    amount = factor.factor if factor else 1.0
    if level.id in ABOVE_SENIOR:
        return round(amount * (snapshot.constant("staff-over-senior").low or 1), 4)
    return amount
