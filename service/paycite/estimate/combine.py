"""From chains to one estimate: which are used, with what weight, and how sure that makes us."""

import datetime
import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from paycite.estimate.candidate import Candidate, Scope, whole_dollars
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
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Role

# What counts no observations has a declared weight; that of an observed source is n/(n + k), where
# pooled observations count as many employers as they are worth. Both lose half for every two years
# of age. The practice of compensation analysts.
BAND_WEIGHT = 0.5
OBSERVED_K = 25
YEARS_TO_HALVE = 2
_UNIT = Decimal("0.000001")

# Confidence: see `confidence`.
MANY = 30
SURVEY_ERROR = 5  # percent
_ALONE = "no second, independent source agrees"
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
    """Whole years, because most sources give no more than a year. What has no date is not taken
    for new: it weighs half."""
    if candidate.as_of is None:
        return YEARS_TO_HALVE
    return max(0, as_of.year - int(candidate.as_of[:4]))


def _sharing(candidate: Candidate, used: Sequence[Candidate], snapshot: Snapshot) -> int:
    """How many of the chains rest on an originator of this one: together they weigh as one."""
    own = set(snapshot.sources[candidate.source_id].originators)
    return sum(not own.isdisjoint(snapshot.sources[other.source_id].originators) for other in used)


def _shares(weights: Sequence[float]) -> list[float]:
    """Weights that add up to 1 exactly, to six decimals, so that they can be added by hand; none
    is 0, and the largest takes what rounding leaves."""
    total = sum(weights)
    shares = [max(Decimal(round(weight / total, 6)).quantize(_UNIT), _UNIT) for weight in weights]
    largest = shares.index(max(shares))
    shares[largest] += 1 - sum(shares)
    return [float(share) for share in shares]


def combined(
    chains: Sequence[Chain], rounded: Callable[[float], float] = whole_dollars
) -> Interval:
    """Weighted geometric mean of the minima and of the maxima; in whole dollars, half up, if not
    rounded otherwise."""
    used = [chain for chain in chains if chain.weight]
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
        period="year",
        component="base",
        kind=used[0].kind if len(used) == 1 else "derived",
        method="weighted-geometric-mean",
        as_of=max((chain.as_of for chain in used if chain.as_of), default=None),
        confidence=confidence(used, fallbacks, role, snapshot),
    )


def confidence(
    used: Sequence[Chain], fallbacks: Sequence[Fallback], role: Role, snapshot: Snapshot
) -> Confidence:
    """`high`: counted and agreed; `medium`: one of the two; `low`: neither, or a fallback.

    Counted: independent chains count 30 observations or more, or are official statistics of the
    role itself of which no mean wage has a relative standard error above 5%. Agreed: there are
    two independent chains, and no midpoint is more than 15% above another. Chains are independent
    where their sources have no originator in common.
    """
    if fallbacks:
        asked = " and ".join(fallback.dimension for fallback in fallbacks)
        return Confidence(label="low", reason=f"no source answers for the {asked} asked about")
    independent = _independent(used, snapshot)
    n = sum(chain.n or 0 for chain in independent)
    midpoints = [chain.range.midpoint for chain in used if chain.range.midpoint]
    is_agreed = (
        len(midpoints) == len(used)
        and len(independent) > 1
        and max(midpoints) <= min(midpoints) * (1 + AGREEMENT)
    )
    counted = f"{n} observations counted" if n else "no observations counted"
    if error := max(filter(None, map(_survey_error, independent)), default=None):
        of = "the occupation" if role.is_occupation else "the nearest occupations, not of the role"
        surveyed = f"official statistics of {of}, relative standard error of the mean {error:g}%"
        counted = f"{counted}, and {surveyed}" if n else surveyed
    is_surveyed = role.is_occupation and error is not None and error <= SURVEY_ERROR
    is_counted = n >= MANY or is_surveyed
    agreed = f"{len(independent)} independent sources within 15%" if is_agreed else _ALONE
    labels: tuple[Label, ...] = ("low", "medium", "high")
    return Confidence(label=labels[is_counted + is_agreed], reason=f"{counted}; {agreed}")


def _survey_error(chain: Chain) -> float | None:
    """The largest relative standard error of a mean wage that the chain rests on, in percent."""
    rests_on = (step for step in chain.steps if step.operation in ("published", "mix"))
    stated = (step.statistics for step in rests_on if step.statistics)
    errors = [statistics.mean_rse for statistics in stated]
    return max((error for error in errors if error is not None), default=None)


def _independent(used: Iterable[Chain], snapshot: Snapshot) -> list[Chain]:
    """The chains, without those whose source rests on an originator of one before."""
    known: set[str] = set()
    independent = []
    for chain in sorted(used, key=lambda chain: -(chain.n or 0)):
        originators = snapshot.sources[chain.source_id].originators
        if known.isdisjoint(originators):
            independent.append(chain)
        known.update(originators)
    return independent
