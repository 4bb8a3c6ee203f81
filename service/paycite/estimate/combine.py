"""Combine chains into one estimate: which are used, their weights, and the confidence."""

import datetime
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from paycite.estimate.candidate import Candidate, Scope
from paycite.model.answer import (
    Chain,
    Confidence,
    Estimate,
    Fallback,
    Interval,
    Label,
    Range,
    UnusedReason,
)
from paycite.model.money import cents, whole_dollars
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Role

# A source without a sample size has a fixed weight. A source with one weighs n/(n + k), where n of
# pooled observations is the number of effective employers. Both weights halve every two years of
# age, as is usual among compensation analysts.
BAND_WEIGHT = 0.5
OBSERVED_K = 25
YEARS_TO_HALVE = 2
_UNIT = Decimal("0.000001")

# Confidence: see `confidence`.
MANY = 30
SURVEY_ERROR = 5  # percent
_ALONE = "no independent source to confirm it"
AGREEMENT = 0.15


def nearest_scope(candidates: Sequence[Candidate]) -> Scope | None:
    """The narrowest scope in which some chain prices base pay, or None."""
    priced = [c for c in candidates if c.component == "base" and not c.second_choice]
    return min((candidate.scope for candidate in priced), default=None)


def chains_of(
    candidates: Sequence[Candidate], scope: Scope, snapshot: Snapshot
) -> tuple[Chain, ...]:
    """All chains: the used ones first, with weights that add up to 1, then the others."""
    reasons = _unused_reasons(candidates, scope)
    used = [c for c, reason in zip(candidates, reasons, strict=True) if reason is None]
    raw = [_weight(c, snapshot) / _sharing(c, used, snapshot) for c in used]
    weights = iter(_shares(raw))
    drawn = [
        candidate.chain(0.0 if reason else next(weights), reason)
        for candidate, reason in zip(candidates, reasons, strict=True)
    ]
    return tuple(sorted(drawn, key=lambda chain: chain.unused_reason is not None))


def _unused_reasons(candidates: Sequence[Candidate], scope: Scope) -> list[UnusedReason | None]:
    reasons = [_unused_reason(candidate, scope) for candidate in candidates]
    selected = [c for c, reason in zip(candidates, reasons, strict=True) if reason is None]
    if any(candidate.ends.max is not None for candidate in selected):
        reasons = [
            "open-ended" if reason is None and candidate.ends.max is None else reason
            for candidate, reason in zip(candidates, reasons, strict=True)
        ]
    return reasons


def _unused_reason(candidate: Candidate, scope: Scope) -> UnusedReason | None:
    if candidate.component != "base":
        return "other-component"
    if candidate.second_choice:
        return "not-selected"
    return "broader-scope" if candidate.scope != scope else None


def _weight(candidate: Candidate, snapshot: Snapshot) -> float:
    n = candidate.n if candidate.effective_employers is None else candidate.effective_employers
    weight = BAND_WEIGHT if n is None else n / (n + OBSERVED_K)
    return weight * math.pow(0.5, _age(candidate, snapshot.as_of) / YEARS_TO_HALVE)


def _age(candidate: Candidate, as_of: datetime.date) -> int:
    """Whole years, because most sources give no more than a year. A source without a date is not
    treated as new: its weight is halved."""
    if candidate.as_of is None:
        return YEARS_TO_HALVE
    return max(0, as_of.year - int(candidate.as_of[:4]))


def _sharing(candidate: Candidate, used: Sequence[Candidate], snapshot: Snapshot) -> int:
    """How many of the used chains share an originator with this one: together they weigh as one."""
    own = set(snapshot.sources[candidate.source_id].originators)
    return sum(not own.isdisjoint(snapshot.sources[other.source_id].originators) for other in used)


def _shares(weights: Sequence[float]) -> list[float]:
    """Scale weights to add up to exactly 1, to six decimals, so that they can be added by hand.
    None is 0, and the largest takes the rounding error."""
    total = sum(weights)
    shares = [max(Decimal(round(weight / total, 6)).quantize(_UNIT), _UNIT) for weight in weights]
    largest = shares.index(max(shares))
    shares[largest] += 1 - sum(shares)
    return [float(share) for share in shares]


