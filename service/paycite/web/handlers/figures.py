"""`/figures` and `/sources`: what the dataset holds, as it was published."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Annotated, Any

from anyio.to_thread import run_sync
from litestar import Response
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from paycite.dataset.store import Filters, Store
from paycite.match import nearest
from paycite.model.figure import Figure, Source, Topic
from paycite.model.problem import Faults
from paycite.model.score import ScoredSource
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import BEYOND_METROS
from paycite.questions.parameters import DatasetParameters, invalid, printable
from paycite.questions.question import known_figure, known_source, read_words, vocabulary
from paycite.web.endpoints import REQUEST_PROBLEMS, reading
from paycite.web.handlers.lists import Page, PageParameters, asked, every, first_page, refuse_after
from paycite.web.respond import ApiRequest


class FigureParameters(PageParameters, frozen=True, kw_only=True):
    source: Annotated[str, Meta(description="A source id.")] | UnsetType = UNSET
    topic: Annotated[Topic, Meta(description="What kind of statement.")] | UnsetType = UNSET
    role: Annotated[str, Meta(description="A role, as in /salary.")] | UnsetType = UNSET
    occupation: (
        Annotated[
            str, Meta(description="A SOC code, of official statistics.", examples=["15-2051"])
        ]
        | UnsetType
    ) = UNSET
    level: (
        Annotated[str, Meta(description="A level, as in /salary; that of the figure itself.")]
        | UnsetType
    ) = UNSET
    metro: (
        Annotated[
            str,
            Meta(
                description="A metro, as in /salary; or `world`, or `unstated`. That of the figure "
                "itself: a rule that carries it elsewhere is a figure of its own."
            ),
        ]
        | UnsetType
    ) = UNSET


class Figures(Page[Figure], frozen=True, kw_only=True):
    """Figures, in order of id."""


class Sources(Page[Source], frozen=True, kw_only=True):
    """Sources, in order of id."""


@reading(
    "/figures",
    summary="List figures",
    answers=Figures,
    parameters=FigureParameters,
    problems=(
        *(*REQUEST_PROBLEMS, "conflicting-parameters", "unknown-role", "unknown-level"),
        *("unknown-metro", "unknown-source", "unknown-dataset", "ambiguous-title"),
        "ambiguous-metro",
    ),
)
async def list_figures(request: ApiRequest) -> Response[bytes]:
    """The figures of the dataset, each as published, in order of id."""
    question = await asked(request, FigureParameters)
    values, store = question.values, question.store
    filters = _filters(values, store, question.faults)
    # A query of DuckDB takes longer than the event loop should wait.
    if values["after"] and await run_sync(store.figure, values["after"]) is None:
        question.faults.attempt(refuse_after)
    question.faults.stop()
    found = await run_sync(store.figures, filters, values["after"], values["limit"] + 1)
    return question.answer(first_page(Figures, found, question, attrgetter("id")))


@reading(
    "/figures/{id:str}",
    summary="One figure",
    answers=Figure,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-figure", "unknown-dataset"),
)
async def get_figure(request: ApiRequest, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """A figure with its citation."""
    question = await asked(request, DatasetParameters)
    figure = await run_sync(question.faults.attempt, known_figure, id, question.store, "id")
    question.faults.stop()
    return question.answer(figure)


@reading(
    "/sources",
    summary="List sources",
    answers=Sources,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
async def list_sources(request: ApiRequest) -> Response[bytes]:
    """The sources of the dataset, in order of id."""
    return await every(request, Sources, attrgetter("sources"))


@reading(
    "/sources/{id:str}",
    summary="One source",
    answers=ScoredSource,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-source", "unknown-dataset"),
)
async def get_source(request: ApiRequest, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """A source: who published it, who first said it, how to cite it, and what back-tests found."""
    question = await asked(request, DatasetParameters)
    snapshot = question.store.snapshot
    source = question.faults.attempt(known_source, id, snapshot, "id")
    question.faults.stop()
    assert source is not None  # or there was a fault
    return question.answer(snapshot.scored(source))


def _filters(values: Mapping[str, Any], store: Store, faults: Faults) -> Filters:
    place = (values["metro"] or "").casefold()
    is_beyond = place in BEYOND_METROS
    words = {**values, "metro": None} if is_beyond else values
    role, level, metro = read_words(words, vocabulary(store), faults)
    return Filters(
        source=values["source"],
        topic=values["topic"],
        role=role[0].id if role else None,
        level=level[0].id if level else None,
        occupation=faults.attempt(_known_occupation, values["occupation"], store.snapshot)
        if values["occupation"]
        else None,
        geography=metro[0].id if metro else place if is_beyond else None,
    )


def _known_occupation(code: str, snapshot: Snapshot) -> str:
    """As SOC writes it, or without the hyphen."""
    known = {id_.replace("-", ""): id_ for id_ in snapshot.occupations}
    if (digits := code.strip().replace("-", "")) in known:
        return known[digits]
    suggestions = nearest(printable(code), snapshot.occupations)
    raise invalid("occupation", "it is no SOC code with statistics here", suggestions)
