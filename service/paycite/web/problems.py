"""The one handler that draws errors, as RFC 9457 problem details."""

import logging
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from paycite import __version__
from paycite.model.problem import PROBLEM_TYPES, Fault, Refusal

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("paycite")
_MAX_INSTANCE = 2_000


def draw(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """Any exception as a problem; what is not the request's fault is logged and says no more."""
    refusal = error if isinstance(error, Refusal) else Refusal([_fault(error)])
    problem = refusal.problem(_instance(request))
    if problem.status >= 500:
        _LOG.error("%s %s failed", request.method, problem.instance, exc_info=error)
    headers = {
        "Cache-Control": "no-store",
        "X-Dataset-Version": request.app.state.datasets.current.snapshot.version,
        "X-Service-Version": __version__,
    }
    if isinstance(error, HTTPException) and error.headers and "allow" in error.headers:
        allowed = error.headers["allow"]
        headers["Allow"] = allowed.replace("GET", "GET, HEAD")  # answered wherever GET is
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def _fault(error: Exception) -> Fault:
    status = error.status_code if isinstance(error, HTTPException) else 500
    kinds = {404: "not-found", 405: "method-not-allowed", 413: "payload-too-large"}
    kinds |= {415: "unsupported-media-type", 500: "internal-error"}
    kind = kinds.get(status, "invalid-value" if status < 500 else "internal-error")
    return Fault(type=kind, detail=f"{PROBLEM_TYPES[kind].title}. {PROBLEM_TYPES[kind].help}")


def _instance(request: Request[Any, Any, State]) -> str:
    """The address as asked, percent-encoded; without its query where that is long."""
    path = request.scope["raw_path"].partition(b"?")[0]
    query = request.scope["query_string"]
    whole = path + b"?" + query if query else path
    shown = whole if len(whole) <= _MAX_INSTANCE else path[:_MAX_INSTANCE]
    return quote(shown, safe="%/:?#[]@!$&'()*+,;=~")
