"""`/mcp`: the same answers for agents, with the Model Context Protocol over HTTP.

The SDK takes as long to import as all the rest, so the first message imports it. There are no
sessions: any worker can answer any message.
"""

from typing import Any

import msgspec
from anyio.to_thread import run_sync
from litestar import post
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPRequestEvent, Receive, Scope, Send

from paycite.dataset.pointer import Scope as Sources
from paycite.dataset.store import Datasets
from paycite.model.problem import Fault, Refusal
from paycite.web.quotas import AGENT, charge
from paycite.web.respond import ApiRequest, service_of

_MOST_BYTES = 1_000_000  # three times as large as any valid call
_INVALID_REQUEST = -32600  # of JSON-RPC
_EXAMPLE = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}.'


@post("/mcp", include_in_schema=False, request_max_body_size=_MOST_BYTES)
async def mcp(request: ApiRequest) -> ASGIApp:
    """Answer a message of the protocol in JSON."""
    if request.content_type[0] != "application/json":
        detail = (
            "Unsupported body. Send a message of the Model Context Protocol as application/json."
        )
        raise Refusal([Fault(type="unsupported-media-type", detail=detail)])
    body = await request.body()
    if fault := _find_fault(body):
        return _refuse(fault)
    await charge(request.scope, AGENT)
    answer = await _transport(request)
    any_type = [] if request.headers.get("accept") else [(b"accept", b"*/*")]

    async def answer_read(scope: Scope, receive: Receive, send: Send) -> None:
        scope["headers"] = [*any_type, *scope["headers"]]
        await answer(scope, _from(body, receive), send)

    return answer_read


def _find_fault(body: bytes) -> str | None:
    """Return why JSON is no message; the SDK would list all that it might have been."""
    try:
        message = msgspec.json.decode(body)
    except msgspec.DecodeError:  # the SDK says where
        return None
    if isinstance(message, list):
        return "Batches are not supported. Send each message in a request of its own."
    is_message = isinstance(message, dict) and message.get("jsonrpc") == "2.0"
    if not is_message or message.keys().isdisjoint(("method", "result", "error")):
        return "Expected a message of JSON-RPC 2.0, such as " + _EXAMPLE
    return None


def _refuse(fault: str) -> ASGIApp:
    error = {"code": _INVALID_REQUEST, "message": fault}
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": error})
    return ASGIResponse(body=body, status_code=400, media_type="application/json")


async def _transport(request: ApiRequest) -> ASGIApp:
    """The tools over the datasets that the caller may see."""
    datasets = service_of(request).datasets_of(request)
    transports: dict[Sources | None, ASGIApp] = request.app.state.setdefault("mcp", {})
    if datasets.scope not in transports:
        transports[datasets.scope] = await run_sync(_load, datasets)
    return transports[datasets.scope]


def _load(datasets: Datasets) -> ASGIApp:
    from paycite.agents.server import over_http

    return over_http(lambda: datasets)


def _from(body: bytes, receive: Receive) -> Receive:
    """An ASGI `receive` that returns the body, which was already read."""
    read: list[HTTPRequestEvent] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Any:
        return read.pop() if read else await receive()

    return again
