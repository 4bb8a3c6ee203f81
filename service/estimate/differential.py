"""The metro differential of a role, where a back-test has shown that it lowers the error."""

import msgspec
from msgspec import Struct

from service.estimate.distributed import is_priced, median, middle_half, scaled, statistics
from service.estimate.official import newest
from service.model.answer import Factor, Percentiles, Step
from service.model.question import Question
from service.model.snapshot import Snapshot
from service.model.vocabulary import NATION

_DIGITS = 4


class Carried(Struct, frozen=True):
    step: Step
    percentiles: Percentiles
    caveat: str


def differential(question: Question, national: Percentiles, snapshot: Snapshot) -> Carried | None:
    """The national percentiles of a role carried to the metro that was asked about; None where the
    role has no differential, or the metro no released median of its first occupation."""
    rule = snapshot.differentials.get(question.role.id)
    if rule is None or question.metro.id == NATION:
        return None
    occupation = question.role.soc_codes[0]
    there, nation = (
        newest(question, occupation, place, snapshot) for place in (question.metro.id, NATION)
    )
    if there is None or nation is None or not is_priced(there) or not is_priced(nation):
        return None
    assert there.p50 and nation.p50  # they are priced
    factor = round((there.p50 / nation.p50) ** rule.exponent, _DIGITS)
    percentiles = scaled(national, factor)
    return Carried(
        step=Step(
            operation="differential",
            factor=Factor(min=factor, max=factor),
            operand=None,
            range=middle_half(percentiles),
            statistics=statistics(there, nation),
            **msgspec.structs.asdict(median(there)),
        ),
        percentiles=percentiles,
        caveat=f"The national figures are carried to the metro by the ratio of official medians, "
        f"{there.p50:,.0f} there over {nation.p50:,.0f}, to the power of {rule.exponent:g}: on "
        f"{rule.n:,} {rule.tested_on} this lowered the median error of the middle from "
        f"{rule.error_without:.1%} to {rule.error_with:.1%}.",
    )
