"""`/figures` and `/sources`: the content of the dataset, as published."""

from operator import attrgetter
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from paycite.dataset.store import Filters
from paycite.match import nearest
from paycite.model.figure import Figure, Source, Topic
from paycite.model.score import ScoredSource
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import BEYOND_METROS
from paycite.questions.parameters import (
    DatasetParameters,
    Parsed,
    find_source,
    invalid,
    printable,
)
from paycite.questions.question import find_figure, match_words, vocabulary
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.lists import Page, PageParameters, first_page, list_all, refuse_after


class FigureParameters(PageParameters, frozen=True, kw_only=True):
    source: Annotated[str, Meta(description="A source id.")] | UnsetType = UNSET
    topic: Annotated[Topic, Meta(description="The kind of statement.")] | UnsetType = UNSET
    role: Annotated[str, Meta(description="A role, as in /salary.")] | UnsetType = UNSET
    occupation: (
        Annotated[
            str, Meta(description="A SOC code, for official statistics.", examples=["15-2051"])
        ]
        | UnsetType
    ) = UNSET
    level: (
        Annotated[str, Meta(description="The level of the figure, as in /salary.")] | UnsetType
    ) = UNSET
    metro: (
        Annotated[
            str,
            Meta(
                description="The place of the figure: a metro, as in /salary, `world` or "
                "`unstated`. If a rule adjusts the figure to other places, the rule is a "
                "separate figure."
            ),
        ]
        | UnsetType
    ) = UNSET


class Figures(Page[Figure], frozen=True, kw_only=True):
    """Figures, in order of id."""


class Sources(Page[Source], frozen=True, kw_only=True):
    """Sources, in order of id."""


@endpoint(
    "/figures",
    "List figures",
    Figures,
    parameters=FigureParameters,
    problems=(
        *(*REQUEST_PROBLEMS, "conflicting-parameters", "unknown-role", "unknown-level"),
        *("unknown-metro", "unknown-source", "unknown-dataset", "ambiguous-title"),
        "ambiguous-metro",
    ),
    runs="thread",
)
def list_figures(ask: Ask) -> Figures:
    """List the figures of the dataset, each as published, in order of id."""
    parsed, store = ask.parse(), ask.store
    filters = _filters(parsed, ask)
    if parsed["after"] and store.figure(parsed["after"]) is None:
        parsed.faults.attempt(refuse_after)
    parsed.faults.stop()
    found = store.figures(filters, parsed["after"], parsed["limit"] + 1)
    return first_page(ask, parsed, Figures, found, attrgetter("id"))


@endpoint(
    "/figures/{id}",
    "Get a figure",
    Figure,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-figure", "unknown-dataset"),
    runs="thread",
)
def get_figure(ask: Ask) -> Figure:
    """Get a figure with its citation."""
    faults = ask.parse().faults
    figure = faults.attempt(find_figure, ask.id, ask.store, "id")
    faults.stop()
    assert figure is not None  # otherwise `stop` raised
    return figure


@endpoint(
    "/sources",
    "List sources",
    Sources,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
def list_sources(ask: Ask) -> Sources:
    """List the sources of the dataset, in order of id."""
    return list_all(ask, Sources, attrgetter("sources"))


@endpoint(
    "/sources/{id}",
    "Get a source",
    ScoredSource,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-source", "unknown-dataset"),
)
def get_source(ask: Ask) -> ScoredSource:
    """Get a source: its publisher, who first published its figures, how to cite it, and its
    back-test scores."""
    faults, snapshot = ask.parse().faults, ask.store.snapshot
    source = faults.attempt(find_source, ask.id, snapshot, "id")
    faults.stop()
    assert source is not None  # otherwise `stop` raised
    return snapshot.scored(source)


def _filters(parsed: Parsed, ask: Ask) -> Filters:
    values, faults = parsed.values, parsed.faults
    place = (values["metro"] or "").casefold()
    is_beyond = place in BEYOND_METROS
    words = {**values, "metro": None} if is_beyond else values
    role, level, metro = match_words(words, vocabulary(ask.store), faults)
    return Filters(
        source=values["source"],
        topic=values["topic"],
        role=role[0].id if role else None,
        level=level[0].id if level else None,
        occupation=faults.attempt(_find_occupation, values["occupation"], ask.store.snapshot)
        if values["occupation"]
        else None,
        geography=metro[0].id if metro else place if is_beyond else None,
    )


def _find_occupation(code: str, snapshot: Snapshot) -> str:
    """Parse a SOC code, with or without its hyphen."""
    known = {id_.replace("-", ""): id_ for id_ in snapshot.occupations}
    if (digits := code.strip().replace("-", "")) in known:
        return known[digits]
    suggestions = nearest(printable(code), snapshot.occupations)
    raise invalid("occupation", "expected a SOC code with statistics in this dataset", suggestions)
