"""Answers as HTML pages, by templates that escape every value."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from markupsafe import escape
from msgspec import Meta, Struct, structs, to_builtins

from paycite.estimate.quote import (
    describe_job,
    describe_question,
    describe_range,
    describe_scope,
    name_percentiles,
    summarize,
)
from paycite.model.answer import Answer, Chain, Difference, Used, citations
from paycite.model.comparison import Outcome, Refused
from paycite.model.figure import Citation, Source
from paycite.model.money import (
    in_dollars,
    in_percent,
    in_percentile,
    per_period,
    percentiles_in_dollars,
    range_in_dollars,
)
from paycite.model.problem import Fault, Problem
from paycite.model.ranking import Ranking
from paycite.model.role_pay import RolesPay
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Match, describe_place
from paycite.present.chart.answer import UNUSED
from paycite.present.chart.fluid import draw_fluid
from paycite.present.citations import (
    cited_source_ids,
    describe_operation,
    list_figures,
    used_chains,
    write_citation,
)
from paycite.present.formats import FORMATS
from paycite.present.html import records
from paycite.present.html.comparison import MOST_DRAWN, draw_comparison, place_in_market
from paycite.present.html.embedding import (
    embed_parameters,
    parse_theme,
    question_parameters,
    write_element,
)
from paycite.present.html.ranking import ranking_values
from paycite.present.html.role_pay import role_pay_values
from paycite.present.html.words import LABELS, describe_fault, describe_title

if TYPE_CHECKING:
    from jinja2 import Environment

_EXAMPLES = (
    ("MLOps engineer, mid-level, New York", {"role": "mlops", "level": "mid", "metro": "nyc"}),
    ("“Senior Data Scientist”, Austin", {"role": "Senior Data Scientist", "metro": "Austin, TX"}),
    ("“Staff Machine Learning Engineer”", {"role": "Staff Machine Learning Engineer"}),
    (
        "Software engineer in 94107, offered $150,000 to $180,000",
        {"role": "software-engineer", "metro": "94107", "offer": "150-180k"},
    ),
)

EMBED_WIDTH, EMBED_HEIGHT = 480, 320  # of a frame, in pixels, unless requested otherwise
_CACHE_AGE = 86_400
_TEMPLATES = Path(__file__).with_name("templates")

Asked = Mapping[str, Sequence[str]]


class Site(Struct, frozen=True):
    """The address of the site, and the choices of its forms."""

    base: str  # scheme and host, without a path
    snapshot: Snapshot


def home_page(site: Site, asked: Asked) -> str:
    examples = [(label, _address("/salary.html", asked)) for label, asked in _EXAMPLES]
    roles = sorted((role.title, role.id) for role in site.snapshot.roles.values())
    priced = site.snapshot.weights_by_role
    all_roles = [
        (title, _address("/salary.html", {"role": id_}) if id_ in priced else f"/roles/{id_}.html")
        for title, id_ in roles
    ]
    return render("home.html", site, asked, examples=examples, all_roles=all_roles)


def docs_page(site: Site) -> str:
    """The page in which Swagger UI shows the API."""
    return render("docs.html", site, {})


def sign_in_page(site: Site, fault: str = "") -> str:
    """The page that takes an API key; `fault` says why the last one was refused."""
    return render("login.html", site, {}, fault=fault)


def salary_page(site: Site, asked: Asked, answer: Answer) -> str:
    """The page of an answer; `asked` has the request parameters."""
    return render(
        "salary.html",
        site,
        asked,
        answer=answer,
        title=describe_question(answer.used),
        meant=other_meanings("/salary.html", asked, answer.matches, answer.used),
        how=_explain(answer),
        reasons=[_reasons(chain, answer) for chain in answer.chains],
        others=_other_differences(answer),
        picture=draw_fluid(answer),
        caveats=list(dict.fromkeys(one for chain in answer.chains for one in chain.caveats)),
        frame=_frame(site, asked, answer, "100%", EMBED_HEIGHT),
        links=links(site, asked, answer),
        publisher={source.id: source.publisher for source in answer.sources}.__getitem__,
        figures=_figures_by_source(answer),
        unused=UNUSED,
    )


def other_meanings(
    path: str, asked: Asked, matches: Iterable[Match], used: Used | None = None
) -> Iterator[tuple[Match, dict[str, str]]]:
    """Yield each match that may mean something else: the address that asks for it, by id."""
    # A title may have stated the level.
    level = {"level": [used.level.id]} if used and used.level else {}
    kept = asked if asked.keys() & {"level", "years"} else {**asked, **level}
    for match in matches:
        if others := match.alternatives:
            yield match, {id_: _address(path, {**kept, match.dimension: [id_]}) for id_ in others}


def _reasons(chain: Chain, answer: Answer) -> Sequence[str]:
    """Why a source differs from the estimate. Its weight is shown beside it, and that it has its
    own data and method, the last reason, is true of all."""
    differences = answer.disagreement.differences if answer.disagreement else ()
    ends = (chain.range.min, chain.range.max)
    first = list_figures([chain])[0].figure_id
    for one in differences:
        if (one.range.min, one.range.max) == ends and one.figure.figure_id == first:
            return one.reasons[bool(chain.weight) : -1]
    return ()


def _other_differences(answer: Answer) -> list[Difference]:
    """The differences of figures that are neither in a chain nor listed as related."""
    shown = {one.figure_id for one in citations(answer.chains, answer.context, None)}
    differences = answer.disagreement.differences if answer.disagreement else ()
    return [one for one in differences if one.figure.figure_id not in shown]


def _figures_by_source(answer: Answer) -> Mapping[str, Mapping[str, list[tuple[Citation, str]]]]:
    """Every figure of the answer once, with the end of its locator: by its source, and by the
    beginning of the locator, which for a computed figure is the long text of its method."""
    found: dict[str, dict[str, list[tuple[Citation, str]]]] = {}
    for one in list_figures(answer.chains):
        method, _, end = one.locator.rpartition("; ")
        found.setdefault(one.source_id, {}).setdefault(method, []).append((one, end))
    return found


def _explain(answer: Answer) -> str:
    """Explain the estimate in a few sentences."""
    publishers = {source.id: source.publisher for source in answer.sources}
    used = used_chains(answer)
    if len(used) == 1:
        return f"This is the pay that one source gives: {publishers[used[0].source_id]}."
    named = [f"{publishers[chain.source_id]} ({in_percent(chain.weight)})" for chain in used]
    return (
        f"{len(used)} sources price this role: {', '.join(named[:-1])} and {named[-1]}. Figures "
        "for another place, level or group of occupations are adjusted to this one by published or "
        "computed ratios. The estimate is the average of the results (a geometric mean) with these "
        "weights."
    )


def compare_page(site: Site, asked: Asked, outcomes: Sequence[Outcome]) -> str:
    """The page of a comparison; without outcomes, only its form."""
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    path = "/salary/compare"
    pinned = {**asked, "dataset": [site.snapshot.version]}
    return render(
        "compare.html",
        site,
        asked,
        outcomes=outcomes,
        sources=cited_sources(answers),
        publishers={one.id: one.publisher for answer in answers for one in answer.sources},
        meant=_other_meanings_of(answers),
        links=_formats(path, pinned)
        | {
            "pinned": _address(f"{path}.html", pinned),
            "share": _address(f"{path}.png", {**pinned, "size": ["share"]}),
        },
        instead=partial(instead_of, f"{path}.html", asked),
        drawn=draw_comparison(answers),
        answered=len(answers),
        most_drawn=MOST_DRAWN,
    )


def _other_meanings_of(answers: Iterable[Answer]) -> Iterator[tuple[Match, dict[str, str]]]:
    """Yield each match of several answers once, with addresses of answers."""
    seen = set[Match]()
    for one in answers:
        for match, others in other_meanings(
            "/salary.html", to_builtins(one.requested), one.matches, one.used
        ):
            if match not in seen:
                seen.add(match)
                yield match, others


def cited_sources(answers: Sequence[Answer]) -> list[Source]:
    """The sources of the estimates, by id."""
    sources = {source.id: source for answer in answers for source in answer.sources}
    cited = {id_ for answer in answers for id_ in _estimate_source_ids(answer)}
    return [sources[id_] for id_ in sorted(cited)]


def ranking_page(
    site: Site, asked: Asked, ranking: Ranking | None, whole: Ranking | None = None
) -> str:
    """The page of a ranking; without one, only its form. `whole` has the places of all pages."""
    values = ranking_values(asked, ranking, whole, site.snapshot)
    meant = other_meanings("/ranking.html", asked, ranking.matches) if ranking else ()
    return render("ranking.html", site, asked, **values, meant=meant)


def pay_page(site: Site, asked: Asked, priced: RolesPay) -> str:
    """The page of what every role pays in a place."""
    meant = other_meanings("/pay.html", asked, priced.matches)
    return render("role_pay.html", site, asked, **role_pay_values(asked, priced), meant=meant)


def record_page(
    site: Site, asked: Asked, view: records.View, form: records.Form | None, json: str | None
) -> str:
    """The page of a record or a list; `json` is the address of the same as JSON."""
    return render("record.html", site, asked, **records.record_values(asked, view, form, json))


def problem_page(
    site: Site, asked: Asked, problem: Problem, template: str, form: records.Form | None = None
) -> str:
    """The page of a problem, with the form to try again: its template, and its fields if they are
    declared. The `instance` of the problem is the path of the page."""
    return render(
        "problem.html",
        site,
        asked,
        problem=problem,
        form_template=template,
        form=form,
        instead=partial(instead_of, problem.instance, asked),
    )


def instead_of(
    path: str, asked: Asked, fault: Fault, suggestion: str, text: str | None = None
) -> str | None:
    """The address with a suggestion in place of the faulty value. `text` is that value if the
    parameter is repeated. None if it is not known which value is at fault."""
    name = fault.parameter or ""
    if name == "id":  # in the path
        page = f"{path.rpartition('/')[0]}/{quote(suggestion, errors='replace')}.html"
        return records.pin(page, asked)
    if text is None and len(asked.get(name, ())) == 1:
        text = asked[name][0]
    if text is None or text == suggestion:
        return None
    if fault.type == "unknown-parameter":
        renamed = {suggestion if other == name else other: asked[other] for other in asked}
        return _address(path, renamed) if len(renamed) == len(asked) else None
    replaced = [suggestion if one == text else one for one in asked[name]]
    return _address(path, {**asked, name: list(dict.fromkeys(replaced))})


def embed(site: Site, asked: Asked, answer: Answer) -> str:
    """The page of an answer inside a frame."""
    found = links(site, question_parameters(asked), answer)
    return render("embed.html", site, asked, answer=answer, links=found, theme=parse_theme(asked))


def embed_problem(site: Site, asked: Asked, problem: Problem) -> str:
    return render("embed.html", site, {}, problem=problem, theme=parse_theme(asked))


def embed_page(site: Site, asked: Asked, answer: Answer | None) -> str:
    """The page that previews an embedded answer; without an answer, only its form."""
    if answer is None:
        return render("embedding.html", site, asked, answer=None)
    parameters, width = embed_parameters(asked), asked.get("width", ["100%"])[0]
    found = links(site, question_parameters(asked), answer)
    return render(
        "embedding.html",
        site,
        asked,
        answer=answer,
        preview={"address": _address("/embed", parameters), "width": width, "height": EMBED_HEIGHT},
        frame=_frame(site, parameters, answer, width, EMBED_HEIGHT),
        element=write_element(site.base, asked),
        page=site.base + found["page"],
        links=found,
    )


class Oembed(Struct, frozen=True, kw_only=True):
    """oEmbed 1.0, of the type `rich`."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    provider_name: str
    provider_url: str
    title: str
    description: Annotated[str, Meta(description="The quote of the answer.")]
    html: Annotated[str, Meta(description="An iframe that embeds the answer.")]
    width: int
    height: int
    cache_age: Annotated[int, Meta(description="In seconds.")]