def combined(chains: Sequence[Chain]) -> Interval:
    """Weighted geometric mean of the minima and of the maxima, rounded half up: to whole dollars
    a year, to cents an hour."""
    used = [chain for chain in chains if chain.weight]
    rounded = cents if used[0].period == "hour" else whole_dollars
    if len(used) == 1:
        return used[0].steps[-1].range
    minima = [(chain.range.min, chain.weight) for chain in used]
    maxima = [(chain.range.max, chain.weight) for chain in used if chain.range.max is not None]
    return Interval(
        min=rounded(_geometric_mean(minima)),
        max=rounded(_geometric_mean(maxima)) if len(maxima) == len(used) else None,
    )


def _geometric_mean(weighted: Sequence[tuple[float, float]]) -> float:
    return math.exp(sum(weight * math.log(value) for value, weight in weighted))


def estimate(
    chains: Sequence[Chain], fallbacks: Sequence[Fallback], role: Role, snapshot: Snapshot
) -> Estimate:
    used = [chain for chain in chains if chain.weight]
    # Percentiles are one source's own: ranges can be averaged, distributions of two kinds cannot.
    percentiles = used[0].percentiles if len(used) == 1 else None
    return Estimate(
        range=Range.of(combined(used)),
        median=percentiles.p50 if percentiles and "p50" not in percentiles.capped else None,
        percentiles=percentiles,
        median_interval=used[0].median_interval if len(used) == 1 else None,
        currency="USD",
        period=used[0].period,
        component="base",
        kind=used[0].kind if len(used) == 1 else "derived",
        method="weighted-geometric-mean",
        as_of=max((chain.as_of for chain in used if chain.as_of), default=None),
        confidence=confidence(used, fallbacks, role, snapshot),
    )


def confidence(
    used: Sequence[Chain], fallbacks: Sequence[Fallback], role: Role, snapshot: Snapshot
) -> Confidence:
    """Rate the confidence: `high` if sampled and confirmed, `medium` if one of the two, `low` if
    neither, or after a fallback.

    Sampled: independent chains have 30 observations or more, or are official statistics for the
    role itself in which no mean wage has a relative standard error above 5%. Confirmed: at least
    two chains are independent, and no midpoint is more than 15% above another. Chains are
    independent if their sources share no originator.
    """
    if fallbacks:
        asked = " and ".join(fallback.dimension for fallback in fallbacks)
        return Confidence(label="low", reason=f"no source covers the requested {asked}")
    independent = _independent(used, snapshot)
    n = sum(chain.n or 0 for chain in independent)
    midpoints = [chain.range.midpoint for chain in used if chain.range.midpoint]
    is_agreed = (
        len(midpoints) == len(used)
        and len(independent) > 1
        and max(midpoints) <= min(midpoints) * (1 + AGREEMENT)
    )
    counted = f"{n:,} observations" if n else "no sample size"
    if error := max(filter(None, map(_survey_error, independent)), default=None):
        of = "the occupation" if role.is_occupation else "the nearest occupations"
        surveyed = f"official statistics for {of}, relative standard error of the mean {error:g}%"
        counted = f"{counted} and {surveyed}" if n else surveyed
    is_surveyed = role.is_occupation and error is not None and error <= SURVEY_ERROR
    is_counted = n >= MANY or is_surveyed
    agreed = f"{len(independent)} independent sources agree within 15%" if is_agreed else _ALONE
    labels: tuple[Label, ...] = ("low", "medium", "high")
    return Confidence(label=labels[is_counted + is_agreed], reason=f"{counted}; {agreed}")


def _survey_error(chain: Chain) -> float | None:
    """The largest relative standard error of a mean wage that the chain rests on, in percent."""
    rests_on = (step for step in chain.steps if step.operation in ("published", "mix"))
    stated = (step.statistics for step in rests_on if step.statistics)
    errors = [statistics.mean_rse for statistics in stated]
    return max((error for error in errors if error is not None), default=None)


def _independent(used: Iterable[Chain], snapshot: Snapshot) -> list[Chain]:
    """The chains, without those whose source shares an originator with an earlier one."""
    known: set[str] = set()
    independent = []
    for chain in sorted(used, key=lambda chain: -(chain.n or 0)):
        originators = snapshot.sources[chain.source_id].originators
        if known.isdisjoint(originators):
            independent.append(chain)
        known.update(originators)
    return independent
