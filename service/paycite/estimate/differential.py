"""Adjust a national range to a metro, for roles where a back-test shows a lower error."""

import msgspec
from msgspec import Struct

from paycite.estimate.candidate import Candidate, Scope, multiplied
from paycite.estimate.distributed import is_priced, median, statistics
from paycite.estimate.official import newest
from paycite.model.answer import Factor, Interval, Step
from paycite.model.money import in_dollars
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION

_DIGITS = 4


class _Carried(Struct, frozen=True):
    step: Step
    caveat: str


def carried(candidate: Candidate, question: Question, snapshot: Snapshot) -> Candidate:
    """Adjust a national chain to the requested metropolitan area if the role has a differential;
    else return it unchanged.

    Only the range is adjusted: no source publishes percentiles or a sample there.
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
    """The step that adjusts a national range to the requested metropolitan area; None for any other
    place, for a role without a differential, or if the median of its first occupation was not
    released."""
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
        caveat=f"The national range was adjusted to the metro by the ratio of official medians "
        f"({in_dollars(there.p50)} there, {in_dollars(nation.p50)} nationally) to the power of "
        f"{rule.exponent:g}. On {rule.n:,} {rule.tested_on}, this lowered the mean absolute error "
        f"of the midpoint, in log pay, from {rule.error_without:g} to {rule.error_with:g}.",
    )
