"""The pages of roles, levels and metros, and of matching text to them."""

from collections import defaultdict
from typing import get_args
from urllib.parse import urlencode

from paycite.model.law import MEANINGS, PayLaw
from paycite.model.money import in_percent
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, MetroKind, Role
from paycite.model.voice import VoiceKind
from paycite.present.html.records import (
    Card,
    Cell,
    Code,
    Form,
    FormField,
    Inline,
    Link,
    Quotation,
    Section,
    View,
    address,
    link_figure,
    link_level,
    link_metro,
    link_role,
    link_source,
    list_facts,
    tabulate,
)
from paycite.present.html.values import describe_published
from paycite.web.handlers import vocabularies
from paycite.web.handlers.record_pages.declare import record_page

_NO_OCCUPATION = "No official occupation"
_PRICED: dict[VoiceKind | None, str] = {
    "distribution": "Percentiles of the role",
    "official": "Official statistics of its occupations",
    "pool": "Pooled observations of the role",
    "band": "A published range",
    None: "Related figures only",
}
_KINDS: dict[MetroKind, str] = {
    "nation": "Nation",
    "region": "Region of metros",
    "metro": "Metropolitan area",
    "state": "State or territory",
    "nonmetro": "Nonmetropolitan area",
}
_METROS = Form(
    action="/metros.html",
    label="Find a place",
    button="Find",
    fields=(
        FormField(name="prefix", label="Begins with", hint="A name, city, alias or code"),
        FormField(
            name="kind",
            label="Kind",
            options=(("", "Any"), *((one, _KINDS[one]) for one in get_args(MetroKind))),
        ),
    ),
)
_MATCH = Form(
    action="/match.html",
    label="Match text",
    button="Match",
    fields=(
        FormField(name="role", label="Role", hint="A job title"),
        FormField(name="level", label="Level"),
        FormField(name="metro", label="Place"),
    ),
)


@record_page(vocabularies.list_roles, rows=1_000)
def _roles(found: vocabularies.Roles, snapshot: Snapshot) -> View:
    groups: defaultdict[str, list[Role]] = defaultdict(list)
    for role in found.items:
        groups[role.soc_codes[0] if role.soc_codes else ""].append(role)
    largest = sorted(groups, key=lambda code: (not code, -len(groups[code]), code))
    cards = tuple(
        Card(
            snapshot.occupations[code].title if code else _NO_OCCUPATION,
            tuple(map(link_role, sorted(groups[code], key=lambda role: role.title))),
        )
        for code in largest
    )
    return View(
        title="Roles",
        lead=("Each by the official occupation nearest to it.",),
        sections=(Section(title="By occupation", cards=cards),),
    )


@record_page(vocabularies.get_role)
def _role(found: vocabularies.RoleThere, snapshot: Snapshot) -> View:
    role = found.role
    shares = zip(found.occupations, role.soc_shares, strict=True)
    occupations = [
        (Link(one.title, address("/figures", occupation=one.id)), one.id, in_percent(share))
        for one, share in shares
    ]
    sources = [_source_of(role, one, snapshot) for one in found.sources]
    sections = (
        Section(
            title="Occupations",
            text=(role.soc_reason[:1].upper() + role.soc_reason[1:] + ".",),
            table=tabulate(("Occupation", "SOC code", "Share"), occupations)
            if occupations
            else None,
        ),
        Section(
            title="Sources",
            text=() if sources else ("No source has figures on this role.",),
            table=tabulate(("Source", "What it has", "Weight", "Figures"), sources)
            if sources
            else None,
        ),
        Section(
            title="Other titles",
            text=("; ".join(role.titles) + "." if role.titles else "None.",),
        ),
    )
    return View(
        title=role.title,
        links=tuple(
            Link(text, address(path, role=role.id))
            for text, path, is_there in (
                ("What it pays", "/salary", role.id in snapshot.weights_by_role),
                ("Where it pays best", "/ranking", role.soc_codes),
                ("All of its figures", "/figures", found.sources),
            )
            if is_there
        ),
        sections=sections,
    )


def _source_of(role: Role, one: vocabularies.RoleSource, snapshot: Snapshot) -> tuple[Cell, ...]:
    source = snapshot.sources[one.source_id]
    query = {"occupation": role.soc_codes[0]} if one.kind == "official" else {"role": role.id}
    return (
        link_source(source),
        _PRICED[one.kind],
        in_percent(one.weight) if one.weight else "",
        Link(source.publisher, address("/figures", source=source.id, **query)),
    )


