"""The answers of the tools: each with a quote, and short enough for the context of an agent.

A short answer has the fields of the whole one that an agent passes on. Where a field has the same
name, it has the same value, or fewer fields of it.
"""

from collections.abc import Iterable, Sequence
from itertools import starmap
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct, structs

from paycite.estimate.quote import describe_pay, describe_scope
from paycite.model.answer import (
    Answer,
    Chain,
    DatasetVersion,
    Disagreement,
    Estimate,
    Fallback,
    FallbackDimension,
    Interval,
    Links,
    Offer,
    Requested,
    UnusedReason,
    Used,
    UsedLevel,
    UsedMetro,
    UsedRole,
    Verdict,
    Weight,
    cited_sources,
)
from paycite.model.comparison import MOST_ROWS, Outcome, Refused
from paycite.model.figure import Figure, Source
from paycite.model.money import in_percent, range_in_dollars
from paycite.model.parameters import PayPeriod
from paycite.model.problem import Fault
from paycite.model.score import ScoredSource
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Dimension, Level, Match, Metro, Role
from paycite.model.voice import Label


class Quoted(Struct, frozen=True, kw_only=True):
    quote: Annotated[str, Meta(description="The answer with its citation, ready to quote.")]

    def texts(self) -> list[str]:
        """Write the answer for clients that show text only: the quote, and what else matters."""
        return [self.quote]


class Titled(Struct, frozen=True, kw_only=True):
    id: str
    title: str


class Place(Struct, frozen=True, kw_only=True):
    id: str
    name: str


class Scope(Struct, frozen=True, kw_only=True):
    """The scope of the answer; `level` is null for all levels."""

    role: Titled
    level: Titled | None
    metro: Place


class BriefFallback(Struct, frozen=True, kw_only=True):
    """What no used source covers, and what was used instead."""

    dimension: FallbackDimension
    requested: str | None
    used: str | None
    reason: str


class Median(Struct, frozen=True, kw_only=True):
    p50: float | None


