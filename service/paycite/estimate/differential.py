"""The metro differential of a role, where a back-test has shown that it lowers the error."""

import msgspec
from msgspec import Struct

from paycite.estimate.candidate import Candidate, Scope, multiplied
from paycite.estimate.distributed import is_priced, median, statistics
from paycite.estimate.official import newest
from paycite.model.answer import Factor, Interval, Step
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION

_DIGITS = 4


class _Carried(Struct, frozen=True):
    step: Step
    caveat: str


def carried(candidate: Candidate, question: Question, snapshot: Snapshot) -> Candidate:
    """A national chain for the metropolitan area that was asked about, where the role has a
    differential; else as it is.

    Only the range is carried: no source states percentiles there, nor counted anything there.
    """
    found = None
    if candidate.metro.id == NATION:
        found = _differential(question, candidate.ends, snapshot)
    if found is None:
        return candidate
    return msgspec.structs.replace(
        candidate,
        scope=Scope(candidate.scope.level_gap, 0),
        kind="derived",
        metro=question.metro,
        steps=(*candidate.steps, found.step),
        caveats=(*candidate.caveats, found.caveat),
        n=None,
        employers=None,
        effective_employers=None,
        percentiles=None,
        median_interval=None,
    )


def _differential(question: Question, national: Interval, snapshot: Snapshot) -> _Carried | None:
    """A national range of a role carried to the metropolitan area that was asked about; None for
    any other place, where the role has no differential, or where the median of its first
    occupation was not released."""
    rule = snapshot.differentials.get(question.role.id)
    if rule is None or question.metro.kind != "metro":
        return None
    occupation = question.role.soc_codes[0]
    there, nation = (
        newest(question, occupation, place, snapshot) for place in (question.metro.id, NATION)
    )
    if there is None or nation is None or not is_priced(there) or not is_priced(nation):
        return None
    assert there.p50 and nation.p50  # they are priced
    factor = round((there.p50 / nation.p50) ** rule.exponent, _DIGITS)
    factors = Factor(min=factor, max=factor)
    return _Carried(
        step=Step(
            operation="differential",
            factor=factors,
            operand=None,
            range=multiplied(national, factors),
            statistics=statistics(there, nation),
            **msgspec.structs.asdict(median(there)),
        ),
        caveat=f"The national range is carried to the metro by the ratio of official medians, "
        f"{there.p50:,.0f} there over {nation.p50:,.0f}, to the power of {rule.exponent:g}: on "
        f"{rule.n:,} {rule.tested_on} this lowered the mean absolute error of its middle, in log "
        f"pay, from {rule.error_without:g} to {rule.error_with:g}.",
    )
