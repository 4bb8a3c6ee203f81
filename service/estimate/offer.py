"""Where an amount that was asked about stands in the ranges of an answer."""

from collections.abc import Sequence

from service.estimate.distributed import percentile
from service.model.answer import Chain, Estimate, Interval, Offer, Position, Range, Verdict


def offer(amounts: Interval, estimate: Estimate, chains: Sequence[Chain]) -> Offer:
    """Both ends of the amount (one, if they are equal) against the estimate and each chain."""
    ends = dict.fromkeys((amounts.min, amounts.max or amounts.min))
    ranges: list[tuple[str, int | None, Estimate | Chain]] = [("estimate", None, estimate)]
    ranges += [(chain.source_id, place, chain) for place, chain in enumerate(chains)]
    return Offer(
        min=amounts.min,
        max=amounts.max or amounts.min,
        positions=tuple(
            _position(of, chain, amount, against)
            for of, chain, against in ranges
            for amount in ends
        ),
    )


def _position(of: str, chain: int | None, amount: int, against: Estimate | Chain) -> Position:
    within = against.range
    width = (within.max - within.min) if within.max is not None else 0
    return Position(
        of=of,
        chain=chain,
        amount=amount,
        position=round((amount - within.min) / width, 3) if width else None,
        compa_ratio=round(amount / within.midpoint, 3) if within.midpoint else None,
        percentile=percentile(amount, against.percentiles) if against.percentiles else None,
        verdict=_verdict(amount, within),
    )


def _verdict(amount: int, within: Range) -> Verdict:
    if amount < within.min:
        return "below the range"
    if within.max is None:
        return "at or above the minimum"
    return "within the range" if amount <= within.max else "above the range"
