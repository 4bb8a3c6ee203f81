"""Where sources disagree with an estimate: by how much, and why they may."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from paycite.estimate.candidate import Candidate
from paycite.estimate.combine import combined
from paycite.estimate.context import WHY_CONTEXT, WHY_STATISTICS
from paycite.estimate.distributed import middle_half
from paycite.estimate.stated import ends_of
from paycite.model.answer import (
    Chain,
    Context,
    Difference,
    Disagreement,
    Interval,
    Range,
    Statistics,
)
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Citation, Component, Figure
from paycite.model.money import range_in_dollars
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import describe_place

_COMPONENTS: dict[Component, str] = {
    "base": "base pay",
    "total_cash": "total cash",
    "total_comp": "total compensation",
}


def disagreement(
    estimate: Range, chains: Sequence[Chain], others: Iterable[Difference], snapshot: Snapshot
) -> Disagreement | None:
    """Collect what differs from the estimate: the chains, then the others."""
    differences = (*_of_chains(estimate, chains, snapshot), *others)
    if not differences:
        return None
    return Disagreement(summary=summary(estimate, differences), differences=differences)


def summary(estimate: Range, differences: Iterable[Difference]) -> str:
    others = "; ".join(f"{range_in_dollars(one.range)} ({_subject(one)})" for one in differences)
    return f"The estimate is {range_in_dollars(estimate)}. Other figures: {others}."


def _subject(difference: Difference) -> str:
    first, more = difference.figures[0].subject, len(difference.figures) - 1
    return f"{first}, with {more} more figure{'s' if more > 1 else ''}" if more else first


def _of_chains(
    estimate: Range, chains: Sequence[Chain], snapshot: Snapshot
) -> Iterator[Difference]:
    first = next(chain for chain in chains if chain.weight)
    for chain in chains:
        if chain.range != estimate:
            reasons = _reasons(chain, first, snapshot)
            yield _difference(estimate, chain.range, _citations(chain), *reasons)


def _reasons(chain: Chain, used: Chain, snapshot: Snapshot) -> Iterator[str]:
    """Why a chain differs from the estimate, which has the scope of `used`."""
    if chain.weight:
        yield "one of the ranges combined in the estimate"
    if chain.level != used.level:
        yield f"it is for {_level(chain)}; the estimate is for {_level(used)}"
    if chain.metro != used.metro:
        names = (describe_place(snapshot.metros[metro]) for metro in (chain.metro, used.metro))
        yield "it is for {}; the estimate is for {}".format(*names)
    if chain.component != used.component:
        yield f"it is {_COMPONENTS[chain.component]}; the estimate is {_COMPONENTS[used.component]}"
    if chain.source_id != used.source_id:
        yield "a different source, with its own data and method"
    elif not chain.weight and _scope(chain) == _scope(used):
        yield "the source publishes both"


def _scope(chain: Chain) -> tuple[str | None, str, str]:
    return chain.level, chain.metro, chain.component


def _level(chain: Chain) -> str:
    return f"the level {chain.level}" if chain.level else "all levels"


def of_figures(estimate: Range, figures: Iterable[Figure]) -> Iterator[Difference]:
    for figure in figures:
        if figure.unit == "usd" and figure.period == "year" and figure.low is not None:
            ends = ends_of(figure)
            if not _holds(estimate, ends):
                why = WHY_CONTEXT[figure.topic]
                yield _difference(estimate, Range.of(ends), (figure.citation(),), why)


def of_statistics(
    estimate: Range, chains: Sequence[Chain], beside: Candidate | None, snapshot: Snapshot
) -> Iterator[Difference]:
    """The chain over official statistics, where it is not one of the answer's."""
    if beside is None or beside.ends == _ends(estimate):
        return
    used = next(chain for chain in chains if chain.weight)
    made_of: list[Citation] = []
    reasons = [*_reasons(beside.chain(0, "not-selected"), used, snapshot), WHY_STATISTICS]
    reasons += [beside.why_there] if beside.why_there else []
    for step in beside.steps:
        assert step.statistics is not None  # every step takes in a distribution
        made_of += _middle_half(step.statistics)
        if there := step.statistics.ratio_to_nation:
            reasons.append(
                f"it covers every job in the occupation; the median for "
                f"{step.subject.partition(':')[0]} is {there.ratio:g} times the national median"
            )
    yield _difference(estimate, Range.of(beside.ends), tuple(made_of), *reasons)


def of_levels(estimate: Range, levels: Iterable[Context]) -> Iterator[Difference]:
    for context in levels:
        assert context.statistics is not None
        ends = middle_half(context.statistics.percentiles)
        if not _holds(estimate, ends):
            made_of = _middle_half(context.statistics)
            yield _difference(estimate, Range.of(ends), made_of, context.why)


def _middle_half(stated: Statistics) -> tuple[Citation, ...]:
    """The figures of P25 and P75: those of a distribution are in the order of its measures."""
    return tuple(stated.figures[PERCENTILES.index(name)] for name in ("p25", "p75"))


def _holds(estimate: Range, ends: Interval) -> bool:
    if estimate.min > ends.min:
        return False
    return estimate.max is None or (ends.max is not None and ends.max <= estimate.max)


def of_lower_levels(
    estimate: Range, lower_levels: Iterable[Sequence[Chain]]
) -> Iterator[Difference]:
    """The chains of each lower level that pays more than the estimate."""
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