def oembed(site: Site, asked: Asked, answer: Answer, width: int, height: int) -> Oembed:
    return Oembed(
        provider_name="Paycite",
        provider_url=site.base,
        title=_title(answer),
        description=answer.quote,
        html=_frame(site, asked, answer, str(width), height),
        width=width,
        height=height,
        cache_age=_CACHE_AGE,
    )


def write_xml(embedded: Oembed) -> bytes:
    """Write oEmbed in XML: an element for each field."""
    root = ElementTree.Element("oembed")
    for name, value in structs.asdict(embedded).items():
        ElementTree.SubElement(root, name).text = str(value)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _title(answer: Answer) -> str:
    return f"{describe_scope(answer.used)}: {describe_range(answer.estimate)}"


def _frame(site: Site, asked: Asked, answer: Answer, width: str, height: int) -> str:
    """The element that embeds an answer."""
    address = escape(site.base + _address("/embed", asked))
    title = escape(f"{describe_scope(answer.used)}, by Paycite")
    return (
        f'<iframe src="{address}" title="{title}" width="{width}" height="{height}" '
        f'loading="lazy" style="border:0"></iframe>'
    )


def links(site: Site, asked: Asked, answer: Answer) -> dict[str, str]:
    """The addresses of an answer: current, and pinned to its dataset."""
    pinned = {**asked, "dataset": [answer.dataset.version]}
    scope = _scope(answer.used) | {name: asked[name] for name in ("dataset",) if name in asked}
    return _formats("/salary", pinned) | {
        "page": _address("/salary.html", asked),
        "pinned": _address("/salary.html", pinned),
        "share": _address("/salary.png", {**pinned, "size": ["share"]}),
        "embed": _address("/embed", asked),
        "embedding": _address("/embed.html", asked),
        "compare": _address("/salary/compare.html", asked),
        "roles": _address("/pay.html", scope),
        "oembed": _address("/oembed", {"url": [site.base + _address("/salary.html", asked)]}),
    }


