"""`/figures` and `/sources`: what the dataset holds, as it was published."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from litestar import Response
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from service.api.http import ApiRequest, Representation, send, store_of
from service.api.operations import REQUEST_PROBLEMS, reading
from service.api.parameters import given, printable, read
from service.api.question import known_source, refuse_other_dataset, vocabulary
from service.dataset.store import Filters, Store
from service.match import nearest, unknown
from service.model.figure import Figure, Source, Topic
from service.model.problem import Faults
from service.model.snapshot import Snapshot
from service.model.vocabulary import BEYOND_METROS

Item = TypeVar("Item", Figure, Source)


class DatasetParameters(Struct, frozen=True, kw_only=True):
    dataset: (
        Annotated[str, Meta(description="A dataset version. Left out: the current one.")]
        | UnsetType
    ) = UNSET


class PageParameters(DatasetParameters, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=1_000, description="Items a page.")] = 100
    after: (
        Annotated[str, Meta(description="The id that the page before ended with.")] | UnsetType
    ) = UNSET


class FigureParameters(PageParameters, frozen=True, kw_only=True):
    source: Annotated[str, Meta(description="A source id.")] | UnsetType = UNSET
    topic: Annotated[Topic, Meta(description="What kind of statement.")] | UnsetType = UNSET
    role: Annotated[str, Meta(description="A role, as in /salary.")] | UnsetType = UNSET
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


class Figures(Struct, frozen=True, kw_only=True):
    items: tuple[Figure, ...]
    next: Annotated[str | None, Meta(description="The address of the next page, if any.")]


class Sources(Struct, frozen=True, kw_only=True):
    items: tuple[Source, ...]
    next: Annotated[str | None, Meta(description="The address of the next page, if any.")]


@reading(
    "/figures",
    summary="List figures",
    answers=Figures,
    parameters=FigureParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-role", "unknown-level", "unknown-metro",
              "unknown-source", "unknown-dataset", "ambiguous-title", "ambiguous-metro"),
)  # fmt: skip
async def list_figures(request: ApiRequest) -> Response[bytes]:
    """The figures of the dataset, each as published, in order of id."""
    texts, values, store, faults = await _asked(request, FigureParameters)
    filters = _filters(values, store, faults)
    faults.stop()
    # A query of DuckDB takes longer than the event loop should wait.
    found = await run_sync(store.figures, filters, values["after"], values["limit"] + 1)
    items, next_ = _page(request, texts, found, values["limit"])
    return send(request, Representation.of(Figures(items=items, next=next_)), store)


@reading(
    "/figures/{id:str}",
    summary="One figure",
    answers=Figure,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-figure", "unknown-dataset"),
)
async def get_figure(request: ApiRequest, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """A figure with its citation."""
    _, _, store, faults = await _asked(request, DatasetParameters)
    figure = faults.attempt(_known_figure, id, store.snapshot)
    faults.stop()
    return send(request, Representation.of(figure), store)


@reading(
    "/sources",
    summary="List sources",
    answers=Sources,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
async def list_sources(request: ApiRequest) -> Response[bytes]:
    """The sources of the dataset, in order of id."""
    texts, values, store, faults = await _asked(request, PageParameters)
    faults.stop()
    after = values["after"] or ""
    found = [source for id_, source in store.snapshot.sources.items() if id_ > after]
    items, next_ = _page(request, texts, found, values["limit"])
    return send(request, Representation.of(Sources(items=items, next=next_)), store)


@reading(
    "/sources/{id:str}",
    summary="One source",
    answers=Source,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-source", "unknown-dataset"),
)
async def get_source(request: ApiRequest, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """A source: who published it, who first said it, how to cite it."""
    _, _, store, faults = await _asked(request, DatasetParameters)
    source = faults.attempt(known_source, id, store.snapshot, "id")
    faults.stop()
    return send(request, Representation.of(source), store)


async def _asked(
    request: ApiRequest, parameters: type[DatasetParameters]
) -> tuple[dict[str, list[str]], dict[str, Any], Store, Faults]:
    """The parameters as text and as values, the dataset they ask for, and what is wrong so far."""
    faults = Faults()
    texts = given(request.scope["query_string"])
    values = read(parameters, texts, faults)
    store = await store_of(request, texts)
    if values["dataset"]:
        faults.attempt(refuse_other_dataset, values["dataset"], store.snapshot)
    return texts, values, store, faults


def _filters(values: Mapping[str, Any], store: Store, faults: Faults) -> Filters:
    names = vocabulary(store)
    role, level, metro, source = (values[name] for name in ("role", "level", "metro", "source"))
    title = faults.attempt(names.title, role) if role else None
    read_level = faults.attempt(names.level, level) if level else None
    beyond = metro.casefold() if metro and metro.casefold() in BEYOND_METROS else None
    read_metro = faults.attempt(names.metro, metro) if metro and not beyond else None
    if source:
        faults.attempt(known_source, source, store.snapshot, "source")
    return Filters(
        source=source,
        topic=values["topic"],
        role=title[0][0].id if title else None,
        level=read_level[0].id if read_level else None,
        geography=read_metro[0].id if read_metro else beyond,
    )


def _page(
    request: ApiRequest, texts: Mapping[str, Sequence[str]], found: Sequence[Item], limit: int
) -> tuple[tuple[Item, ...], str | None]:
    """The first `limit` of the items found, and the address of the next page if there are more."""
    items = tuple(found[:limit])
    if len(found) <= limit:
        return items, None
    query = {**texts, "after": [items[-1].id]}
    return items, f"{request.scope['path']}?{urlencode(query, doseq=True)}"


def _known_figure(id_: str, snapshot: Snapshot) -> Figure:
    if id_ in snapshot.figures:
        return snapshot.figures[id_]
    shown = printable(id_)
    raise unknown("figure", "id", shown, nearest(shown, snapshot.figures))
