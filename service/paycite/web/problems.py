"""The one handler that turns errors into problem details (RFC 9457)."""

import logging
from contextlib import suppress
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from msgspec import structs

from paycite.dataset.store import DatasetError
from paycite.model.problem import PROBLEM_TYPES, Fault, Problem, Refusal
from paycite.present.html import pages
from paycite.present.html.render import Site
from paycite.questions.parameters import Texts, parse_query
from paycite.web import metrics
from paycite.web.finished import NEVER_KEPT
from paycite.web.observe import REQUEST_ID
from paycite.web.page import FRAMED_NOWHERE, encode_html, is_wanted_by
from paycite.web.respond import (
    ApiRequest,
    answering_store,
    common_headers,
    service_of,
    status_headers,
)
from paycite.web.tracking import drop_shared

MEDIA_TYPE = "application/problem+json"
NOT_READY = Fault(type="not-ready", detail="The current dataset cannot be queried.")
_LOG = logging.getLogger("paycite")
_MAX_INSTANCE = 2_000


def draw_problem(request: ApiRequest, error: Exception) -> Response[bytes]:
    """Turn any exception into a problem: a page for browsers. Internal errors are logged, and their
    response has no details."""
    refusal = error if isinstance(error, Refusal) else Refusal([_fault(error)])
    problem = refusal.problem(_instance(request))
    if problem.status == 500 or isinstance(error, DatasetError):  # such as a disk that fails
        # Not what was asked there: it may be about a person.
        path, request_id = _instance(request).partition("?")[0], request.scope.get(REQUEST_ID)
        failed = (request.method, path, request_id, "" if problem.status == 500 else f": {error}")
        traced = error if problem.status == 500 else None
        _LOG.error(
            "%s %s failed, request %s%s", *failed, exc_info=traced, extra={"request_id": request_id}
        )
    metrics.count_refusal(problem.type)
    is_page = is_wanted_by(request)
    policy = FRAMED_NOWHERE if is_page else None
    headers = common_headers(answering_store(request), NEVER_KEPT, policy) | {"Vary": "Accept"}
    headers |= status_headers(problem.status)
    if isinstance(error, HTTPException) and error.headers and "allow" in error.headers:
        headers["Allow"] = error.headers["allow"]
    return Response(
        _write_page(request, problem) if is_page else msgspec.json.encode(problem),
        status_code=problem.status,
        media_type="text/html" if is_page else MEDIA_TYPE,
        headers=headers,
    )


def _write_page(request: ApiRequest, problem: Problem) -> bytes:
    """Write a problem as a page, with the form of a question: filled in, as far as the query can
    be parsed. Suggestions link to the address that was asked for."""
    texts: Texts = {}
    with suppress(Refusal):
        texts = drop_shared(parse_query(request.scope["query_string"]))
    site = Site(service_of(request).base_url(request), answering_store(request).snapshot)
    at_path = structs.replace(problem, instance=problem.instance.partition("?")[0])
    return encode_html(pages.problem_page(site, texts, at_path, "salary_form.html"))


def _fault(error: Exception) -> Fault:
    if isinstance(error, DatasetError):
        return NOT_READY
    status = error.status_code if isinstance(error, HTTPException) else 500
    kinds = {404: "not-found", 405: "method-not-allowed", 413: "payload-too-large"}
    kinds |= {415: "unsupported-media-type", 500: "internal-error"}
    kind = kinds.get(status, "invalid-value" if status < 500 else "internal-error")
    return Fault(type=kind, detail=PROBLEM_TYPES[kind].help)


def _instance(request: ApiRequest) -> str:
    """The requested URL, percent-encoded, without a long query."""
    path = request.scope["raw_path"].partition(b"?")[0]
    query = request.scope["query_string"]
    whole = path + b"?" + query if query else path
    shown = whole if len(whole) <= _MAX_INSTANCE else path[:_MAX_INSTANCE]
    return quote(shown, safe="%/:?#[]@!$&'()*+,;=~")