def _scope(used: Used) -> dict[str, Any]:
    """The place, unless it is the nation, and the level, unless it is all, as parameters."""
    place = {} if used.metro.id == NATION else {"metro": used.metro.id}
    return place | ({"level": used.level.id} if used.level else {})


def _formats(path: str, asked: Asked) -> dict[str, str]:
    """The address of each format, by its suffix."""
    others = {one.suffix: _address(f"{path}.{one.suffix}", asked) for one in FORMATS}
    return {"api": _address(path, asked), "json": _address(f"{path}.json", asked)} | others


def _address(path: str, asked: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(asked, doseq=True, errors='replace')}"


def _estimate_source_ids(answer: Answer) -> list[str]:
    return sorted(cited_source_ids(used_chains(answer)))


def _describe_question(outcome: Refused) -> str:
    return ", ".join(filter(None, _texts(outcome).values()))


def _texts(outcome: Refused) -> dict[str, Any]:
    """The value of each parameter that a comparison repeats."""
    asked = outcome.requested
    return {"role": asked.role, "level": asked.level, "metro": asked.metro} if asked else {}


def _page_address(answer: Answer) -> str:
    return answer.links.self.replace("/salary?", "/salary.html?", 1)


def render(template: str, site: Site, asked: Asked, **values: Any) -> str:
    levels = [("", "Any")]
    levels += [(level.id, level.title) for level in site.snapshot.levels.values()]
    return (
        _templates()
        .get_template(template)
        .render(
            asked=asked,
            base=site.base,
            version=site.snapshot.version,
            levels=levels,
            known_sources=list(site.snapshot.sources),
            roles=[role.title for role in site.snapshot.roles.values()],
            called=partial(_name_of, site.snapshot),
            in_words=partial(describe_fault, asked=asked),
            page_of=lambda list_, id_: records.pin(f"/{list_}/{quote(id_)}.html", asked),
            **values,
        )
    )


