"""Derive pay from a source of any kind, for a level and place that it prices itself."""

from collections.abc import Iterator

from paycite.estimate.bands import bands_of, ends_of, from_bands
from paycite.estimate.derivation import Derivation
from paycite.estimate.distributed import distributions_of, from_distributions
from paycite.estimate.official import from_statistics
from paycite.estimate.pooled import from_pool
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Metro, Role
from paycite.model.voice import VoiceKind


def price(
    role: Role,
    source_id: str,
    kind: VoiceKind,
    level: Level | None,
    metro: Metro,
    snapshot: Snapshot,
) -> Derivation | None:
    """Derive pay at exactly this level (null: all levels) in this place; None if the source does
    not price it."""
    if kind == "distribution":
        own = distributions_of(role, source_id, snapshot)
        return from_distributions(own, level, metro, snapshot)
    if kind == "official":
        return None if level else from_statistics(role, source_id, metro, snapshot)
    if kind == "pool":
        pool = snapshot.pools_by_source[source_id]
        return from_pool(role, pool, level, metro, snapshot)
    closed = [band for band in bands_of(role, source_id, snapshot) if ends_of(band).max is not None]
    return from_bands(closed, level, metro, snapshot)


def kinds_of(role: Role, source_id: str, snapshot: Snapshot) -> Iterator[VoiceKind]:
    """Yield the kinds of pay data that a source has for a role; estimates use the first."""
    if distributions_of(role, source_id, snapshot):
        yield "distribution"
    if bands_of(role, source_id, snapshot):
        yield "band"
    if source_id in snapshot.pools_by_source:
        yield "pool"
    if source_id in snapshot.official_sources:
        yield "official"
