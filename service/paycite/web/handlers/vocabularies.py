"""`/roles`, `/levels`, `/metros` and `/match`: the vocabularies, and matching text to them."""

from operator import attrgetter
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from paycite.match import nearest, unknown
from paycite.model.figure import Figure, Rule
from paycite.model.law import PayLaw
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Match, Metro, MetroKind, Occupation, Role, normal
from paycite.model.voice import VoiceKind
from paycite.posting.laws import find_laws
from paycite.questions.parameters import DatasetParameters, check_text, invalid, printable
from paycite.questions.question import match_words, vocabulary
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.lists import Page, PageParameters, build_page, list_all


class Roles(Page[Role], frozen=True, kw_only=True):
    """Roles, in order of id."""


class Levels(Page[Level], frozen=True, kw_only=True):
    """Levels, lowest first."""


class Metros(Page[Metro], frozen=True, kw_only=True):
    """Metros, in order of id."""


class RuleThere(Struct, frozen=True, kw_only=True):
    """A rule, with the figure that states it."""

    rule: Rule
    figure: Figure


class MetroThere(Struct, frozen=True, kw_only=True):
    metro: Metro
    rules: Annotated[tuple[RuleThere, ...], Meta(description="The rules that sources apply there.")]
    laws: Annotated[tuple[PayLaw, ...], Meta(description="The pay-transparency laws there.")]


class RoleSource(Struct, frozen=True, kw_only=True):
    source_id: str
    kind: Annotated[
        VoiceKind | None, Meta(description="What it prices the role by; null: related figures.")
    ]
    weight: Annotated[float | None, Meta(description="Its weight in estimates of the role.")]


class RoleThere(Struct, frozen=True, kw_only=True):
    role: Role
    occupations: Annotated[tuple[Occupation, ...], Meta(description="Those of `soc_codes`.")]
    sources: Annotated[
        tuple[RoleSource, ...], Meta(description="Sources with figures on the role, by weight.")
    ]


class Readings(Struct, frozen=True, kw_only=True):
    matches: tuple[Match, ...]


class MetroParameters(PageParameters, frozen=True, kw_only=True):
    prefix: (
        Annotated[
            str,
            Meta(
                description="The beginning of an id, a name, an alias or a code.", examples=["san "]
            ),
        ]
        | UnsetType
    ) = UNSET
    kind: Annotated[MetroKind, Meta(description="Only places of this kind.")] | UnsetType = UNSET


class MatchParameters(DatasetParameters, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A title, as in /salary.")] | UnsetType = UNSET
    level: Annotated[str, Meta(description="A level, as in /salary.")] | UnsetType = UNSET
    metro: Annotated[str, Meta(description="A place, as in /salary.")] | UnsetType = UNSET


@endpoint(
    "/roles",
    "List roles",
    Roles,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
def list_roles(ask: Ask) -> Roles:
    """List the roles, with their titles and the nearest occupations."""
    return list_all(ask, Roles, attrgetter("roles"))


@endpoint(
    "/roles/{id}",
    "Get a role",
    RoleThere,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-role", "unknown-dataset"),
)
def get_role(ask: Ask) -> RoleThere:
    """Get a role by its id, with its occupations and the sources that price it."""
    faults, snapshot = ask.parse().faults, ask.store.snapshot
    if ask.id not in snapshot.roles:
        shown = printable(ask.id)
        faults.extend(unknown("role", "id", shown, nearest(shown, snapshot.roles)).faults)
    faults.stop()
    role = snapshot.roles[ask.id]
    return RoleThere(
        role=role,
        occupations=tuple(snapshot.occupations[code] for code in role.soc_codes),
        sources=tuple(_sources_of(role, snapshot)),
    )


def _sources_of(role: Role, snapshot: Snapshot) -> list[RoleSource]:
    """The sources that price a role, then those with other figures on it."""
    priced = [
        RoleSource(source_id=one.source_id, kind=one.kind, weight=one.weight)
        for one in snapshot.weights_by_role.get(role.id, ())
    ]
    stated = {one.source_id for one in snapshot.figures_by_role.get(role.id, ())}
    stated |= {one.source_id for one in snapshot.distributions(role.id)}
    related = sorted(stated - {one.source_id for one in priced})
    return [*priced, *(RoleSource(source_id=id_, kind=None, weight=None) for id_ in related)]


@endpoint(
    "/levels",
    "List levels",
    Levels,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
def list_levels(ask: Ask) -> Levels:
    """List the levels, with their other names."""
    return list_all(ask, Levels, attrgetter("levels"))


@endpoint(
    "/metros",
    "Find metros",
    Metros,
    parameters=MetroParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
def list_metros(ask: Ask) -> Metros:
    """List the nation, states, metropolitan and nonmetropolitan areas, and regions of metros,
    filtered by kind and by the beginning of a name."""
    parsed = ask.parse()
    parsed.faults.stop()
    prefix = normal(parsed["prefix"] or "")
    if parsed["prefix"] and not prefix:
        raise invalid("prefix", "expected a letter or a digit")
    found = [
        metro
        for metro in ask.store.snapshot.metros.values()
        if parsed["kind"] in (None, metro.kind) and _begins_with(metro, prefix)
    ]
    return build_page(ask, parsed, Metros, found, attrgetter("id"))


def _begins_with(metro: Metro, prefix: str) -> bool:
    names = (metro.id, metro.name, *metro.cities, *metro.cbsa_codes, *metro.aliases)
    return any(normal(name).startswith(prefix) for name in names)


@endpoint(
    "/metros/{id}",
    "Get a metro",
    MetroThere,
    parameters=DatasetParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-metro", "unknown-dataset", "ambiguous-metro"),
)
def get_metro(ask: Ask) -> MetroThere:
    """Get a metro by its id, code or name, with the rules that sources apply there and the
    pay-transparency laws of the place."""
    faults, snapshot = ask.parse().faults, ask.store.snapshot
    faults.attempt(check_text, "id", ask.id)
    faults.stop()
    try:
        metro, _ = vocabulary(ask.store).parse_metro(ask.id)
    except Refusal as refusal:  # of the parameter `metro`, which this is not
        raise Refusal(structs.replace(one, parameter="id") for one in refusal.faults) from None
    rules = tuple(
        RuleThere(rule=rule, figure=snapshot.figures[rule.figure_id])
        for rule in snapshot.rules
        if metro.id in rule.metros
    )
    return MetroThere(metro=metro, rules=rules, laws=find_laws(metro, snapshot))


@endpoint(
    "/match",
    "Match a title, level or place",
    Readings,
    parameters=MatchParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters", "unknown-role"),
        *("unknown-level", "unknown-metro", "unknown-dataset", "ambiguous-title"),
        "ambiguous-metro",
    ),
)
def match(ask: Ask) -> Readings:
    """Match text to a role, level or metro, and report the method, the score and other possible
    meanings."""
    parsed = ask.parse()
    if not (parsed["role"] or parsed["level"] or parsed["metro"] or parsed.faults):
        detail = "Missing parameter: give at least one of role, level and metro."
        raise Refusal.of("missing-parameter", detail, parameter="role")
    found = match_words(parsed.values, vocabulary(ask.store), parsed.faults)
    parsed.faults.stop()
    return Readings(matches=tuple(one[1] for one in found if one))