def _name_of(snapshot: Snapshot, dimension: str | None, id_: str) -> str:
    """An id as people call what it means."""
    if dimension == "metro" and (metro := snapshot.metros.get(id_)):
        return metro.name
    if dimension == "level" and (level := snapshot.levels.get(id_)):
        return level.title
    if dimension == "role" and (role := snapshot.roles.get(id_)):
        return role.title
    return id_


def _read_template(name: str) -> str:
    """A template without its indentation, a twentieth of the bytes of a page."""
    return re.sub("(?m)^ +", "", (_TEMPLATES / name).read_text())


@cache
def _templates() -> "Environment":
    # Imported with the first page: it takes a tenth of the time that a server takes to start.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_read_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"formats": FORMATS, "labels": LABELS}
    environment.filters |= {
        "amount": in_dollars,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "dollars": range_in_dollars,
        "pay": describe_range,
        "percent": in_percent,
        "percentile": in_percentile,
        "percentile_names": name_percentiles,
        "place": describe_place,
        "job": lambda answer: describe_job(answer.used),
        "place_in_market": place_in_market,
        "scope": lambda answer: describe_scope(answer.used),
        "summary": lambda answer: summarize(answer.used, answer.estimate),
        "citation": write_citation,
        "title_in_words": describe_title,
        "operation": describe_operation,
        "percentiles": lambda stated: ", ".join(percentiles_in_dollars(stated)),
        "per": lambda estimate: per_period(estimate.period),
        "estimate_source_ids": _estimate_source_ids,
        "texts": _texts,
        "question": _describe_question,
        "page_address": _page_address,
    }
    return environment
