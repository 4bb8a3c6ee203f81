"""`/figures` and `/sources`: what the dataset holds, as it was published."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from litestar import Response
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from service.api.http import ApiRequest, Representation, datasets, send
from service.api.operations import reading
from service.api.parameters import given, printable, read, refuse_parameters
from service.api.salary import known_source, vocabulary
from service.dataset.store import Filters, Store
from service.match import nearest
from service.model.figure import Figure, Source, Topic
from service.model.problem import Fault, Faults, Refusal
from service.model.vocabulary import BEYOND_METROS

Limit = Annotated[int, Meta(ge=1, le=1_000, description="Items a page.")]
After = Annotated[str, Meta(description="The id that the page before ended with.")]
Item = TypeVar("Item", Figure, Source)


class PageParameters(Struct, frozen=True, kw_only=True):
    limit: Limit = 100
    after: After | UnsetType = UNSET


class FigureParameters(PageParameters, frozen=True, kw_only=True):
    source: Annotated[str, Meta(description="A source id.")] | UnsetType = UNSET
    topic: Annotated[Topic, Meta(description="What kind of statement.")] | UnsetType = UNSET
    role: Annotated[str, Meta(description="A role, as in /salary.")] | UnsetType = UNSET
    level: Annotated[str, Meta(description="A level, as in /salary.")] | UnsetType = UNSET
    metro: (
        Annotated[str, Meta(description="A metro, as in /salary; or `world`, or `unstated`.")]
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
    problems=(400, 404, 422),
    sync_to_thread=True,
)
def list_figures(request: ApiRequest) -> Response[bytes]:
    """The figures of the dataset, each as published, in order of id."""
    faults = Faults()
    texts = given(request.scope["query_string"])
    values = read(FigureParameters, texts, faults)
    store = datasets(request).current
    filters = _filters(values, store, faults)
    faults.stop()
    found = store.figures(filters, values["after"], values["limit"] + 1)
    items, next_ = _page(request, texts, found, values["limit"])
    return send(request, Representation.of(Figures(items=items, next=next_)), store)


def _filters(values: Mapping[str, Any], store: Store, faults: Faults) -> Filters:
    names, snapshot = vocabulary(store), store.snapshot
    role, level, metro, source = (values[name] for name in ("role", "level", "metro", "source"))
    read_role = faults.attempt(names.roles.read, role) if role else None
    read_level = faults.attempt(names.levels.read, level) if level else None
    is_metro = metro and metro not in BEYOND_METROS
    read_metro = faults.attempt(names.metros.read, metro) if is_metro else None
    if source:
        faults.attempt(known_source, source, snapshot)
    return Filters(
        source=source,
        topic=values["topic"],
        role=read_role[0].id if read_role else None,
        level=read_level[0].id if read_level else None,
        geography=read_metro[0].id if read_metro else metro,
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


@reading("/figures/{figure_id:str}", summary="One figure", answers=Figure, problems=(400, 404))
async def get_figure(request: ApiRequest, figure_id: FromPath[str]) -> Response[bytes]:
    """A figure with its citation."""
    refuse_parameters(request.scope["query_string"])
    store = datasets(request).current
    figures = store.snapshot.figures
    if figure_id not in figures:
        shown = printable(figure_id)
        raise Refusal(
            [
                Fault(
                    type="unknown-figure",
                    parameter="figure_id",
                    detail=f"No figure has the id {shown!r}.",
                    suggestions=nearest(shown, figures),
                )
            ]
        )
    return send(request, Representation.of(figures[figure_id]), store)


@reading(
    "/sources",
    summary="List sources",
    answers=Sources,
    parameters=PageParameters,
    problems=(400,),
)
async def list_sources(request: ApiRequest) -> Response[bytes]:
    """The sources of the dataset, in order of id."""
    faults = Faults()
    texts = given(request.scope["query_string"])
    values = read(PageParameters, texts, faults)
    faults.stop()
    store = datasets(request).current
    after = values["after"] or ""
    found = [source for id_, source in store.snapshot.sources.items() if id_ > after]
    items, next_ = _page(request, texts, found, values["limit"])
    return send(request, Representation.of(Sources(items=items, next=next_)), store)


@reading("/sources/{source_id:str}", summary="One source", answers=Source, problems=(400, 404))
async def get_source(request: ApiRequest, source_id: FromPath[str]) -> Response[bytes]:
    """A source: who published it, who first said it, how to cite it."""
    refuse_parameters(request.scope["query_string"])
    store = datasets(request).current
    source = known_source(source_id, store.snapshot)
    return send(request, Representation.of(source), store)
