"""Seeds and imports as installations with fewer private sources would have them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec

from paycite.dataset.pointer import Scope
from paycite.dataset.store import Store
from paycite.model.pool import Pool, PoolFactor, PoolSpread, count_band
from paycite.model.score import Score
from paycite.seeds import Seeds
from paycite.seeds.pools import ShippedPool

Pooled = TypeVar("Pooled", PoolFactor, PoolSpread)


def within(loaded: Seeds, scope: Scope) -> Seeds:
    """What an installation without other private sources than those of the scope would have."""
    hidden = {source.id for source in loaded.sources if source.is_private} - scope
    if not hidden:
        return loaded
    return msgspec.structs.replace(
        loaded,
        sources=tuple(one for one in loaded.sources if one.id not in hidden),
        observed=tuple(one for one in loaded.observed if one.source.id not in hidden),
        scores=tuple(
            one for one in loaded.scores if hidden.isdisjoint((one.source_id, one.tested_on))
        ),
    )


def with_published_pay(loaded: Seeds, whole: Path) -> Seeds:
    """Replace the observations of private sources by their pooled pay in the whole dataset: what
    may be published of them is decided once."""
    with closing(Store(whole)) as store:
        snapshot = store.snapshot
    private = [snapshot.sources[one.id] for one in loaded.sources if one.is_private]
    by_id = {one.id: one for one in (*loaded.sources, *private)}
    scores = {
        one.id: [score for score in snapshot.scores if score.tested_on == one.id] for one in private
    }
    return msgspec.structs.replace(
        with_published_scores(loaded, scores),
        sources=tuple(by_id.values()),
        observed=tuple(one for one in loaded.observed if not one.source.is_private),
        pools=(
            *loaded.pools,
            *(
                ShippedPool(
                    pool=pool,
                    factors=tuple(_of(pool, snapshot.pool_factors)),
                    spreads=tuple(_of(pool, snapshot.pool_spreads)),
                )
                for source in private
                if (pool := snapshot.pools_by_source.get(source.id))
            ),
        ),
    )


def _of(pool: Pool, rows: Iterable[Pooled]) -> Iterator[Pooled]:
    return (row for row in rows if row.source_id == pool.source_id)


def with_coarse_scores(loaded: Seeds) -> Seeds:
    """Back-tests with a private source say little more than its figures: only over all places, with
    counts in bands and errors in whole percent."""
    private = {source.id for source in loaded.sources if source.is_private}
    scores = []
    for one in loaded.scores:
        if private.isdisjoint((one.source_id, one.tested_on)):
            scores.append(one)
        elif not one.geography and (n := count_band(one.n)):
            errors = {
                name: round(value, 2)
                for name, value in msgspec.structs.asdict(one).items()
                if isinstance(value, float)
            }
            counts = {"n": n, "employers": count_band(one.employers)}
            scores.append(msgspec.structs.replace(one, **errors, **counts))
    return msgspec.structs.replace(loaded, scores=tuple(scores))


def with_published_scores(loaded: Seeds, published: Mapping[str, Iterable[Score]]) -> Seeds:
    """Replace the scores of private sources by those that are published."""
    known = {one.id for one in loaded.sources}
    of_others = (one for one in loaded.scores if one.tested_on not in published)
    kept = (one for one in chain.from_iterable(published.values()) if one.source_id in known)
    return msgspec.structs.replace(loaded, scores=(*of_others, *kept))
