"""HTML pages: a question and its answer, a comparison, a ranking, and an embedded answer."""

from typing import Annotated

from litestar.exceptions import NotFoundException
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from paycite.model.answer import Answer
from paycite.model.parameters import SalaryParameters
from paycite.model.problem import Refusal
from paycite.present.html import embedding, pages
from paycite.present.html.embedding import LEAST_WIDTH, EmbedTheme
from paycite.questions.answer import answer_question
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, compare
from paycite.questions.parameters import Texts
from paycite.web.endpoint import Ask, endpoint
from paycite.web.handlers.compare import count_units
from paycite.web.handlers.documents import STATIC, serve_file
from paycite.web.handlers.ranking import RankingParameters, rank_for_page
from paycite.web.handlers.salary import SALARY_PROBLEMS
from paycite.web.page import FRAMED_ANYWHERE, FRAMED_NOWHERE, html_page, site
from paycite.web.respond import Representation
from paycite.web.tracking import drop_shared

_MOST_WIDTH = 2_000
_RANKED = 20  # places per page, unless requested otherwise
_LEAST_EMPLOYMENT = 1_000  # of places, likewise: the highest pay is in places with few jobs
_ASSETS = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "embedded.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class HomeParameters(Struct, frozen=True, kw_only=True):
    """What the form is filled with."""

    role: str | UnsetType = UNSET
    metro: str | UnsetType = UNSET


@html_page("/", "salary_form.html", parameters=HomeParameters)
def home(ask: Ask) -> str:
    """Show the form of a question."""
    ask.parse().faults.stop()
    return pages.home_page(site(ask), ask.texts)


def _drop_view(texts: Texts) -> Texts:
    """Drop `view`, with which a browser may be sent here from /salary: a page shows all."""
    kept = drop_shared(texts)
    is_valid = kept.get("view") in (["full"], ["summary"])
    return {name: found for name, found in kept.items() if not (is_valid and name == "view")}


@html_page("/salary.html", "salary_form.html", parameters=SalaryParameters, clean=_drop_view)
def salary_page(ask: Ask) -> str:
    """Show the answer to a question."""
    return pages.salary_page(site(ask), ask.texts, answer_question(ask.store, ask.texts))


@html_page(
    "/salary/compare.html",
    "compare_form.html",
    parameters=CompareParameters,
    most_parameters=MOST_PARAMETERS,
    units=count_units,
)
def compare_page(ask: Ask) -> str:
    """Show several answers side by side."""
    outcomes = compare(ask.store, ask.texts) if ask.texts else []
    return pages.compare_page(site(ask), ask.texts, outcomes)


@html_page("/ranking.html", "ranking_form.html", parameters=RankingParameters)
def ranking_page(ask: Ask) -> str:
    """Show metros or states ranked by what a role pays there."""
    if not ask.texts:
        return pages.ranking_page(site(ask), {}, None)
    usual = {"limit": [str(_RANKED)], "min_employment": [str(_LEAST_EMPLOYMENT)]}
    texts = {**ask.texts, **{name: usual[name] for name in usual if name not in ask.texts}}
    ranking, whole = rank_for_page(structs.replace(ask, texts=texts))
    return pages.ranking_page(site(ask), texts, ranking, whole)


class EmbedParameters(SalaryParameters, frozen=True, kw_only=True):
    theme: EmbedTheme = "auto"


def _refuse_embedded(ask: Ask, refusal: Refusal) -> str:
    return embedding.embed_problem(site(ask), ask.texts, refusal.problem("/embed"))


@html_page("/embed", parameters=EmbedParameters, refuse=_refuse_embedded, policy=FRAMED_ANYWHERE)
def embed(ask: Ask) -> str:
    """Show an answer in a frame of another page."""
    answer = answer_question(ask.store, ask.texts, EmbedParameters)
    return embedding.embed(site(ask), ask.texts, answer)


class EmbedPageParameters(EmbedParameters, frozen=True, kw_only=True):
    width: Annotated[int, Meta(ge=LEAST_WIDTH, le=_MOST_WIDTH)] | UnsetType = UNSET


@html_page(
    "/embed.html",
    "embed_form.html",
    parameters=EmbedPageParameters,
    policy=f"frame-src 'self'; {FRAMED_NOWHERE}",
)
def embed_page(ask: Ask) -> str:
    """Show how an answer looks in another page, and the code for it."""
    answer = answer_question(ask.store, ask.texts, EmbedPageParameters) if ask.texts else None
    return embedding.embed_page(site(ask), ask.texts, answer)


@endpoint(
    "/embed.json",
    "The answer of <salary-range>",
    Answer,
    parameters=SalaryParameters,
    problems=SALARY_PROBLEMS,
    is_documented=False,
)
def embed_answer(ask: Ask) -> Answer:
    """Get the answer of /salary from public sources only, for the script of other sites."""
    return answer_question(ask.store, ask.texts)


def _ignore_query(texts: Texts) -> Texts:
    """Ignore what content systems add to scripts and style sheets, such as `ver=6.4`."""
    return {}


@endpoint(
    "/embed.js",
    "The script of <salary-range>",
    {"text/javascript": str},
    clean=_ignore_query,
    is_documented=False,
)
def embed_script(ask: Ask) -> Representation:
    """Get the script that defines the element `<salary-range>`."""
    return serve_file(ask, STATIC / "embed.js", "text/javascript")


@endpoint(
    "/static/{id}",
    "A file of a page",
    {"text/css": str},
    clean=_ignore_query,
    is_documented=False,
)
def asset(ask: Ask) -> Representation:
    """Get a file that a page loads."""
    if ask.id not in _ASSETS:
        raise NotFoundException
    return serve_file(ask, STATIC / ask.id, _ASSETS[ask.id])


PAGES = (
    *(home, salary_page, compare_page, ranking_page),
    *(embed, embed_page, embed_answer, embed_script, asset),
)
