"""What stands beside an estimate: other figures, what disagrees with it, an offer."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from service.estimate.candidate import Candidate
from service.estimate.chains import ends_of
from service.estimate.combine import combined
from service.estimate.distributed import median, statistics
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
from service.model.distribution import PERCENTILES
from service.model.figure import Citation, Figure
from service.model.question import Question
from service.model.snapshot import Snapshot
from service.model.vocabulary import BEYOND_METROS, NATION, Metro, in_words

# The topics that bear on a question without being an estimate, and why they are none.
WHY_CONTEXT = {
    "placement": "one placement: an observation, not a range of what is paid",
    "entrant-pay": "pay for people who enter the field, not for one role or metro",
    "pay-claim": "a claim without level, method or sample",
    "open-band": "a minimum for another level, without a maximum",
    "growth": "growth of demand, which is no figure of pay",
}

WHY_LEVEL = "one level of the role, over the nation; the question is about all levels"
# Of the figures of a distribution, which are in the order of their measures, P25 and P75.
_MIDDLE_HALF = (PERCENTILES.index("p25"), PERCENTILES.index("p75"))
WHY_STATISTICS = (
    "official statistics of an occupation, all its levels together; they are not of the role, "
    "which another source prices"
)


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
    beside: Candidate | None,
    lower_levels: Iterable[Sequence[Chain]],
    snapshot: Snapshot,
) -> Disagreement | None:
    """Every range and figure of pay that says otherwise than the estimate, and why it may.

    `beside` is the chain over official statistics, where it is not one of the answer's;
    `lower_levels` are the chains of each lower level, which ought not to pay more.
    """
    differences = (
        *_of_chains(estimate, chains, snapshot),
        *_of_figures(estimate, figures),
        *_of_statistics(estimate, chains, beside, snapshot),
        *_of_lower_levels(estimate, lower_levels),
    )
    if not differences:
        return None
    others = "; ".join(f"{_dollars(other.range)} ({_subject(other)})" for other in differences)
    summary = f"The estimate is {_dollars(_ends(estimate))}. Otherwise: {others}."
    return Disagreement(summary=summary, differences=differences)


def _subject(difference: Difference) -> str:
    first, more = difference.figures[0].subject, len(difference.figures) - 1
    return f"{first}, with {more} more figure{'s' if more > 1 else ''}" if more else first


def _dollars(ends: Interval) -> str:
    if ends.max is None:
        return f"${ends.min:,} or more"
    return f"${ends.min:,}" if ends.min == ends.max else f"${ends.min:,} to ${ends.max:,}"


def _of_chains(
    estimate: Range, chains: Sequence[Chain], snapshot: Snapshot
) -> Iterator[Difference]:
    first = next(chain for chain in chains if chain.weight)
    for chain in chains:
        if chain.range != estimate:
            reasons = _reasons(chain, first, snapshot)
            yield _difference(estimate, chain.range, _citations(chain), *reasons)


def _reasons(chain: Chain, used: Chain, snapshot: Snapshot) -> Iterator[str]:
    """Why a chain says otherwise than the estimate, whose scope is that of `used`."""
    if chain.weight:
        yield "one of the ranges that the estimate combines"
    if chain.level != used.level:
        yield f"it is for {_level(chain)}, the estimate for {_level(used)}"
    if chain.metro != used.metro:
        names = (in_words(snapshot.metros[metro]) for metro in (chain.metro, used.metro))
        yield "it is for {}, the estimate for {}".format(*names)
    if chain.component != used.component:
        yield f"it is {chain.component}, the estimate {used.component}"
    if chain.source_id != used.source_id:
        yield "another source, with its own originators and method"
    elif (chain.level, chain.metro, chain.component) == (used.level, used.metro, used.component):
        yield "the source states both"


def _level(chain: Chain) -> str:
    return f"the level {chain.level}" if chain.level else "all levels"


def _of_figures(estimate: Range, figures: Iterable[Figure]) -> Iterator[Difference]:
    for figure in figures:
        if figure.unit == "usd" and figure.period == "year" and figure.low is not None:
            ends = ends_of(figure)
            if not _holds(estimate, ends):
                why = WHY_CONTEXT[figure.topic]
                yield _difference(estimate, Range.of(ends), (figure.citation(),), why)


def levels_context(
    question: Question, chains: Iterable[Chain], snapshot: Snapshot
) -> Iterator[Context]:
    """Where all levels are asked about, those that have statistics of their own."""
    in_chains = {step.figure_id for chain in chains for step in chain.steps}
    for distribution in snapshot.distributions_by_role.get(question.role.id, ()):
        is_allowed = not question.sources or distribution.source_id in question.sources
        if question.level is None and is_allowed and distribution.level:
            figure = median(distribution)
            if figure.figure_id not in in_chains:
                yield Context(
                    why=WHY_LEVEL,
                    statistics=statistics(distribution),
                    **msgspec.structs.asdict(figure),
                )


def statistics_context(beside: Candidate | None) -> tuple[Context, ...]:
    """Each occupation of the chain over official statistics."""
    return tuple(
        Context(
            why=WHY_STATISTICS,
            statistics=step.statistics,
            **msgspec.structs.asdict(_citation(step)),
        )
        for step in (beside.steps if beside else ())
    )


def _of_statistics(
    estimate: Range, chains: Sequence[Chain], beside: Candidate | None, snapshot: Snapshot
) -> Iterator[Difference]:
    if beside is None or beside.ends == _ends(estimate):
        return
    used = next(chain for chain in chains if chain.weight)
    made_of: list[Citation] = []
    reasons = [*_reasons(beside.chain(0, "not-selected"), used, snapshot), WHY_STATISTICS]
    for step in beside.steps:
        assert step.statistics is not None  # every step takes in a distribution
        made_of += (step.statistics.figures[place] for place in _MIDDLE_HALF)
        if there := step.statistics.ratio_to_nation:
            reasons.append(
                f"a fact about the occupation, not about the role: the median of "
                f"{step.subject.partition(':')[0]} is {there.ratio:g} times the nation's"
            )
    yield _difference(estimate, Range.of(beside.ends), tuple(made_of), *reasons)


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
            used = [chain for chain in chains if chain.weight]
            cited = tuple(citation for chain in used for citation in _citations(chain))
            why = f"the lower level {used[0].level} pays more"
            yield _difference(estimate, lower, cited, why)


def pays_more(one: Range, other: Range) -> bool:
    """Whether an end of `one` is above that of `other`; no maximum is above any maximum."""
    if one.max is None or other.max is None:
        return one.min > other.min or (one.max is None and other.max is not None)
    return one.min > other.min or one.max > other.max


def _citations(chain: Chain) -> tuple[Citation, ...]:
    return tuple(map(_citation, chain.steps))


def _citation(cited: Citation) -> Citation:
    return msgspec.convert(cited, Citation, from_attributes=True)


def _ends(range_: Range) -> Interval:
    return Interval(min=range_.min, max=range_.max)


def _difference(
    estimate: Range, other: Range, figures: tuple[Citation, ...], *reasons: str
) -> Difference:
    return Difference(
        range=_ends(other),
        figures=figures,
        min_ratio=round(other.min / estimate.min, 3),
        max_ratio=round(other.max / estimate.max, 3) if other.max and estimate.max else None,
        reasons=reasons,
    )


def offer(amounts: Interval, estimate: Range, chains: Sequence[Chain]) -> Offer:
    """Both ends of the amount (one, if they are equal) against the estimate and each chain."""
    ends = dict.fromkeys((amounts.min, amounts.max or amounts.min))
    ranges: list[tuple[str, int | None, Range]] = [("estimate", None, estimate)]
    ranges += [(chain.source_id, place, chain.range) for place, chain in enumerate(chains)]
    return Offer(
        min=amounts.min,
        max=amounts.max or amounts.min,
        positions=tuple(
            _position(of, chain, amount, range_) for of, chain, range_ in ranges for amount in ends
        ),
    )


def _position(of: str, chain: int | None, amount: int, within: Range) -> Position:
    width = (within.max - within.min) if within.max is not None else 0
    return Position(
        of=of,
        chain=chain,
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
