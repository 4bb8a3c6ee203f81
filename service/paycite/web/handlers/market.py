"""`/demand` and `/rates`: demand growth and freelance rates, as published."""

from operator import attrgetter
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.figure import Figure
from paycite.model.snapshot import Snapshot
from paycite.questions.question import match_role, vocabulary
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.lists import Page, PageParameters, build_page


class Growth(Struct, frozen=True, kw_only=True):
    """The growth of one thing according to several sources."""

    subject: str
    role: str | None
    figures: Annotated[tuple[Figure, ...], Meta(min_length=1)]


class TrackRate(Struct, frozen=True, kw_only=True):
    """The rate of a track of freelance work, and its terms."""

    track: str
    rate: Figure
    terms: Annotated[
        tuple[Figure, ...], Meta(description="Length and turnaround, if the source states them.")
    ]


class Demand(Page[Growth], frozen=True, kw_only=True):
    """Subjects, the fastest growing first; those without a number come last."""


class Rates(Page[TrackRate], frozen=True, kw_only=True):
    """Rates, the lowest first."""


class SourceParameters(PageParameters, frozen=True, kw_only=True):
    source: Annotated[str, Meta(description="Only figures of this source.")] | UnsetType = UNSET


class DemandParameters(SourceParameters, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A role, as in /salary.")] | UnsetType = UNSET


@endpoint(
    "/demand",
    "List demand growth",
    Demand,
    parameters=DemandParameters,
    problems=(
        *(*REQUEST_PROBLEMS, "unknown-role", "unknown-level", "unknown-source"),
        *("unknown-dataset", "ambiguous-title"),
    ),
)
def demand(ask: Ask) -> Demand:
    """List the growth of skills, roles and job postings, grouped by subject, as each source states
    it."""
    parsed, snapshot = ask.parse(), ask.store.snapshot
    matched = match_role(parsed["role"], vocabulary(ask.store), parsed.faults)
    parsed.faults.stop()
    found = [
        growth
        for growth in _growths(snapshot, parsed["source"])
        if not matched or growth.role == matched[0].id
    ]
    # Several roles may have the same subject.
    return build_page(ask, parsed, Demand, found, lambda growth: growth.figures[0].id)


def _growths(snapshot: Snapshot, source: str | None) -> list[Growth]:
    of: dict[tuple[str, str | None], list[Figure]] = {}
    for figure in snapshot.figures.values():
        if figure.topic == "growth" and source in (None, figure.source_id):
            of.setdefault((figure.subject, figure.role), []).append(figure)
    growths = [
        Growth(subject=subject, role=role, figures=tuple(figures))
        for (subject, role), figures in of.items()
    ]
    return sorted(growths, key=lambda growth: (-_fastest(growth), growth.subject))


def _fastest(growth: Growth) -> float:
    return max(figure.low or 0 for figure in growth.figures)


@endpoint(
    "/rates",
    "List freelance rates",
    Rates,
    parameters=SourceParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-source", "unknown-dataset"),
)
def rates(ask: Ask) -> Rates:
    """List freelance rates by track, with their terms."""
    parsed, snapshot = ask.parse(), ask.store.snapshot
    parsed.faults.stop()
    found = [
        _rate(figure, snapshot)
        for figure in snapshot.figures.values()
        if figure.topic == "rate" and parsed["source"] in (None, figure.source_id)
    ]
    found.sort(key=lambda rate: (rate.rate.low or 0, rate.track))
    return build_page(ask, parsed, Rates, found, attrgetter("rate.id"))


def _rate(figure: Figure, snapshot: Snapshot) -> TrackRate:
    """Combine a rate with the figures of its source whose subject begins with the same track."""
    track = figure.subject.partition(",")[0]
    terms = (
        other
        for other in snapshot.figures.values()
        if (other.source_id, other.topic) == (figure.source_id, "effort")
        and other.subject.partition(",")[0] == track
    )
    return TrackRate(track=track, rate=figure, terms=tuple(terms))
