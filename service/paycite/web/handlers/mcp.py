"""`/mcp`: the same answers for agents, with the Model Context Protocol over HTTP.

The SDK takes as long to import as all the rest, so the first message imports it. There are no
sessions: any worker can answer any message.
"""

import asyncio
import json
from typing import Any

import msgspec
from anyio.to_thread import run_sync
from litestar import post
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPRequestEvent, Receive, Scope, Send

from paycite.dataset.pointer import Scope as Sources
from paycite.dataset.published import Datasets
from paycite.model.problem import Refusal
from paycite.questions.parameters import parse, parse_query, printable
from paycite.tables.json_objects import has_more_values, repeated_names
from paycite.web.endpoint import NoParameters
from paycite.web.quotas import AGENT, charge
from paycite.web.respond import ApiRequest, refuse_coded_body, service_of

# The largest valid call compares 100 roles from 50 sources, each text of 200 characters, which take
# 12 bytes each if they are escaped.
_MOST_BYTES = 400_000
_MOST_VALUES = 5_000
_PARSE_ERROR, _INVALID_REQUEST = -32700, -32600  # of JSON-RPC
_EXAMPLE = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}.'


@post("/mcp", include_in_schema=False, request_max_body_size=_MOST_BYTES)
async def mcp(request: ApiRequest) -> ASGIApp:
    """Answer a message of the protocol in JSON."""
    if request.content_type[0] != "application/json":
        detail = (
            "Unsupported body. Send a message of the Model Context Protocol as application/json."
        )
        raise Refusal.of("unsupported-media-type", detail)
    refuse_coded_body(request)
    parse(NoParameters, parse_query(request.scope["query_string"])).faults.stop()
    service = service_of(request)
    body = await service.small_bodies.read(request)
    if has_more_values(body, _MOST_VALUES):
        detail = f"Too many values: the limit of a message is {_MOST_VALUES:,}."
        raise Refusal.of("payload-too-large", detail)
    try:
        message = _parse_message(body)
    except _NoMessageError as error:
        return _refuse(_build_error(error))
    await charge(request.scope, AGENT + _count_rows(message))
    answer = await _transport(request)
    from paycite.agents.server import find_fault

    if fault := find_fault(request.headers.get("mcp-protocol-version"), message):
        return _refuse(fault)
    any_type = [] if request.headers.get("accept") else [(b"accept", b"*/*")]

    async def answer_read(scope: Scope, receive: Receive, send: Send) -> None:
        scope["headers"] = [*any_type, *scope["headers"]]
        async with service.agents.turn(receive):
            await answer(scope, _from(body), send)

    return answer_read


def _count_rows(message: dict[str, Any]) -> int:
    """Count the rows of a comparison that a message asks for; none of another message."""
    match message:
        case {"method": "tools/call", "params": {"name": name, "arguments": arguments}}:
            from paycite.agents.tools import count_compared

            return count_compared(name, arguments)
    return 0


class _NoMessageError(Exception):
    """Why a body is no message, with the code that JSON-RPC has for it and the id of the request,
    if it has a valid one."""

    def __init__(self, code: int, why: str, id_: str | int | None = None) -> None:
        super().__init__(why)
        self.code = code
        self.id = id_


def _parse_message(body: bytes) -> dict[str, Any]:
    """Parse a message. The SDK would take the last of repeated names, leave a request with a wrong
    id without an answer, and list all that other JSON might have been."""
    try:
        message = json.loads(body.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        why = f"The body is not valid JSON in UTF-8: {error}."
        raise _NoMessageError(_PARSE_ERROR, why) from None
    if isinstance(message, list):
        why = "Batches are not supported. Send each message in a request of its own."
        raise _NoMessageError(_INVALID_REQUEST, why)
    fields = message if isinstance(message, dict) else {}
    id_ = fields.get("id")
    has_id = isinstance(id_, str | int) and not isinstance(id_, bool)
    why = ""
    if fields.get("jsonrpc") != "2.0" or fields.keys().isdisjoint(("method", "result", "error")):
        why = "Expected a message of JSON-RPC 2.0, such as " + _EXAMPLE
    elif "method" in fields and "id" in fields and not has_id:  # a notification has none
        why = "Invalid id: expected a string or a whole number."
    elif not isinstance(fields.get("method", ""), str):
        why = "Expected `method` as a string."
    elif not isinstance(fields.get("params"), dict | None):
        why = "Expected `params` as an object."
    if why:
        raise _NoMessageError(_INVALID_REQUEST, why, id_ if has_id else None)
    return fields


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, times in repeated_names(pairs).items():
        why = f"The message has {printable(name)!r} {times} times. Give it once."
        raise _NoMessageError(_INVALID_REQUEST, why)
    return dict(pairs)


def parse_line(line: bytes) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Parse a message of `paycite mcp`, as one over HTTP: the message, or the error to answer."""
    try:
        return _parse_message(line), None
    except _NoMessageError as error:
        return None, _build_error(error)


def _refuse(error: dict[str, Any]) -> ASGIApp:
    body = msgspec.json.encode(error)
    return ASGIResponse(body=body, status_code=400, media_type="application/json")


def _build_error(fault: _NoMessageError) -> dict[str, Any]:
    error = {"code": fault.code, "message": str(fault)}
    return {"jsonrpc": "2.0", "id": fault.id, "error": error}


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


def _from(body: bytes) -> Receive:
    """An ASGI `receive` that returns the body, which was already read. Nothing follows: whether the
    client leaves is watched elsewhere."""
    read: list[HTTPRequestEvent] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Any:
        return read.pop() if read else await asyncio.Event().wait()

    return again
