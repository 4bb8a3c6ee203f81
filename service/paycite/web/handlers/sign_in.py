"""`/login.html` and `/logout`: an API key becomes a cookie, for browsers."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Response, get, post
from litestar.datastructures import Cookie

from paycite.keys import Keys, session
from paycite.model.problem import Refusal
from paycite.present.html import pages
from paycite.present.html.render import Site
from paycite.questions.parameters import parse, parse_query
from paycite.web import metrics
from paycite.web.endpoint import NoParameters
from paycite.web.finished import NEVER_KEPT
from paycite.web.page import FRAMED_NOWHERE, encode_html
from paycite.web.quotas import SIGN_IN, charge
from paycite.web.respond import ApiRequest, common_headers, service_of, status_headers
from paycite.web.tracking import drop_shared

COOKIE = "paycite_session"
_SECONDS = 30 * 24 * 3600
_MOST_BYTES = 1_000


@get("/login.html", include_in_schema=False)
async def show(request: ApiRequest) -> Response[bytes]:
    """Show the form; it is the same for everyone."""
    _refuse_parameters(request)
    return _page(request)


@post("/login.html", include_in_schema=False, status_code=200, request_max_body_size=_MOST_BYTES)
async def sign_in(request: ApiRequest) -> Response[bytes]:
    """Set the cookie for a valid key, and go to the start page."""
    _refuse_other_sites(request)
    _refuse_parameters(request)
    await charge(request.scope, SIGN_IN)
    keys: Keys | None = request.app.state.api_keys
    body = await service_of(request).small_bodies.read(request)
    try:
        given = parse_qs(body.decode(errors="replace")).get("key", [""])[-1]
    except ValueError:  # too many fields
        given = ""
    given = given.strip()
    found = keys.find(given) if keys else None
    if keys is None or found is None:
        metrics.count_refusal("unauthorized")
        return _page(request, "This key is wrong, expired or revoked.", 401)
    keys.note_sign_in(found.name)
    return _go_home(request, session(given), _SECONDS)


@post("/logout", include_in_schema=False, status_code=303)
async def sign_out(request: ApiRequest) -> Response[bytes]:
    """Remove the cookie."""
    _refuse_other_sites(request)
    _refuse_parameters(request)
    return _go_home(request, "", 0)


HANDLERS: tuple[Any, ...] = (show, sign_in, sign_out)


def _refuse_other_sites(request: ApiRequest) -> None:
    """Otherwise another site could sign a browser in or out."""
    origin = request.headers.get("origin")
    ours = {urlsplit(service_of(request).base_url(request)).netloc, request.headers.get("host")}
    if origin and origin.partition("://")[2] not in ours:
        detail = "This form was sent by another site. Open /login.html and sign in there."
        raise Refusal.of("invalid-value", detail)


def _refuse_parameters(request: ApiRequest) -> None:
    """A key belongs into the form: addresses are logged."""
    texts = drop_shared(parse_query(request.scope["query_string"]))
    parse(NoParameters, texts).faults.stop()


def _page(request: ApiRequest, fault: str = "", status: int = 200) -> Response[bytes]:
    service = service_of(request)
    store = service.datasets_of(request).current
    html = pages.sign_in_page(Site(service.base_url(request), store.snapshot), fault)
    headers = common_headers(store, NEVER_KEPT, FRAMED_NOWHERE) | status_headers(status)
    return Response(encode_html(html), status_code=status, media_type="text/html", headers=headers)


def _go_home(request: ApiRequest, token: str, seconds: int) -> Response[bytes]:
    service = service_of(request)
    headers = common_headers(service.datasets_of(request).current, NEVER_KEPT, FRAMED_NOWHERE)
    # What was kept for one viewer is not for the other.
    headers |= {"Location": "/", "Clear-Site-Data": '"cache"'}
    cookie = Cookie(
        key=COOKIE,
        value=token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=service.base_url(request).startswith("https://"),
    )
    return Response(b"", status_code=303, headers=headers, cookies=[cookie])
