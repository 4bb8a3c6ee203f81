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
    *,
    is_alone: bool = False,
) -> Derivation | None:
    """Derive pay at exactly this level (null: all levels) in this place; None if the source has
    none. A source alone also has its open-ended bands, and official pay without a role factor."""
    if kind == "distribution":
        own = distributions_of(role, source_id, snapshot)
        return from_distributions(own, level, metro, snapshot)
    if kind == "band":
        bands = bands_of(role, source_id, snapshot)
        used = [band for band in bands if is_alone or ends_of(band).max is not None]
        return from_bands(used, level, metro, snapshot)
    if metro.kind == "region":
        return None
    if kind == "pool":
        return from_pool(role, snapshot.pools_by_source[source_id], level, metro, snapshot)
    has_factor = not is_alone
    return None if level else from_statistics(role, source_id, metro, has_factor, snapshot)


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
