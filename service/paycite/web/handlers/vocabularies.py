"""`/roles`, `/levels`, `/metros` and `/match`: the words, and how text is read into them."""

from operator import attrgetter
from typing import Annotated

from litestar import Response
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.figure import Figure, Rule
from paycite.model.problem import Fault, Refusal
from paycite.model.vocabulary import Level, Match, Metro, MetroKind, Role, normal
from paycite.questions.parameters import DatasetParameters, invalid, refuse_unreadable
from paycite.questions.question import read_words, vocabulary
from paycite.web.endpoints import REQUEST_PROBLEMS, reading
from paycite.web.handlers.lists import Page, PageParameters, asked, every, page_of
from paycite.web.respond import ApiRequest


class Roles(Page[Role], frozen=True, kw_only=True):
    """Roles, in order of id."""


class Levels(Page[Level], frozen=True, kw_only=True):
    """Levels, the lowest first."""


class Metros(Page[Metro], frozen=True, kw_only=True):
    """Metros, in order of id."""


class RuleThere(Struct, frozen=True, kw_only=True):
    """A rule, with the figure that states it."""

    rule: Rule
    figure: Figure


class MetroThere(Struct, frozen=True, kw_only=True):
    metro: Metro
    rules: Annotated[tuple[RuleThere, ...], Meta(description="The rules that apply there.")]


class Readings(Struct, frozen=True, kw_only=True):
    matches: tuple[Match, ...]


class MetroParameters(PageParameters, frozen=True, kw_only=True):
    prefix: (
        Annotated[
            str,
            Meta(description="How the id, a name, an alias or the code begins.", examples=["san "]),
        ]
        | UnsetType
    ) = UNSET
    kind: Annotated[MetroKind, Meta(description="Only places of this kind.")] | UnsetType = UNSET


class MatchParameters(DatasetParameters, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A title, as in /salary.")] | UnsetType = UNSET
    level: Annotated[str, Meta(description="A level, as in /salary.")] | UnsetType = UNSET
    metro: Annotated[str, Meta(description="A place, as in /salary.")] | UnsetType = UNSET


@reading(
    "/roles",
    summary="List roles",
    answers=Roles,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
async def list_roles(request: ApiRequest) -> Response[bytes]:
    """The roles, with their titles and the nearest occupations."""
    return await every(request, Roles, attrgetter("roles"))


@reading(
    "/levels",
    summary="List levels",
    answers=Levels,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
async def list_levels(request: ApiRequest) -> Response[bytes]:
    """The levels, with what people write for them."""
    return await every(request, Levels, attrgetter("levels"))


@reading(
    "/metros",
    summary="Find metros",
    answers=Metros,
    parameters=MetroParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
async def list_metros(request: ApiRequest) -> Response[bytes]:
    """The nation, states, metropolitan and nonmetropolitan areas, and regions of metros; those of
    a kind, those that a prefix begins."""
    question = await asked(request, MetroParameters)
    question.faults.stop()
    prefix = normal(question.values["prefix"] or "")
    if question.values["prefix"] and not prefix:
        raise invalid("prefix", "it has no letter and no digit")
    found = [
        metro
        for metro in question.store.snapshot.metros.values()
        if question.values["kind"] in (None, metro.kind) and _begins(metro, prefix)
    ]
    return question.answer(page_of(Metros, found, question, attrgetter("id")))


def _begins(metro: Metro, prefix: str) -> bool:
    names = (metro.id, metro.name, *metro.cities, *metro.cbsa_codes, *metro.aliases)
    return any(normal(name).startswith(prefix) for name in names)


@reading(
    "/metros/{id:str}",
    summary="One metro",
    answers=MetroThere,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-metro", "unknown-dataset", "ambiguous-metro"),
)
async def get_metro(request: ApiRequest, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """A metro by its id, code or name, with the rules of sources that apply there."""
    question = await asked(request, DatasetParameters)
    snapshot = question.store.snapshot
    question.faults.attempt(refuse_unreadable, "id", id)
    question.faults.stop()
    found = question.faults.attempt(vocabulary(question.store).parse_metro, id)
    question.faults.stop()
    assert found is not None  # else it was refused
    rules = tuple(
        RuleThere(rule=rule, figure=snapshot.figures[rule.figure_id])
        for rule in snapshot.rules
        if found[0].id in rule.metros
    )
    return question.answer(MetroThere(metro=found[0], rules=rules))


@reading(
    "/match",
    summary="Read a title, a level, a place",
    answers=Readings,
    parameters=MatchParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters", "unknown-role"),
        *("unknown-level", "unknown-metro", "unknown-dataset", "ambiguous-title"),
        "ambiguous-metro",
    ),
)
async def match(request: ApiRequest) -> Response[bytes]:
    """How text is read, by what method, how surely, and what else it may mean."""
    question = await asked(request, MatchParameters)
    names, faults = vocabulary(question.store), question.faults
    values = question.values
    if not (values["role"] or values["level"] or values["metro"] or faults):
        detail = "One of role, level and metro is needed."
        raise Refusal([Fault(type="missing-parameter", parameter="role", detail=detail)])
    readings = read_words(values, names, faults)
    faults.stop()
    return question.answer(Readings(matches=tuple(reading[1] for reading in readings if reading)))
