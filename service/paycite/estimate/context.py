"""Related figures that are not in the estimate: each cited, with the reason it is shown."""

from collections.abc import Iterable, Iterator

import msgspec

from paycite.estimate.distributed import Part, is_priced, median, statistics
from paycite.estimate.levels import may_answer
from paycite.estimate.official import nearest_parts
from paycite.model.answer import Chain, Context
from paycite.model.figure import Figure
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import BEYOND_METROS, NATION, Level, Metro, describe_place

# The topics of related figures, and why they are not used in the estimate.
WHY_CONTEXT = {
    "placement": "a single placement, not a pay range",
    "entrant-pay": "pay for people new to the field, not for one role or metro",
    "pay-claim": "a claim without a level, method or sample size",
    "open-band": "a minimum for another level, with no maximum",
    "growth": "demand growth, not pay",
}

WHY_STATISTICS = (
    "official statistics for the whole occupation, all levels together, shown next to a source "
    "that prices the role"
)
WHY_LEVEL = "one level of the role; the estimate covers all levels"


def bearing_figures(
    question: Question, chains: Iterable[Chain], snapshot: Snapshot
) -> list[Figure]:
    """The figures related to the question that are in no chain, in order of id."""
    in_chains = _figures_in(chains)
    by_role = snapshot.figures_by_role
    figures = (*by_role.get(question.role.id, ()), *by_role.get(None, ()))
    return sorted(
        (f for f in figures if f.id not in in_chains and _bears_on(f, question)),
        key=lambda figure: figure.id,
    )


def _figures_in(chains: Iterable[Chain]) -> set[str]:
    return {step.figure_id for chain in chains for step in chain.steps}


def _bears_on(figure: Figure, question: Question) -> bool:
    level = question.level.id if question.level else None
    # Growth of no one role (of a skill, of all AI jobs) is what /figures is for.
    return (
        figure.topic in WHY_CONTEXT
        and (figure.role is not None or figure.topic != "growth")
        and (level is None or figure.level in (None, level))
        and _is_near(figure.geography, question.metro)
        and question.allows(figure.source_id)
    )


def _is_near(geography: str, metro: Metro) -> bool:
    return metro.id == NATION or geography in (NATION, metro.id, *BEYOND_METROS)


def of_figures(figures: Iterable[Figure]) -> tuple[Context, ...]:
    return tuple(
        Context(why=WHY_CONTEXT[figure.topic], **msgspec.structs.asdict(figure.citation()))
        for figure in figures
    )


def of_statistics(question: Question, snapshot: Snapshot) -> Iterator[Context]:
    """The official statistics of each occupation of the role, in the place or the nearest one."""
    for part, place in nearest_parts(question, snapshot):
        why = WHY_STATISTICS
        if place != question.metro:
            asked = describe_place(question.metro)
            why += f"; for {describe_place(place)}, because none were released for {asked}"
        yield _with_statistics(part, why)


def of_levels(
    question: Question, answered: Level | None, chains: Iterable[Chain], snapshot: Snapshot
) -> tuple[Context, ...]:
    """If the answer covers all levels, the levels that have statistics of their own."""
    in_chains = _figures_in(chains)
    found = (
        distribution
        for distribution in snapshot.distributions_by_role.get(question.role.id, ())
        if may_answer(distribution, question)
        and answered is None
        and distribution.level
        and is_priced(distribution)
    )
    return tuple(
        _with_statistics(Part(distribution, 1), WHY_LEVEL)
        for distribution in found
        if median(distribution).figure_id not in in_chains
    )


def _with_statistics(part: Part, why: str) -> Context:
    return Context(
        why=why,
        statistics=statistics(part.distribution, part.nation),
        **msgspec.structs.asdict(median(part.distribution)),
    )
