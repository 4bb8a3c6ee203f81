"""Build answers: figures in, an estimate out. The only arithmetic on pay, in pure functions."""

from collections.abc import Iterable, Iterator

import msgspec

from paycite.estimate import context, disagreement
from paycite.estimate.candidate import Candidate
from paycite.estimate.chains import candidates
from paycite.estimate.combine import chains_of, estimate, nearest_scope
from paycite.estimate.hourly import convert_chain, convert_disagreement
from paycite.estimate.offer import offer
from paycite.estimate.official import official
from paycite.estimate.pooled import is_suppressed
from paycite.estimate.quote import write_quote
from paycite.model.answer import (
    Answer,
    Chain,
    DatasetVersion,
    Fallback,
    Links,
    Used,
    UsedLevel,
    UsedMetro,
    UsedRole,
    cited_sources,
)
from paycite.model.figure import Citation, Figure
from paycite.model.pool import FEWEST_EMPLOYERS
from paycite.model.problem import Fault, Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Metro, describe_place


def build_answer(question: Question, snapshot: Snapshot, links: Links) -> Answer:
    """Answer a question; raise `Refusal` if nothing is published, or only a broader answer that
    `strict` rejects."""
    statistics = official(question, snapshot)
    found = candidates(question, snapshot, statistics)
    scope = nearest_scope(found)
    if scope is None:
        raise Refusal([_no_figures(question, snapshot)])
    nearest = next(candidate for candidate in found if candidate.scope == scope)
    fallbacks = tuple(_fallbacks(question, nearest, statistics))
    if question.strict and fallbacks:
        raise Refusal(_refused(fallback) for fallback in fallbacks)

    chains = chains_of(found, scope, snapshot)
    combined = estimate(chains, fallbacks, question.role, snapshot)
    beside = None if statistics in found else statistics
    bearing = context.bearing_figures(question, chains, snapshot)
    levels = context.of_levels(question, nearest.level, chains, snapshot)
    beside_it = (
        *context.of_figures(bearing),
        *(context.of_statistics(question, snapshot) if beside else ()),
        *levels,
    )
    differences = (
        *disagreement.of_figures(combined.range, bearing),
        *disagreement.of_statistics(combined.range, chains, beside, snapshot),
        *disagreement.of_levels(combined.range, levels),
        *disagreement.of_lower_levels(combined.range, _lower_levels(question, nearest, snapshot)),
    )
    disagreeing = disagreement.disagreement(combined.range, chains, differences, snapshot)
    if question.period == "hour":
        year = _working_year(snapshot)
        chains = tuple(convert_chain(chain, year) for chain in chains)
        combined = estimate(chains, fallbacks, question.role, snapshot)
        if disagreeing:
            disagreeing = convert_disagreement(disagreeing, combined.range, year)
    used = _used(question, nearest)
    placed = offer(question.offer, combined, chains) if question.offer else None
    return Answer(
        quote=write_quote(used, combined, chains, placed, snapshot.sources, snapshot.version),
        requested=question.requested,
        used=used,
        matches=question.matches,
        fallbacks=fallbacks,
        estimate=combined,
        chains=chains,
        context=beside_it,
        disagreement=disagreeing,
        offer=placed,
        sources=tuple(
            snapshot.sources[source_id]
            for source_id in sorted(cited_sources(chains, beside_it, disagreeing))
        ),
        dataset=DatasetVersion(version=snapshot.version),
        links=links,
    )


def _working_year(snapshot: Snapshot) -> Figure:
    if snapshot.working_year is None:
        detail = (
            "No source in this dataset states the hours of a work year, so pay cannot be converted "
            "to an hourly rate. Leave out period=hour."
        )
        raise Refusal([Fault(type="no-figures", parameter="period", detail=detail)])
    return snapshot.working_year


def _used(question: Question, nearest: Candidate) -> Used:
    return Used(
        role=msgspec.convert(question.role, UsedRole, from_attributes=True),
        level=msgspec.convert(nearest.level, UsedLevel | None, from_attributes=True),
        metro=msgspec.convert(nearest.metro, UsedMetro, from_attributes=True),
    )


