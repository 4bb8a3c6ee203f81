"""Several questions and what became of each: an answer, or its problem."""

from collections.abc import Iterable
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, Struct

from paycite.model.answer import (
    Answer,
    DatasetVersion,
    Estimate,
    Fallback,
    Links,
    Offer,
    Requested,
    Used,
    citations,
)
from paycite.model.figure import Citation, Source
from paycite.model.problem import Problem
from paycite.model.vocabulary import Match

MOST_ROWS = 100


class Refused(Struct, frozen=True, kw_only=True):
    """A question that got no answer; `requested` is None where it could not be read as one."""

    requested: Requested | None
    problem: Problem


Outcome = Answer | Refused


class Row(Struct, frozen=True, kw_only=True):
    """One question of several, with its answer in short or its problem."""

    quote: Annotated[
        str | None, Meta(description="The answer to pass on as it is; null with a problem.")
    ] = None
    requested: Annotated[
        Requested | None, Meta(description="Null where it could not be read as a question.")
    ]
    used: Used | None = None
    matches: tuple[Match, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    estimate: Estimate | None = None
    citations: Annotated[
        tuple[Citation, ...], Meta(description="The figures that the estimate was made of.")
    ] = ()
    caveats: Annotated[tuple[str, ...], Meta(description="How Paycite read those figures.")] = ()
    tested_on: Annotated[
        tuple[str, ...],
        Meta(description="The sources of the observations that the caveats say it was tested on."),
    ] = ()
    offer: Annotated[Offer | None, Meta(description="Against the estimate alone.")] = None
    links: Links | None = None
    problem: Problem | None = None

    def __post_init__(self) -> None:
        if (self.estimate is None) == (self.problem is None):
            raise ValueError("a row answers or carries its problem")
        if (self.estimate is None) != (not self.citations):
            raise ValueError("an estimate needs the citations of its figures")

    @classmethod
    def of(cls, outcome: Outcome, **more: Any) -> Self:
        """The row of an outcome; `more` is what a kind of row has besides."""
        if isinstance(outcome, Refused):
            return cls(requested=outcome.requested, problem=outcome.problem, **more)
        used = [chain for chain in outcome.chains if chain.weight]
        return cls(
            quote=outcome.quote,
            requested=outcome.requested,
            used=outcome.used,
            matches=outcome.matches,
            fallbacks=outcome.fallbacks,
            estimate=outcome.estimate,
            citations=tuple(
                dict.fromkeys(
                    msgspec.convert(citation, Citation, from_attributes=True)
                    for citation in citations(used, (), None)
                )
            ),
            caveats=tuple(dict.fromkeys(caveat for chain in used for caveat in chain.caveats)),
            tested_on=tuple(sorted({id_ for chain in used for id_ in chain.tested_on})),
            offer=outcome.offer.against_estimate() if outcome.offer else None,
            links=outcome.links,
            **more,
        )


class Comparison(Struct, frozen=True, kw_only=True):
    """The rows in the order asked: roles, of each the levels, of each the metros."""

    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    sources: tuple[Source, ...]
    dataset: DatasetVersion


def cited_in(rows: Iterable[Row]) -> list[str]:
    """The ids of the sources that the rows cite, each once, in order."""
    cited: set[str] = set()
    for row in rows:
        figures = (row.citations, *(fallback.figures for fallback in row.fallbacks))
        cited.update(figure.source_id for several in figures for figure in several)
        cited.update(row.tested_on)
    return sorted(cited)