@record_page(vocabularies.list_levels)
def _levels(found: vocabularies.Levels, snapshot: Snapshot) -> View:
    rows = [
        (one.title, _years(one, found.items), "; ".join(one.aliases), "; ".join(one.suffixes))
        for one in found.items
    ]
    columns = ("Level", "Years of experience", "Other names", "At the end of a title")
    return View(
        title="Levels",
        lead=("From the lowest to the highest, with the words that mean them.",),
        sections=(Section(table=tabulate(columns, rows, [one.id for one in found.items])),),
    )


def _years(level: Level, levels: tuple[Level, ...]) -> str:
    """Write which years point to a level: "2 to 4". Levels that begin with the same number of
    years as a lower one need their name."""
    starts = sorted({one.min_years for one in levels})
    first = next(one for one in levels if one.min_years == level.min_years)
    if level.id != first.id:
        return "Only by its name"
    above = [start for start in starts if start > level.min_years]
    return f"{level.min_years} to {above[0] - 1}" if above else f"{level.min_years} and more"


@record_page(vocabularies.list_metros, _METROS)
def _metros(found: vocabularies.Metros, snapshot: Snapshot) -> View:
    rows = [
        (link_metro(one), _KINDS[one.kind], "; ".join(one.cbsa_codes), Code(one.id))
        for one in found.items
    ]
    table = tabulate(("Place", "Kind", "CBSA codes", "Id"), rows)
    lead = (
        "The nation, states, metropolitan and other areas, and regions of metros."
        if rows
        else "No place starts with that."
    )
    return View(title="Places", lead=(lead,), sections=(Section(table=table),) if rows else ())


@record_page(vocabularies.get_metro)
def _metro(found: vocabularies.MetroThere, snapshot: Snapshot) -> View:
    metro = found.metro
    state = snapshot.states.get(metro.state or "")
    facts = list_facts(
        ("Kind", _KINDS[metro.kind]),
        ("Id", Code(metro.id)),
        ("CBSA codes", metro.cbsa_codes),
        ("Area of BLS statistics", metro.area_code),
        ("State", link_metro(state) if state and state.id != metro.id else None),
        ("Cities", metro.cities),
        ("Other names", "; ".join(metro.aliases)),
    )
    rules = [_rule(one, snapshot) for one in found.rules]
    laws = [_law(law) for law in found.laws]
    sections = [Section(facts=facts)]
    if rules:
        columns = ("Rule", "As published", "How Paycite reads it", "Source")
        sections.append(Section(title="Rules of sources", table=tabulate(columns, rules)))
    sections.append(
        Section(
            title="Pay-transparency laws",
            text=("The list may be incomplete, and is not legal advice.",)
            if laws
            else ("None is listed here, which does not mean that there is none.",),
            table=tabulate(("Law", "Employers", "In effect", "Requires", "Source"), laws)
            if laws
            else None,
        )
    )
    return View(
        title=metro.name,
        links=(
            Link("What a role pays here", f"/?{urlencode({'metro': metro.id})}"),
            Link("Figures here", address("/figures", metro=metro.id)),
        ),
        sections=tuple(sections),
    )


def _rule(one: vocabularies.RuleThere, snapshot: Snapshot) -> tuple[Cell, ...]:
    source = snapshot.sources[one.rule.source_id]
    return (
        link_figure(one.figure),
        describe_published(one.figure),
        one.rule.note,
        link_source(source, source.publisher),
    )


def _law(law: PayLaw) -> tuple[Cell, ...]:
    return (
        f"{law.name}: {law.statute}",
        law.applies_to,
        str(law.effective),
        " ".join(MEANINGS[item] for item in law.requires),
        Link(law.source_publisher, law.source_url),
    )


@record_page(vocabularies.match, _MATCH, needs_query=True)
def _match(found: vocabularies.Readings | None, snapshot: Snapshot) -> View:
    title, lead = "How text is matched", "How Paycite interprets a title, level or place."
    if found is None:
        return View(title=title, lead=(lead,))
    rows = [
        (
            Quotation(one.query or ""),
            _link_match(one.dimension, one.id, snapshot),
            one.method,
            f"{one.score:g}",
            tuple(_link_match(one.dimension, id_, snapshot) for id_ in one.alternatives),
        )
        for one in found.matches
    ]
    table = tabulate(("Text", "Match", "Method", "Score", "Or"), rows)
    return View(title=title, lead=(lead,), sections=(Section(table=table),))


def _link_match(dimension: str, id_: str, snapshot: Snapshot) -> Inline:
    if dimension == "role":
        return link_role(snapshot.roles[id_])
    if dimension == "level":
        return link_level(snapshot.levels[id_])
    return link_metro(snapshot.metros[id_])


PAGES = (_roles, _role, _levels, _metros, _metro, _match)
