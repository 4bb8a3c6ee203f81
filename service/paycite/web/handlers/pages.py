"""Pages for people: a question and its answer, a comparison, and what other pages embed."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlsplit

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from paycite import __version__
from paycite.dataset.store import Store
from paycite.model.problem import Faults, Refusal
from paycite.present.html import pages as page
from paycite.present.html.pages import EMBED_HEIGHT, EMBED_WIDTH, Site
from paycite.questions.answer import answered
from paycite.questions.compare import MOST_PARAMETERS, outcomes
from paycite.questions.parameters import MAX_PARAMETERS, Texts, given, invalid, read
from paycite.web.endpoints import reading
from paycite.web.handlers.documents import STATIC, sent_file
from paycite.web.handlers.ranking import ranked
from paycite.web.handlers.salary import SALARY_PROBLEMS
from paycite.web.respond import (
    CURRENT,
    NEVER_KEPT,
    PINNED,
    ApiRequest,
    Representation,
    datasets,
    kept,
    send,
    store_of,
)

_HTML = "text/html"
_OWN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors"
)
_FRAMED_NOWHERE = f"{_OWN} 'none'"
_FRAMED_ANYWHERE = f"{_OWN} *"
_RANKED = "50"  # places on a page, which with its map stays light
# What those who share an address, or advertise it, add to it.
_ADDED = ("utm_", "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "twclid", "li_fat_id")
_ASSETS = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "embedded.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Page(Struct, frozen=True):
    """What an address shows: the answer, or why there is none."""

    path: str
    answer: Callable[[Site, Store, Texts], str]
    refuse: Callable[[Site, Texts, Refusal], str]
    policy: str = _FRAMED_NOWHERE
    most_parameters: int = MAX_PARAMETERS


def _home(site: Site, _store: Store, texts: Texts) -> str:
    faults = Faults()
    read(Struct, texts, faults)
    faults.stop()
    return page.home(site)


def _salary(site: Site, store: Store, texts: Texts) -> str:
    return page.answered(site, texts, answered(store, texts))


def _compare(site: Site, store: Store, texts: Texts) -> str:
    return page.compared(site, texts, outcomes(store, texts) if texts else [])


def _ranking(site: Site, store: Store, texts: Texts) -> str:
    asked = {"limit": [_RANKED], **texts}
    return page.ranked(site, texts, ranked(store, asked) if texts else None)


def _embed(site: Site, store: Store, texts: Texts) -> str:
    return page.embedded(site, texts, answered(store, texts))


def _refused(path: str, form: str, site: Site, texts: Texts, refusal: Refusal) -> str:
    return page.refused(site, texts, refusal.problem(path), form)


def _not_embedded(site: Site, _texts: Texts, refusal: Refusal) -> str:
    return page.not_embedded(site, refusal.problem("/embed"))


_HOME = Page("/", _home, partial(_refused, "/", "question.html"))
_SALARY = Page("/salary.html", _salary, partial(_refused, "/salary.html", "question.html"))
_COMPARE = Page(
    "/salary/compare.html",
    _compare,
    partial(_refused, "/salary/compare.html", "compared.html"),
    most_parameters=MOST_PARAMETERS,
)
_RANKING = Page("/ranking.html", _ranking, partial(_refused, "/ranking.html", "ranking_form.html"))
_EMBED = Page("/embed", _embed, _not_embedded, policy=_FRAMED_ANYWHERE)


@get("/", include_in_schema=False)
async def home(request: ApiRequest) -> Response[bytes]:
    """The form of a question."""
    return await _paged(request, _HOME)


@get("/salary.html", include_in_schema=False)
async def salary_page(request: ApiRequest) -> Response[bytes]:
    """The answer to a question, to read and to share."""
    return await _paged(request, _SALARY)


@get("/salary/compare.html", include_in_schema=False)
async def compare_page(request: ApiRequest) -> Response[bytes]:
    """Several questions, side by side."""
    return await _paged(request, _COMPARE)


@get("/ranking.html", include_in_schema=False)
async def ranking_page(request: ApiRequest) -> Response[bytes]:
    """Metros or states, by what a role pays there."""
    return await _paged(request, _RANKING)


@get("/embed", include_in_schema=False)
async def embed(request: ApiRequest) -> Response[bytes]:
    """An answer for a frame in another page."""
    return await _paged(request, _EMBED)


@get("/embed.js", include_in_schema=False)
async def embed_script(request: ApiRequest) -> Response[bytes]:
    """The element `<salary-range>`."""
    return sent_file(request, STATIC / "embed.js", "text/javascript")


@get("/static/{name:str}", include_in_schema=False)
async def asset(request: ApiRequest, name: FromPath[str]) -> Response[bytes]:
    """A file that a page loads."""
    if name not in _ASSETS:
        raise NotFoundException
    return sent_file(request, STATIC / name, _ASSETS[name])


class OembedParameters(Struct, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(max_length=2_000, description="The address of an answer: /salary.html with a query."),
    ]
    format: Annotated[Literal["json"], Meta(description="No other form is given.")] = "json"
    maxwidth: (
        Annotated[
            int, Meta(ge=200, le=10_000, description="The widest that the frame may be, in pixels.")
        ]
        | UnsetType
    ) = UNSET
    maxheight: (
        Annotated[
            int,
            Meta(ge=100, le=10_000, description="The highest that the frame may be, in pixels."),
        ]
        | UnsetType
    ) = UNSET


@reading(
    "/oembed",
    summary="Embed an answer",
    answers=page.Oembed,
    parameters=OembedParameters,
    problems=SALARY_PROBLEMS,
    same_problems_as="/salary",
)
async def oembed(request: ApiRequest) -> Response[bytes]:
    """The frame that shows an answer in another page, as oembed.com has it."""
    faults = Faults()
    values = read(OembedParameters, given(request.scope["query_string"]), faults)
    faults.stop()
    texts = _filled(given(_query_of(values["url"], _base(request)).encode()))
    store = await store_of(request, texts)
    embedded = page.oembed(
        Site(_base(request), store.snapshot),
        texts,
        answered(store, texts),
        min(values["maxwidth"] or EMBED_WIDTH, EMBED_WIDTH),
        min(values["maxheight"] or EMBED_HEIGHT, EMBED_HEIGHT),
    )
    return send(request, Representation.of(embedded), store)


PAGES = (home, salary_page, compare_page, ranking_page, embed, embed_script, asset)


def _query_of(url: str, base: str) -> str:
    """The query of the address of an answer, or Refusal. By http or by https: a proxy may speak
    another one than the service."""
    try:
        address = urlsplit(url)
    except ValueError:  # such as of http://[
        address = urlsplit("")
    is_ours = address.netloc == urlsplit(base).netloc and address.scheme in ("http", "https")
    if not is_ours or address.path != _SALARY.path:
        raise invalid("url", f"it must begin with {base}{_SALARY.path}")
    return address.query


async def _paged(request: ApiRequest, shown: Page) -> Response[bytes]:
    store: Store = datasets(request).current
    texts: Texts = {}
    try:
        texts = _filled(given(request.scope["query_string"], shown.most_parameters))
        store = await store_of(request, texts)
        site = Site(_base(request), store.snapshot)
        key = (store, shown.path, site.base, tuple((name, *texts[name]) for name in texts))
        made = await kept(request, key, partial(_made, shown, site, store, texts))
    except Refusal as refusal:
        html = shown.refuse(Site(_base(request), store.snapshot), texts, refusal)
        return Response(
            _encoded(html),
            status_code=refusal.problem(shown.path).status,
            media_type=_HTML,
            headers={
                "Content-Security-Policy": shown.policy,
                "Cache-Control": NEVER_KEPT,
                "X-Dataset-Version": store.snapshot.version,
                "X-Service-Version": __version__,
            },
        )
    cache_control = PINNED if "dataset" in texts else CURRENT
    return send(request, made, store, cache_control, shown.policy)


def _made(shown: Page, site: Site, store: Store, texts: Texts) -> Representation:
    return Representation.of_bytes(_encoded(shown.answer(site, store, texts)), _HTML)


def _encoded(html: str) -> bytes:
    """What was asked may hold bytes that are no text, and is shown again."""
    return html.encode(errors="replace")


def _base(request: ApiRequest) -> str:
    """Where the service is reached: as it is set, else as it was asked."""
    return request.app.state.url or str(request.base_url).rstrip("/")


def _filled(texts: Texts) -> dict[str, list[str]]:
    """Without what a form sends of fields that are left empty, and what sharing adds."""
    filled = {
        name: [text for text in several if text.strip()]
        for name, several in texts.items()
        if not name.startswith(_ADDED)
    }
    return {name: several for name, several in filled.items() if several}