def _fallbacks(
    question: Question, nearest: Candidate, statistics: Candidate | None
) -> Iterator[Fallback]:
    role, level, metro = question.role, question.level, question.metro
    if level and nearest.level != level:
        used = nearest.level
        instead = f"level {used.id} and above" if used else "all levels together"
        yield Fallback(
            dimension="level",
            requested=level.id,
            used=used.id if used else None,
            reason=f"No source prices {role.title} at level {level.id}; "
            f"the nearest figure is for {instead}.",
        )
    if nearest.metro != metro:
        ratio, figures = _official_ratio(metro, statistics)
        why_there = nearest.why_there
        yield Fallback(
            dimension="metro",
            requested=metro.id,
            used=nearest.metro.id,
            reason=why_there
            or f"No source prices this role in {describe_place(metro)}; "
            f"the figure is for {describe_place(nearest.metro)}.{ratio}",
            figures=() if why_there else figures,
        )


def _official_ratio(metro: Metro, statistics: Candidate | None) -> tuple[str, tuple[Citation, ...]]:
    """The ratio of the official median there to the national one, so that a reader does not take a
    national figure for a local one; with both medians."""
    first = statistics.steps[0] if statistics and statistics.metro == metro else None
    ratio = first.statistics.ratio_to_nation if first and first.statistics else None
    if first is None or ratio is None:
        return "", ()
    occupation = ratio.subject.partition(" (")[0]
    return (
        f" There, the official median for {occupation} is {ratio.ratio:g} times the national "
        "median.",
        tuple(msgspec.convert(one, Citation, from_attributes=True) for one in (first, ratio)),
    )


def _refused(fallback: Fallback) -> Fault:
    return Fault(
        type="fallback-refused",
        parameter=fallback.dimension,
        detail=f"Only a broader answer exists, and strict=true rejects it. {fallback.reason}",
        suggestions=(fallback.used,) if fallback.used else (),
    )


def _no_figures(question: Question, snapshot: Snapshot) -> Fault:
    everywhere = msgspec.structs.replace(question, sources=frozenset())
    anywhere = candidates(everywhere, snapshot, official(everywhere, snapshot))
    publishing = sorted({c.source_id for c in anywhere if c.component == "base"})
    scope = f"level {question.level.id}" if question.level else "all levels"
    who = "None of the requested sources has" if question.sources else "No source has"
    suppressed = is_suppressed(question, snapshot)
    why = f" Fewer than {FEWEST_EMPLOYERS} employers were observed, too few to publish."
    instead = f" Sources that do: {', '.join(publishing)}." if publishing else ""
    levels = ", ".join(_levels_priced(question, snapshot))
    available = f" Levels they price: {levels}." if levels else ""
    if not question.role.soc_codes:
        available += f" The role {question.role.soc_reason}."
    return Fault(
        type="suppressed" if suppressed else "no-figures",
        parameter="source" if question.sources else "role",
        detail=f"{who} base pay for {question.role.title}, {scope}.{available}{instead}"
        f"{why if suppressed else ''}",
        suggestions=tuple(publishing),
    )


def _levels_priced(question: Question, snapshot: Snapshot) -> Iterator[str]:
    for level in snapshot.levels.values():
        asked = msgspec.structs.replace(question, level=level)
        if any(found.level == level for found in candidates(asked, snapshot, None)):
            yield level.id


def _lower_levels(
    question: Question, nearest: Candidate, snapshot: Snapshot
) -> Iterable[tuple[Chain, ...]]:
    """The chains of every level below the one that was answered, level by level."""
    for level in snapshot.levels.values():
        if nearest.level and level.rank < nearest.level.rank:
            lower = candidates(msgspec.structs.replace(question, level=level), snapshot, None)
            scope = nearest_scope(lower)
            if scope and scope.level_gap == 0:
                yield chains_of(lower, scope, snapshot)
