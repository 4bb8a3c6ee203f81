"""The answers of the tools: each with a quote, and short enough for the context of an agent."""

from itertools import starmap
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct, structs

from paycite.model.answer import (
    Answer,
    Chain,
    DatasetVersion,
    Disagreement,
    Estimate,
    Fallback,
    Links,
    Offer,
    Requested,
    Used,
    UsedLevel,
    UsedMetro,
    UsedRole,
    cited_sources,
)
from paycite.model.comparison import MOST_ROWS, Row
from paycite.model.figure import Figure, Source
from paycite.model.problem import Problem
from paycite.model.score import ScoredSource
from paycite.model.vocabulary import Level, Match, Metro, Role


class Quoted(Struct, frozen=True, kw_only=True):
    quote: Annotated[str, Meta(description="The answer with its citation, ready to quote.")]


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


class ConciseRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question of several, with a short answer or a problem."""

    quote: Annotated[
        str | None, Meta(description="The answer with its citation, ready to quote.")
    ] = None
    requested: Requested | None = None
    used: Used | None = None
    matches: tuple[Match, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    estimate: Estimate | None = None
    figures: Annotated[
        tuple[str, ...],
        Meta(
            description="The ids of the figures behind the estimate; the tool explain_figure "
            "describes each, with its source."
        ),
    ] = ()
    caveats: Annotated[
        tuple[str, ...], Meta(description="Notes on the data and on how Paycite interprets it.")
    ] = ()
    tested_on: Annotated[
        tuple[str, ...],
        Meta(description="Sources of the observations it was back-tested on; see `caveats`."),
    ] = ()
    offer: Offer | None = None
    links: Links | None = None
    problem: Problem | None = None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Shorten a row of a comparison: figure ids instead of citations."""
        shown = structs.asdict(row)
        figures = dict.fromkeys(citation.figure_id for citation in shown.pop("citations"))
        return cls(figures=tuple(figures), **shown)


class ConciseComparison(Quoted, frozen=True, kw_only=True):
    """The rows in request order: by role, then level, then metro."""

    rows: Annotated[tuple[ConciseRow, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    sources: tuple[Source, ...]
    dataset: DatasetVersion


class Reading(Quoted, frozen=True, kw_only=True):
    """How a text was matched: `score` is from 0 to 100, and `alternatives` are its other possible
    meanings."""

    matches: tuple[Match, ...]
    role: UsedRole | None
    level: UsedLevel | None
    metro: UsedMetro | None
    dataset: DatasetVersion

    @classmethod
    def of(
        cls,
        role: tuple[Role, Match] | None,
        level: tuple[Level, Match] | None,
        metro: tuple[Metro, Match] | None,
        version: str,
    ) -> Self:
        words: tuple[tuple[Role | Level | Metro, Match] | None, ...] = (role, level, metro)
        found = [reading for reading in words if reading]
        return cls(
            quote=f"{'; '.join(starmap(_told, found))}. Source: Paycite, dataset {version}.",
            matches=tuple(match for _, match in found),
            role=msgspec.convert(role[0], UsedRole, from_attributes=True) if role else None,
            level=msgspec.convert(level[0], UsedLevel, from_attributes=True) if level else None,
            metro=msgspec.convert(metro[0], UsedMetro, from_attributes=True) if metro else None,
            dataset=DatasetVersion(version=version),
        )


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


def _told(entry: Role | Level | Metro, match: Match) -> str:
    name = entry.name if isinstance(entry, Metro) else entry.title
    others = f"; alternatives: {', '.join(match.alternatives)}" if match.alternatives else ""
    return f"{match.query!r} matches the {match.dimension} {match.id} ({name}){others}"
