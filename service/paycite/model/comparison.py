"""Several questions with their outcomes: an answer or a problem each."""

from collections.abc import Iterable
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from paycite.model.answer import (
    Answer,
    DatasetVersion,
    Estimate,
    Fallback,
    Links,
    Offer,
    Requested,
    ShortAnswer,
    Used,
    citations,
)
from paycite.model.figure import Citation, Source
from paycite.model.problem import Problem
from paycite.model.vocabulary import Match

MOST_ROWS = 100


class Refused(Struct, frozen=True, kw_only=True):
    """A question without an answer; `requested` is None if it could not be parsed."""

    requested: Requested | None
    problem: Problem


Outcome = Answer | Refused


class ComparisonRow(Struct, frozen=True, kw_only=True):
    """One question of several, with a short answer or a problem."""

    quote: Annotated[
        str | None, Meta(description="A summary that can be quoted as is; null for a problem.")
    ] = None
    requested: Annotated[Requested | None, Meta(description="Null if it could not be parsed.")]
    used: Used | None = None
    matches: tuple[Match, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    estimate: Estimate | None = None
    citations: Annotated[
        tuple[Citation, ...], Meta(description="The figures behind the estimate.")
    ] = ()
    caveats: Annotated[tuple[str, ...], Meta(description="How Paycite reads the data.")] = ()
    tested_on: Annotated[
        tuple[str, ...],
        Meta(description="Sources it was back-tested on; see `caveats`."),
    ] = ()
    offer: Annotated[Offer | None, Meta(description="Compared to the estimate only.")] = None
    links: Links | None = None
    problem: Problem | None = None

    def __post_init__(self) -> None:
        if (self.estimate is None) == (self.problem is None):
            raise ValueError("a row has an estimate or a problem")
        if (self.estimate is None) != (not self.citations):
            raise ValueError("an estimate needs the citations of its figures")

    @classmethod
    def of(cls, outcome: Outcome | ShortAnswer, **more: Any) -> Self:
        """Build the row of an outcome; `more` has the extra fields of a subclass."""
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
            citations=tuple(dict.fromkeys(one.citation() for one in citations(used, (), None))),
            caveats=tuple(dict.fromkeys(caveat for chain in used for caveat in chain.caveats)),
            tested_on=tuple(sorted({id_ for chain in used for id_ in chain.tested_on})),
            offer=outcome.offer.against_estimate() if outcome.offer else None,
            links=outcome.links,
            **more,
        )


class Comparison(Struct, frozen=True, kw_only=True):
    """The rows in request order: by role, then level, then metro."""

    rows: Annotated[tuple[ComparisonRow, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    sources: tuple[Source, ...]
    dataset: DatasetVersion


def cited_in(rows: Iterable[ComparisonRow]) -> list[str]:
    """The ids of the sources that the rows cite, each once, sorted."""
    cited: set[str] = set()
    for row in rows:
        cited.update(figure.source_id for figure in row.citations)
        cited.update(row.tested_on)
    return sorted(cited)
