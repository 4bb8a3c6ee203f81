"""Related figures that are not in the estimate: each cited, with the reason it is shown."""

from collections.abc import Iterable, Mapping

import msgspec

from paycite.model.answer import Chain, Context
from paycite.model.figure import Figure
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot, kept
from paycite.model.vocabulary import BEYOND_METROS, NATION, Metro

# The topics of related figures, and why they are not used in the estimate.
WHY_CONTEXT = {
    "placement": "a single placement, not a pay range",
    "entrant-pay": "pay for people new to the field, not for one role or metro",
    "pay-claim": "a claim without a level, method or sample size",
    "open-band": "a minimum for another level, with no maximum",
    "growth": "demand growth, not pay",
}


def related_figures(
    question: Question, chains: Iterable[Chain], snapshot: Snapshot
) -> list[Figure]:
    """List the figures related to the question that no chain has, in order of id."""
    in_chains = _figures_in(chains)
    by_role = _by_role(snapshot)
    figures = (*by_role.get(question.role.id, ()), *by_role.get(None, ()))
    return sorted(
        (f for f in figures if f.id not in in_chains and _is_related(f, question)),
        key=lambda figure: figure.id,
    )


@kept(1)
def _by_role(snapshot: Snapshot) -> Mapping[str | None, tuple[Figure, ...]]:
    """Related figures by role. Growth that is not of one role (a skill, all AI jobs) is left to
    /figures."""
    return {
        role: tuple(
            one for one in figures if one.topic in WHY_CONTEXT and (role or one.topic != "growth")
        )
        for role, figures in snapshot.figures_by_role.items()
    }


def _figures_in(chains: Iterable[Chain]) -> set[str]:
    """What a chain cites, without its statistics: their topics are no context."""
    steps = [step for chain in chains for step in chain.steps]
    return {cited.figure_id for step in steps for cited in (step, *step.figures)}


def _is_related(figure: Figure, question: Question) -> bool:
    level = question.level.id if question.level else None
    return (
        (level is None or figure.level in (None, level))
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
