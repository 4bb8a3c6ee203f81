"""Answers as HTML pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from msgspec import to_builtins

from paycite.estimate.quote import describe_question
from paycite.model.answer import Answer, Chain, Difference, Used, citations
from paycite.model.comparison import Outcome
from paycite.model.figure import Citation, Source
from paycite.model.money import in_percent
from paycite.model.problem import Fault, Problem
from paycite.model.ranking import Ranking
from paycite.model.role_pay import RolesPay
from paycite.model.vocabulary import Match
from paycite.present.chart.answer import UNUSED
from paycite.present.chart.fluid import draw_fluid
from paycite.present.citations import list_figures, used_chains
from paycite.present.html import records
from paycite.present.html.comparison import MOST_DRAWN, draw_comparison
from paycite.present.html.embedding import EMBED_HEIGHT, write_frame
from paycite.present.html.links import add_query, answer_links, format_links
from paycite.present.html.ranking import ranking_values
from paycite.present.html.records import Asked
from paycite.present.html.render import Site, estimate_source_ids, render
from paycite.present.html.role_pay import role_pay_values

_EXAMPLES = (
    ("MLOps engineer, mid-level, New York", {"role": "mlops", "level": "mid", "metro": "nyc"}),
    ("“Senior Data Scientist”, Austin", {"role": "Senior Data Scientist", "metro": "Austin, TX"}),
    ("“Staff Machine Learning Engineer”", {"role": "Staff Machine Learning Engineer"}),
    (
        "Software engineer in 94107, offered $150,000 to $180,000",
        {"role": "software-engineer", "metro": "94107", "offer": "150-180k"},
    ),
)


def home_page(site: Site, asked: Asked) -> str:
    examples = [(label, add_query("/salary.html", asked)) for label, asked in _EXAMPLES]
    roles = sorted((role.title, role.id) for role in site.snapshot.roles.values())
    priced = site.snapshot.weights_by_role
    all_roles = [
        (
            title,
            add_query("/salary.html", {"role": id_}) if id_ in priced else f"/roles/{id_}.html",
        )
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
        frame=write_frame(site, asked, answer, "100%", EMBED_HEIGHT),
        links=answer_links(site.base, asked, answer),
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
            yield match, {id_: add_query(path, {**kept, match.dimension: [id_]}) for id_ in others}


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
        "for another place, level or group of occupations are adjusted to this one where there is "
        "a published or computed ratio. The estimate is the average of the results (a geometric "
        "mean) with these weights."
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
        links=format_links(path, pinned)
        | {
            "pinned": add_query(f"{path}.html", pinned),
            "share": add_query(f"{path}.png", {**pinned, "size": ["share"]}),
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
    cited = {id_ for answer in answers for id_ in estimate_source_ids(answer)}
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
        return add_query(path, renamed) if len(renamed) == len(asked) else None
    replaced = [suggestion if one == text else one for one in asked[name]]
    return add_query(path, {**asked, name: list(dict.fromkeys(replaced))})