class BriefChain(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one source says, derived for the requested scope."""

    source_id: str
    weight: Annotated[Weight, Meta(description="Its weight in the estimate; 0 if unused.")]
    unused_reason: UnusedReason | None = None
    range: Interval
    percentiles: Median | None = None
    n: Annotated[int | None, Meta(description="Number of observations, if known.")] = None
    figure_id: Annotated[
        str, Meta(description="The figure it starts from; explain_figure describes it.")
    ] = ""

    @classmethod
    def of(cls, chain: Chain) -> Self:
        return cls(
            source_id=chain.source_id,
            weight=chain.weight,
            unused_reason=chain.unused_reason,
            range=Interval(min=chain.range.min, max=chain.range.max),
            percentiles=Median(p50=chain.percentiles.p50) if chain.percentiles else None,
            n=chain.n,
            figure_id=chain.steps[0].figure_id,
        )

    def describe(self) -> str:
        use = (
            f"unused, {self.unused_reason}"
            if self.unused_reason
            else f"weight {in_percent(self.weight)}"
        )
        return f"{self.source_id}: {range_in_dollars(self.range)} ({use}; figure {self.figure_id})"


class Permalink(Struct, frozen=True, kw_only=True):
    permalink: Annotated[str, Meta(description="The same question, pinned to this dataset.")]


class Summary(Quoted, frozen=True, kw_only=True):
    """The answer of /salary without its steps, but with what each source says."""

    used: Scope
    matches: tuple[Match, ...]
    fallbacks: tuple[BriefFallback, ...]
    estimate: Estimate
    chains: Annotated[tuple[BriefChain, ...], Meta(min_length=1)]
    offer: Offer | None
    dataset: DatasetVersion
    links: Permalink

    @classmethod
    def of(cls, answer: Answer) -> Self:
        brief = {
            "chains": tuple(map(BriefChain.of, answer.chains)),
            "offer": answer.offer.against_estimate() if answer.offer else None,
        }
        whole = {name: getattr(answer, name) for name in cls.__struct_fields__}
        return msgspec.convert(whole | brief, cls, from_attributes=True)

    def texts(self) -> list[str]:
        reasons = [fallback.reason for fallback in self.fallbacks]
        return [self.quote, "\n".join([*reasons, *(chain.describe() for chain in self.chains)])]


class Beside(Struct, frozen=True, kw_only=True):
    """A related figure that is not in the estimate."""

    figure_id: Annotated[str, Meta(description="The tool explain_figure has its number.")]
    subject: str
    why: Annotated[str, Meta(description="What it is, and why it is not used.")]


class Benchmark(Quoted, frozen=True, kw_only=True):
    """The answer of /salary, with the related figures (`context`) as ids and descriptions only."""

    requested: Requested
    used: Used
    matches: tuple[Match, ...]
    fallbacks: tuple[Fallback, ...]
    estimate: Estimate
    chains: Annotated[tuple[Chain, ...], Meta(min_length=1)]
    disagreement: Disagreement | None
    offer: Offer | None
    context: tuple[Beside, ...]
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    dataset: DatasetVersion
    links: Links

    @classmethod
    def of(cls, answer: Answer) -> Self:
        cited = cited_sources(answer.chains, (), answer.disagreement)
        concise = {
            "context": tuple(
                msgspec.convert(one, Beside, from_attributes=True) for one in answer.context
            ),
            "sources": tuple(source for source in answer.sources if source.id in cited),
        }
        return cls(**structs.asdict(answer) | concise)

    def texts(self) -> list[str]:
        return [self.quote, msgspec.json.encode(self).decode()]


class BriefRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question of several, with its estimate or the faults that it has."""

    requested: Requested | None = None
    role: str | None = None
    level: Annotated[str | None, Meta(description="Left out for all levels.")] = None
    metro: str | None = None
    range: Interval | None = None
    median: float | None = None
    period: PayPeriod = "year"
    confidence: Label | None = None
    fallbacks: Annotated[
        tuple[FallbackDimension, ...], Meta(description="What no used source covers itself.")
    ] = ()
    verdicts: Annotated[
        tuple[Verdict, ...], Meta(description="Of the offer, or of both ends of it.")
    ] = ()
    source_ids: tuple[str, ...] = ()
    errors: Annotated[tuple[Fault, ...], Meta(description="Why it has no estimate.")] = ()

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        if isinstance(outcome, Refused):
            return cls(requested=outcome.requested, errors=outcome.problem.errors)
        used, estimate = outcome.used, outcome.estimate
        offer = outcome.offer.against_estimate() if outcome.offer else None
        return cls(
            requested=outcome.requested,
            role=used.role.id,
            level=used.level.id if used.level else None,
            metro=used.metro.id,
            range=Interval(min=estimate.range.min, max=estimate.range.max),
            median=estimate.median,
            period=estimate.period,
            confidence=estimate.confidence.label,
            fallbacks=tuple(fallback.dimension for fallback in outcome.fallbacks),
            verdicts=tuple(position.verdict for position in offer.positions) if offer else (),
            source_ids=tuple(_used_source_ids([outcome])),
        )


class BriefComparison(Quoted, frozen=True, kw_only=True):
    """The rows in request order: by role, then level, then metro."""

    rows: Annotated[tuple[BriefRow, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    dataset: DatasetVersion

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], snapshot: Snapshot) -> Self:
        cited = [snapshot.sources[id_].citation for id_ in _used_source_ids(outcomes)]
        source = f"Source: {'; '.join([*cited, f'by Paycite, dataset {snapshot.version}'])}."
        return cls(
            quote="\n".join([*map(_describe_outcome, outcomes), source]),
            rows=tuple(map(BriefRow.of, outcomes)),
            dataset=DatasetVersion(version=snapshot.version),
        )


def _used_source_ids(outcomes: Iterable[Outcome]) -> list[str]:
    return sorted(
        {
            chain.source_id
            for answer in outcomes
            if isinstance(answer, Answer)
            for chain in answer.chains
            if chain.weight
        }
    )


def _describe_outcome(outcome: Outcome) -> str:
    if isinstance(outcome, Refused):
        return outcome.problem.detail
    estimate = outcome.estimate
    pay = describe_pay(estimate)
    return f"{describe_scope(outcome.used)}: {pay} ({estimate.confidence.label} confidence)."


class Candidate(Struct, frozen=True, kw_only=True):
    """A possible meaning of an ambiguous text."""

    dimension: Dimension
    id: str
    name: str


class Reading(Quoted, frozen=True, kw_only=True):
    """How a text was matched: `score` is from 0 to 100, and `alternatives` are its other possible
    meanings. An ambiguous text has `candidates` instead."""

    matches: tuple[Match, ...]
    role: UsedRole | None
    level: UsedLevel | None
    metro: UsedMetro | None
    candidates: Annotated[
        tuple[Candidate, ...],
        Meta(description="The meanings of an ambiguous text. Ask again with the id of one."),
    ]
    dataset: DatasetVersion

    @classmethod
    def of(
        cls,
        role: tuple[Role, Match] | None,
        level: tuple[Level, Match] | None,
        metro: tuple[Metro, Match] | None,
        ambiguous: Sequence[Fault],
        snapshot: Snapshot,
    ) -> Self:
        words: tuple[tuple[Role | Level | Metro, Match] | None, ...] = (role, level, metro)
        found = [reading for reading in words if reading]
        sentences = [
            *starmap(_describe_match, found),
            *(fault.detail.rstrip(".") for fault in ambiguous),
        ]
        return cls(
            quote=f"{'; '.join(sentences)}. Source: Paycite, dataset {snapshot.version}.",
            matches=tuple(match for _, match in found),
            role=msgspec.convert(role[0], UsedRole, from_attributes=True) if role else None,
            level=msgspec.convert(level[0], UsedLevel, from_attributes=True) if level else None,
            metro=msgspec.convert(metro[0], UsedMetro, from_attributes=True) if metro else None,
            candidates=tuple(
                _candidate(id_, snapshot) for fault in ambiguous for id_ in fault.suggestions
            ),
            dataset=DatasetVersion(version=snapshot.version),
        )

    def texts(self) -> list[str]:
        return [self.quote, *(f"{one.id}: {one.name}" for one in self.candidates)]


def _candidate(id_: str, snapshot: Snapshot) -> Candidate:
    """Find an id among the vocabularies, which share none."""
    if id_ in snapshot.metros:
        return Candidate(dimension="metro", id=id_, name=snapshot.metros[id_].name)
    if id_ in snapshot.roles:
        return Candidate(dimension="role", id=id_, name=snapshot.roles[id_].title)
    return Candidate(dimension="level", id=id_, name=snapshot.levels[id_].title)


class ExplainedFigure(Quoted, frozen=True, kw_only=True):
    """A figure as published, with its source."""

    figure: Figure
    source: ScoredSource
    dataset: DatasetVersion

    @classmethod
    def of(cls, figure: Figure, source: ScoredSource, version: str) -> Self:
        return cls(
            quote=f"{figure.subject}: {figure.as_published} ({figure.locator}). "
            f"Source: {source.citation}; by Paycite, dataset {version}.",
            figure=figure,
            source=source,
            dataset=DatasetVersion(version=version),
        )


def _describe_match(entry: Role | Level | Metro, match: Match) -> str:
    name = entry.name if isinstance(entry, Metro) else entry.title
    others = f"; alternatives: {', '.join(match.alternatives)}" if match.alternatives else ""
    return f"{match.query!r} matches the {match.dimension} {match.id} ({name}){others}"


# As in model/answer.py: two threads must not use a type for the first time together.
for _type in (Summary, Beside):
    msgspec.json.Decoder(_type)
