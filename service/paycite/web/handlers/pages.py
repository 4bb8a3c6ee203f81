"""HTML pages: a question and its answer, a comparison, a ranking, and an embedded answer."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from litestar.exceptions import NotFoundException
from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.parameters import SalaryParameters
from paycite.model.problem import Refusal
from paycite.present.html import pages as page
from paycite.present.html.pages import EMBED_HEIGHT, EMBED_WIDTH, Site
from paycite.questions.answer import answer_question
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, compare
from paycite.questions.parameters import invalid, parse_query
from paycite.web.endpoint import Ask, Endpoint, endpoint
from paycite.web.handlers.documents import STATIC, serve_file
from paycite.web.handlers.ranking import RankingParameters, rank_for_page
from paycite.web.handlers.salary import SALARY_PROBLEMS
from paycite.web.respond import Representation
from paycite.web.tracking import drop_shared

_OWN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors"
)
_FRAMED_NOWHERE = f"{_OWN} 'none'"
_FRAMED_ANYWHERE = f"{_OWN} *"
_RANKED = 50  # places per page, to keep it small
_ASSETS = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "embedded.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def encode_html(html: str) -> bytes:
    """Encode a page; requested text is shown again and may contain bytes that are not text."""
    return html.encode(errors="replace")


def _site(ask: Ask) -> Site:
    return Site(ask.base_url, ask.store.snapshot)


def _refuse(form: str, ask: Ask, refusal: Refusal) -> str:
    return page.refused(_site(ask), ask.texts, refusal.problem(ask.path), form)


def _page(path: str, form: str = "", **options: Any) -> Callable[[Callable[[Ask], str]], Endpoint]:
    """Declare the decorated handler as a page; `form` is shown with a problem, to try again."""
    defaults: dict[str, Any] = {
        "clean": drop_shared,
        "encode": encode_html,
        "refuse": partial(_refuse, form),
        "policy": _FRAMED_NOWHERE,
        "runs": "thread",
        "is_documented": False,
    }
    return endpoint(path, f"The page {path}", {"text/html": str}, **defaults | options)


@_page("/", "question.html")
def home(ask: Ask) -> str:
    """Show the form of a question."""
    ask.parse().faults.stop()
    return page.home(_site(ask))


@_page("/salary.html", "question.html", parameters=SalaryParameters)
def salary_page(ask: Ask) -> str:
    """Show the answer to a question."""
    return page.answered(_site(ask), ask.texts, answer_question(ask.store, ask.texts))


@_page(
    "/salary/compare.html",
    "compared.html",
    parameters=CompareParameters,
    most_parameters=MOST_PARAMETERS,
)
def compare_page(ask: Ask) -> str:
    """Show several answers side by side."""
    outcomes = compare(ask.store, ask.texts) if ask.texts else []
    return page.compared(_site(ask), ask.texts, outcomes)


@_page("/ranking.html", "ranking_form.html", parameters=RankingParameters)
def ranking_page(ask: Ask) -> str:
    """Show metros or states ranked by what a role pays there."""
    ranking = rank_for_page(ask, _RANKED) if ask.texts else None
    return page.ranked(_site(ask), ask.texts, ranking)


def _refuse_embedded(ask: Ask, refusal: Refusal) -> str:
    return page.not_embedded(_site(ask), refusal.problem("/embed"))


@_page("/embed", parameters=SalaryParameters, refuse=_refuse_embedded, policy=_FRAMED_ANYWHERE)
def embed(ask: Ask) -> str:
    """Show an answer in a frame of another page."""
    return page.embedded(_site(ask), ask.texts, answer_question(ask.store, ask.texts))


@endpoint(
    "/embed.js", "The script of <salary-range>", {"text/javascript": str}, is_documented=False
)
def embed_script(ask: Ask) -> Representation:
    """Get the script that defines the element `<salary-range>`."""
    return serve_file(ask, STATIC / "embed.js", "text/javascript")


@endpoint("/static/{id}", "A file of a page", {"text/css": str}, is_documented=False)
def asset(ask: Ask) -> Representation:
    """Get a file that a page loads."""
    if ask.id not in _ASSETS:
        raise NotFoundException
    return serve_file(ask, STATIC / ask.id, _ASSETS[ask.id])


PAGES = (home, salary_page, compare_page, ranking_page, embed, embed_script, asset)


class OembedParameters(Struct, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(max_length=2_000, description="The URL of an answer: /salary.html with a query."),
    ]
    format: Annotated[Literal["json"], Meta(description="The only supported format.")] = "json"
    maxwidth: (
        Annotated[
            int, Meta(ge=200, le=10_000, description="The largest width of the frame, in pixels.")
        ]
        | UnsetType
    ) = UNSET
    maxheight: (
        Annotated[
            int,
            Meta(ge=100, le=10_000, description="The largest height of the frame, in pixels."),
        ]
        | UnsetType
    ) = UNSET


@endpoint(
    "/oembed",
    "Embed an answer",
    page.Oembed,
    parameters=OembedParameters,
    problems=SALARY_PROBLEMS,
    runs="thread",
    is_kept=False,
    same_problems_as="/salary",
)
def oembed(ask: Ask) -> page.Oembed:
    """Get the frame that shows an answer in another page, as oembed.com specifies."""
    parsed = ask.parse()
    parsed.faults.stop()
    texts = drop_shared(parse_query(_query_of(parsed["url"], ask.base_url).encode()))
    store = ask.datasets.choose(texts["dataset"][0]) if "dataset" in texts else ask.store
    return page.oembed(
        Site(ask.base_url, store.snapshot),
        texts,
        answer_question(store, texts),
        min(parsed["maxwidth"] or EMBED_WIDTH, EMBED_WIDTH),
        min(parsed["maxheight"] or EMBED_HEIGHT, EMBED_HEIGHT),
    )


def _query_of(url: str, base_url: str) -> str:
    """Parse the query of the URL of an answer. Refusal for another URL; the scheme may be http or
    https, because a proxy may use a different one."""
    try:
        address = urlsplit(url)
    except ValueError:  # such as of http://[
        address = urlsplit("")
    is_ours = address.netloc == urlsplit(base_url).netloc and address.scheme in ("http", "https")
    if not is_ours or address.path != salary_page.path:
        raise invalid("url", f"expected a URL that begins with {base_url}{salary_page.path}")
    return address.query
