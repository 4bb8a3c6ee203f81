"""What stands beside an estimate: other figures, what disagrees with it, an offer."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from service.estimate.chains import ends_of
from service.estimate.combine import combined
from service.model.answer import (
    Chain,
    Context,
    Difference,
    Disagreement,
    Interval,
    Offer,
    Position,
    Range,
    Verdict,
)
from service.model.figure import Citation, Figure
from service.model.question import Question
from service.model.snapshot import Snapshot
from service.model.vocabulary import BEYOND_METROS, NATION, Metro

# The topics that bear on a question without being an estimate, and why they are none.
WHY_CONTEXT = {
    "placement": "one placement: an observation, not a range of what is paid",
    "entrant-pay": "pay for people who enter the field, not for one role or metro",
    "pay-claim": "a claim without level, method or sample",
    "open-band": "a minimum for another level, without a maximum",
    "growth": "growth of demand, which is no figure of pay",
}


def context_figures(
    question: Question, chains: Iterable[Chain], snapshot: Snapshot
) -> list[Figure]:
    """The figures that bear on the question and are in no chain, in order of id."""
    in_chains = {step.figure_id for chain in chains for step in chain.steps}
    by_role = snapshot.figures_by_role
    figures = (*by_role.get(question.role.id, ()), *by_role.get(None, ()))
    return sorted(
        (f for f in figures if f.id not in in_chains and _bears_on(f, question)),
        key=lambda figure: figure.id,
    )


def _bears_on(figure: Figure, question: Question) -> bool:
    level = question.level.id if question.level else None
    # Growth of no one role (of a skill, of all AI jobs) is what /figures is for.
    return (
        figure.topic in WHY_CONTEXT
        and (figure.role is not None or figure.topic != "growth")
        and (level is None or figure.level in (None, level))
        and _is_near(figure.geography, question.metro)
        and (not question.sources or figure.source_id in question.sources)
    )


def _is_near(geography: str, metro: Metro) -> bool:
    return metro.id == NATION or geography in (NATION, metro.id, *BEYOND_METROS)


def context(figures: Iterable[Figure]) -> tuple[Context, ...]:
    return tuple(
        Context(why=WHY_CONTEXT[figure.topic], **msgspec.structs.asdict(figure.citation()))
        for figure in figures
    )


def disagreement(
    estimate: Range,
    chains: Sequence[Chain],
    figures: Iterable[Figure],
    lower_levels: Iterable[Sequence[Chain]],
) -> Disagreement | None:
    """Every range and figure of pay that says otherwise than the estimate, and why it may.

    `lower_levels` are the chains of each lower level, which ought not to pay more.
    """
    differences = (
        *_of_chains(estimate, chains),
        *_of_figures(estimate, figures),
        *_of_lower_levels(estimate, lower_levels),
    )
    if not differences:
        return None
    return Disagreement(summary=_summary(differences), differences=differences)


def _summary(differences: Sequence[Difference]) -> str:
    count = f"{len(differences)} {'range differs' if len(differences) == 1 else 'ranges differ'}"
    minima = [difference.min_ratio for difference in differences]
    return (
        f"{count} from the estimate, with minima {min(minima):g} to {max(minima):g} times its own"
    )


def _of_chains(estimate: Range, chains: Sequence[Chain]) -> Iterator[Difference]:
    used = next(chain for chain in chains if chain.weight)
    for chain in chains:
        if chain.range != estimate:
            yield _difference(estimate, chain.range, chain.steps[0], *_reasons(chain, used))


def _reasons(chain: Chain, used: Chain) -> Iterator[str]:
    if chain.level != used.level:
        yield f"it covers {_named(chain)}, the estimate {_named(used)}"
    if chain.metro != used.metro:
        yield f"it is for {chain.metro}, the estimate for {used.metro}"
    if chain.component != used.component:
        yield f"it is {chain.component}, the estimate {used.component}"
    if chain.source_id != used.source_id:
        yield "another source, with its own originators and method"
    elif chain is not used:
        yield "one source states both, and does not reconcile them"


def _named(chain: Chain) -> str:
    return f"the level {chain.level}" if chain.level else "all levels"


def _of_figures(estimate: Range, figures: Iterable[Figure]) -> Iterator[Difference]:
    for figure in figures:
        if figure.component != "base" or figure.period != "year":
            continue
        ends = ends_of(figure)
        if not _holds(estimate, ends):
            why = WHY_CONTEXT[figure.topic]
            yield _difference(estimate, Range.of(ends), figure.citation(), why)


def _holds(estimate: Range, ends: Interval) -> bool:
    if estimate.min > ends.min:
        return False
    return estimate.max is None or (ends.max is not None and ends.max <= estimate.max)


def _of_lower_levels(
    estimate: Range, lower_levels: Iterable[Sequence[Chain]]
) -> Iterator[Difference]:
    for chains in lower_levels:
        lower = Range.of(combined(chains))
        if pays_more(lower, estimate):
            yield _difference(
                estimate, lower, chains[0].steps[0], f"the lower level {chains[0].level} pays more"
            )


def pays_more(one: Range, other: Range) -> bool:
    """Whether an end of `one` is above that of `other`; no maximum is above any maximum."""
    if one.max is None or other.max is None:
        return one.min > other.min or (one.max is None and other.max is not None)
    return one.min > other.min or one.max > other.max


def _difference(estimate: Range, other: Range, cited: Citation, *reasons: str) -> Difference:
    return Difference(
        range=Interval(min=other.min, max=other.max),
        min_ratio=round(other.min / estimate.min, 3),
        max_ratio=round(other.max / estimate.max, 3) if other.max and estimate.max else None,
        reasons=reasons,
        figure_id=cited.figure_id,
        source_id=cited.source_id,
        locator=cited.locator,
        as_published=cited.as_published,
    )


def offer(amounts: Interval, estimate: Range, chains: Iterable[Chain]) -> Offer:
    """Both ends of the amount (one, if they are equal) against the estimate and each chain."""
    ends = dict.fromkeys((amounts.min, amounts.max or amounts.min))
    ranges: list[tuple[str, str | None, Range]] = [("estimate", None, estimate)]
    ranges += [(chain.source_id, chain.steps[0].figure_id, chain.range) for chain in chains]
    return Offer(
        min=amounts.min,
        max=amounts.max or amounts.min,
        positions=tuple(
            _position(of, figure_id, amount, range_)
            for of, figure_id, range_ in ranges
            for amount in ends
        ),
    )


def _position(of: str, figure_id: str | None, amount: int, within: Range) -> Position:
    width = (within.max - within.min) if within.max is not None else 0
    return Position(
        of=of,
        figure_id=figure_id,
        amount=amount,
        position=round((amount - within.min) / width, 3) if width else None,
        compa_ratio=round(amount / within.midpoint, 3) if within.midpoint else None,
        percentile=None,
        verdict=_verdict(amount, within),
    )


def _verdict(amount: int, within: Range) -> Verdict:
    if amount < within.min:
        return "below the range"
    if within.max is None:
        return "at or above the minimum"
    return "within the range" if amount <= within.max else "above the range"
