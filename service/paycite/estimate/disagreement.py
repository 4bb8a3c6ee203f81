"""Find where sources disagree with an estimate, by how much, and possible reasons."""

from collections.abc import Iterable, Iterator, Sequence

from paycite.estimate.bands import ends_of
from paycite.estimate.context import WHY_CONTEXT
from paycite.model.answer import Chain, Difference, Disagreement, Interval, Range
from paycite.model.figure import COMPONENTS, Citation, Figure
from paycite.model.money import in_percent, range_in_dollars
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Metro, describe_place


def disagreement(
    estimate: Range,
    chains: Sequence[Chain],
    related: Iterable[Figure],
    metro: Metro,
    snapshot: Snapshot,
) -> Disagreement | None:
    """Collect the chains that differ from the estimate, then related figures outside its range."""
    differences = (*_of_chains(estimate, chains, metro, snapshot), *of_figures(estimate, related))
    if not differences:
        return None
    return Disagreement(summary=summary(estimate, differences), differences=differences)


def summary(estimate: Range, differences: Iterable[Difference]) -> str:
    others = "; ".join(f"{range_in_dollars(one.range)} ({one.subject})" for one in differences)
    return f"The estimate is {range_in_dollars(estimate)}. Other figures: {others}."


def _of_chains(
    estimate: Range, chains: Sequence[Chain], metro: Metro, snapshot: Snapshot
) -> Iterator[Difference]:
    for chain in chains:
        if chain.range != estimate:
            first = chain.steps[0].citation()
            source = snapshot.sources[chain.source_id].title
            reasons = _reasons(chain, metro, snapshot)
            yield _difference(estimate, chain.range, source, first, *reasons)


def _reasons(chain: Chain, metro: Metro, snapshot: Snapshot) -> Iterator[str]:
    if chain.weight:
        yield f"one of the sources combined in the estimate, with weight {in_percent(chain.weight)}"
    if chain.component != "base":
        yield f"it is {COMPONENTS[chain.component]}; the estimate is base pay"
    if chain.unused_reason == "open-ended":
        yield "it has no maximum, so it is not in the estimate"
    operations = {step.operation for step in chain.steps}
    if "level" in operations:
        of = f"the {chain.level} level" if chain.level else "all levels"
        yield f"its figures are for {of}, adjusted to the level of the estimate"
    where = snapshot.metros[chain.metro]
    metros = {step.metro for step in chain.steps if step.metro}
    if not metros and where.kind == "nation" and where != metro:
        yield f"its figures are for {describe_place(where)}, not adjusted to the place"
    if "role" in operations:
        yield "it covers everyone in the nearest occupations"
    yield "a different source, with its own data and method"


def of_figures(estimate: Range, figures: Iterable[Figure]) -> Iterator[Difference]:
    """Yield the annual pay figures that extend beyond the estimate."""
    for figure in figures:
        if figure.unit == "usd" and figure.period == "year" and figure.low is not None:
            ends = ends_of(figure)
            if not _holds(estimate, ends):
                why = WHY_CONTEXT[figure.topic]
                yield _difference(estimate, Range.of(ends), figure.subject, figure.citation(), why)


def _holds(estimate: Range, ends: Interval) -> bool:
    if estimate.min > ends.min:
        return False
    return estimate.max is None or (ends.max is not None and ends.max <= estimate.max)


def _difference(
    estimate: Range, other: Range, subject: str, figure: Citation, *reasons: str
) -> Difference:
    return Difference(
        subject=subject,
        range=Interval(min=other.min, max=other.max),
        figure=figure,
        min_ratio=round(other.min / estimate.min, 3),
        max_ratio=round(other.max / estimate.max, 3) if other.max and estimate.max else None,
        reasons=reasons,
    )
