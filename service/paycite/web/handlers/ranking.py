"""`GET /ranking`: metros or states by what official statistics say of a role, and a map of them."""

from functools import partial
from operator import attrgetter
from typing import Annotated, cast

from litestar import Response
from msgspec import UNSET, Meta, Struct

from paycite.dataset.store import Store
from paycite.estimate.ranking import ranking as rank
from paycite.model.answer import Requested
from paycite.model.problem import Faults
from paycite.model.question import Question
from paycite.model.ranking import RankedBy, RankedKind, RankedPlace, Ranking
from paycite.model.vocabulary import NATION
from paycite.present.chart.answer import Theme
from paycite.present.chart.map import mapped, svg
from paycite.questions.parameters import DatasetParameters, Texts, given, invalid
from paycite.questions.question import read_pinned, vocabulary
from paycite.web.endpoints import REQUEST_PROBLEMS, reading
from paycite.web.handlers.formats import Drawing, Themed
from paycite.web.handlers.lists import Listed, Page, PageParameters, page_of
from paycite.web.respond import ApiRequest, Representation, asked_of, kept, send

_PATH, _MAP_PATH = "/ranking", "/ranking.svg"
_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "unknown-role", "unknown-level", "unknown-dataset"),
    "ambiguous-title",
)


_RoleText = Annotated[
    str,
    Meta(
        description="A role, as in /salary, without a level: official statistics have none.",
        examples=["mlops"],
    ),
]
_By = Annotated[
    RankedBy,
    Meta(
        description="What ranks the places, the highest first: a percentile of pay, the people in "
        "the occupations of the role, or the ratio of the median to the nation's."
    ),
]


class RankingParameters(PageParameters, frozen=True, kw_only=True):
    role: _RoleText
    by: _By = "median"
    kind: Annotated[RankedKind, Meta(description="Metropolitan areas, or states.")] = "metro"


class MapParameters(DatasetParameters, frozen=True, kw_only=True):
    role: _RoleText
    by: _By = "median"
    theme: Themed = UNSET


class _Rows(Page[RankedPlace], frozen=True, kw_only=True):
    pass


@reading(
    _PATH,
    summary="Rank metros or states for a role",
    answers=Ranking,
    parameters=RankingParameters,
    problems=_PROBLEMS,
)
async def ranking(request: ApiRequest) -> Response[bytes]:
    """Official percentiles and employment of a role's occupations, place by place: only of places
    for which all of them were released."""
    asked = await asked_of(request)
    made = await kept(
        request,
        (asked.store, _PATH, asked.query_string),
        partial(_represented, asked.store, asked.query_string),
    )
    return send(request, made, asked.store, asked.cache_control)


@reading(
    _MAP_PATH,
    summary="/ranking as a map",
    answers=str,
    media_type="image/svg+xml",
    parameters=MapParameters,
    problems=_PROBLEMS,
    same_problems_as=_PATH,
)
async def ranking_svg(request: ApiRequest) -> Response[bytes]:
    """All metros of /ranking as a map, with its citation: an SVG, which follows the viewer's colour
    scheme."""
    asked = await asked_of(request)
    made = await kept(
        request,
        (asked.store, _MAP_PATH, asked.query_string),
        partial(_drawn, asked.store, asked.query_string, request.app.state.drawing),
        one_at_a_time=True,
    )
    return send(request, made, asked.store, asked.cache_control)


def _represented(store: Store, query_string: bytes) -> Representation:
    return Representation.of(ranked(store, given(query_string)))


def _drawn(store: Store, query_string: bytes, drawing: Drawing) -> Representation:
    texts = given(query_string)
    whole = _read(store, texts, MapParameters)[0]
    (theme,) = cast("tuple[Theme | None]", texts.get("theme", [None]))  # it was read
    drawn = drawing.draw(svg, whole, mapped(store.snapshot), theme)
    assert isinstance(drawn, str)
    return Representation.of_bytes(drawn.encode(), "image/svg+xml")


def ranked(store: Store, texts: Texts) -> Ranking:
    """The page of the ranking that the parameters ask for; Refusal for what is wrong with them."""
    whole, listed = _read(store, texts, RankingParameters)
    page = page_of(_Rows, whole.items, listed, attrgetter("metro.id"))
    return whole.page(page.items, page.next)


def _read(store: Store, texts: Texts, parameters: type[Struct]) -> tuple[Ranking, Listed]:
    """The whole ranking, and what was asked of it."""
    faults, snapshot = Faults(), store.snapshot
    values = read_pinned(parameters, texts, snapshot, faults)
    role = values["role"]
    title = faults.attempt(vocabulary(store).parse_title, role) if role else None
    if title and title[1]:
        faults.extend(invalid("role", "official statistics are of no level; leave it out").faults)
    faults.stop()
    assert title  # or there was a fault
    question = Question(
        requested=Requested(role=role),
        matches=(title[0][1],),
        role=title[0][0],
        level=None,
        metro=snapshot.metros[NATION],
        offer=None,
        sources=frozenset(),
        strict=False,
    )
    whole = rank(question, values.get("kind", "metro"), values["by"], snapshot)
    return whole, Listed(_PATH, texts, values)
