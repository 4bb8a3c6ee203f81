"""How an offer compares to the ranges of an answer."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile
from operator import itemgetter
from typing import cast

from paycite.estimate.distributed import percentile
from paycite.model.answer import (
    Chain,
    Estimate,
    Interval,
    Offer,
    OfferPosition,
    Overlap,
    Percentiles,
    Verdict,
)
from paycite.model.distribution import PERCENTILES


def offer(
    amounts: Interval, estimate: Estimate, chains: Sequence[Chain], notes: Sequence[str] = ()
) -> Offer:
    """Compare both ends of an offer (one, if they are equal) to the estimate and each chain. An
    open-ended offer is compared by its low end."""
    low, high = amounts.min, amounts.max or amounts.min
    against: list[tuple[str, int | None, Estimate | Chain]] = [("estimate", None, estimate)]
    against += [(chain.source_id, place, chain) for place, chain in enumerate(chains)]
    return Offer(
        min=low,
        max=amounts.max,
        period=estimate.period,
        notes=tuple(notes),
        positions=tuple(
            _position(of, chain, amount, answered)
            for of, chain, answered in against
            for amount in dict.fromkeys((low, high))
        ),
        overlaps=tuple(
            _overlap(of, chain, low, high, answered)
            for of, chain, answered in against
            if low != high
        ),
    )


def _position(
    of: str, chain: int | None, amount: float, against: Estimate | Chain
) -> OfferPosition:
    within, stated = against.range, against.percentiles
    width = (within.max - within.min) if within.max is not None else 0
    median = stated.p50 if stated and "p50" not in stated.capped else None
    return OfferPosition(
        compared_to=of,
        chain_index=chain,
        amount=amount,
        position=round((amount - within.min) / width, 3) if width else None,
        compa_ratio=round(amount / within.midpoint, 3) if within.midpoint else None,
        market_ratio=round(amount / median, 3) if median else None,
        percentile=percentile(amount, stated) if stated else None,
        verdict=_by_percentiles(amount, stated) or _by_range(amount, against),
    )


def _by_percentiles(amount: float, stated: Percentiles | None) -> Verdict | None:
    """Name the percentiles next to the amount, of those below the first capped one; None if there
    are none."""
    if not stated:
        return None
    exact = takewhile(lambda name: name not in stated.capped, PERCENTILES)
    known = [(value, name.upper()) for name in exact if (value := getattr(stated, name))]
    place = bisect_right(known, amount, key=itemgetter(0))
    if not known:
        return None
    if place == 0:
        return cast("Verdict", f"below {known[0][1]}")
    if place == len(known):
        return cast("Verdict", f"at or above {known[-1][1]}")
    return cast("Verdict", f"between {known[place - 1][1]} and {known[place][1]}")


def _by_range(amount: float, against: Estimate | Chain) -> Verdict:
    within = against.range
    if amount >= within.min and within.max is None:
        return "at or above the minimum"
    range_ = "the published range" if against.kind == "published" else "the range"
    if amount < within.min:
        return cast("Verdict", f"below {range_}")
    side = "within" if within.max is not None and amount <= within.max else "above"
    return cast("Verdict", f"{side} {range_}")


def _overlap(
    of: str, chain: int | None, low: float, high: float, against: Estimate | Chain
) -> Overlap:
    within = against.range
    ends = max(low, within.min), high if within.max is None else min(high, within.max)
    width = max(0, ends[1] - ends[0])
    whole = None if within.max is None else within.max - within.min
    return Overlap(
        compared_to=of,
        chain_index=chain,
        range=Interval(min=ends[0], max=ends[1]) if ends[0] <= ends[1] else None,
        share_of_offer=round(width / (high - low), 3),
        share_of_range=round(width / whole, 3) if whole else None,
    )
