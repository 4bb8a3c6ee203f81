"""Declare a page: an endpoint whose answers and refusals are HTML. Its address is that of the JSON
it shows, with `.html`; a browser that asks for the JSON is sent there."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from litestar import Request

from paycite.model.problem import Refusal
from paycite.present.html import pages
from paycite.present.html.render import Site
from paycite.web.endpoint import Ask, Endpoint, endpoint
from paycite.web.tracking import drop_shared

_OWN = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors"
)
FRAMED_NOWHERE = f"{_OWN} 'none'"
FRAMED_ANYWHERE = f"{_OWN} *"
SUFFIX = ".html"


def encode_html(html: str) -> bytes:
    """Encode a page; requested text is shown again and may contain bytes that are not text."""
    return html.encode(errors="replace")


def site(ask: Ask) -> Site:
    return Site(ask.base_url, ask.store.snapshot)


def refuse(form: str, ask: Ask, refusal: Refusal) -> str:
    return pages.problem_page(site(ask), ask.texts, refusal.problem(ask.path), form)


def html_page(
    path: str, form: str = "", **options: Any
) -> Callable[[Callable[[Ask], Any]], Endpoint]:
    """Declare the decorated handler as a page; `form` is shown with a problem, to try again."""
    defaults: dict[str, Any] = {
        "clean": drop_shared,
        "encode": encode_html,
        "refuse": partial(refuse, form),
        "policy": FRAMED_NOWHERE,
        "runs": "thread",
        "is_documented": False,
    }
    return endpoint(path, f"The page {path}", {"text/html": str}, **defaults | options)


def is_wanted_by(request: Request[Any, Any, Any]) -> bool:
    """Whether the `Accept` of a request, in one header or several, asks for a page."""
    return is_wanted(",".join(request.headers.getall("accept", [])))


@lru_cache(256)  # browsers send the same few
def is_wanted(accept: str) -> bool:
    """Return whether an `Accept` header names HTML and no JSON, as browsers send it. Clients of the
    API send none, `*/*` or JSON."""
    named = set()
    for one in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in one.split(";"))
        if not any(_is_zero(parameter) for parameter in parameters):
            named.add(media_type)
    return "text/html" in named and not any(one.endswith(("/json", "+json")) for one in named)


def _is_zero(parameter: str) -> bool:
    """Whether it is a weight of zero: `q=0`, which says that a type is not accepted."""
    name, _, value = parameter.replace(" ", "").partition("=")
    return name == "q" and value.strip("0") in ("", ".")
