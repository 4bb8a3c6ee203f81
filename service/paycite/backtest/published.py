"""Compute what each source answers for observed roles, with the same function as the API."""

from collections.abc import Iterable, Iterator

from paycite.dataset.backtest import UNSTATED, Cell, Claim
from paycite.estimate import build_answer
from paycite.model.answer import Links, Requested
from paycite.model.observation import Observed
from paycite.model.problem import Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot

_LINKS = Links(self="/", permalink="/")


def find_claims(cells: Iterable[Cell], observed: Observed, snapshot: Snapshot) -> Iterator[Claim]:
    """Find what each source answers for each cell; for all levels if the cell has none.

    Only ranges with two ends count, for the role and level themselves; for the nation if the source
    has nothing for the place. Nothing is compared unless base pay was observed, and the source of
    the observations is left out, which would be tested on itself.
    """
    if observed.component != "base":
        return
    priced = [cell for cell in cells if _is_known(cell, snapshot)]
    for source_id in sorted(snapshot.sources.keys() - {observed.source.id}):
        for cell in priced:
            if claim := _claim(cell, source_id, snapshot):
                yield claim


def _is_known(cell: Cell, snapshot: Snapshot) -> bool:
    """Whether a question can ask for the cell; occupations without a role cannot be asked for."""
    levels = (*snapshot.levels, UNSTATED)
    return (
        cell.role in snapshot.roles and cell.level in levels and cell.geography in snapshot.metros
    )


def _claim(cell: Cell, source_id: str, snapshot: Snapshot) -> Claim | None:
    question = Question(
        requested=Requested(role=cell.role),
        matches=(),
        role=snapshot.roles[cell.role],
        level=snapshot.levels.get(cell.level),
        metro=snapshot.metros[cell.geography],
        offer=None,
        sources=frozenset([source_id]),
        strict=False,
        age=False,
    )
    try:
        found = build_answer(question, snapshot, _LINKS)
    except Refusal:
        return None
    pay = found.estimate.range
    dimensions = {fallback.dimension for fallback in found.fallbacks}
    level = question.level.id if question.level else None
    # Figures for the level "and above" are compared to pay at the level, too.
    if found.chains[0].level != level or not (pay.max and pay.midpoint):
        return None
    return Claim(
        source_id=source_id,
        role=cell.role,
        level=cell.level,
        geography=cell.geography,
        is_local="metro" not in dimensions,
        low=pay.min,
        middle=pay.midpoint,
        high=pay.max,
    )
