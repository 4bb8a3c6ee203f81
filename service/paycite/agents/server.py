"""A Model Context Protocol server for the tools. The only module that uses its SDK."""

import logging
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import msgspec
from anyio import CapacityLimiter, Event, move_on_after, wrap_file
from anyio.to_thread import run_sync
from litestar.types import ASGIApp, Receive, Scope, Send
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.message import SessionMessage
from mcp.types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PROTOCOL_VERSION_META_KEY,
    UNSUPPORTED_PROTOCOL_VERSION,
    CallToolRequestParams,
    CallToolResult,
    JSONRPCError,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
    jsonrpc_message_adapter,
)
from mcp.types import Tool as ListedTool
from mcp_types.version import SUPPORTED_PROTOCOL_VERSIONS

from paycite import __version__
from paycite.agents.answers import Quoted
from paycite.agents.schemas import input_schema, output_schema
from paycite.agents.tools import TOOLS, Tool, call
from paycite.dataset.published import Datasets
from paycite.match import nearest
from paycite.model.problem import Problem
from paycite.model.snapshot import Snapshot
from paycite.questions.parameters import printable

logging.getLogger("mcp").setLevel(logging.WARNING)  # it logs every request

_AT_A_TIME = 8
_SECONDS_TO_FINISH = 60
_INVALID_MESSAGE = {
    "jsonrpc": "2.0",
    "id": None,
    "error": {"code": INVALID_REQUEST, "message": "Invalid message: see JSON-RPC 2.0."},
}
# The message in a line, or the error that is the answer to it.
ParseLine = Callable[[bytes], tuple[dict[str, Any] | None, dict[str, Any] | None]]
_INSTRUCTIONS = (
    "Salary benchmarks of AI and technology roles in the United States. Never give a number "
    "without its source: pass on `quote`, or the numbers with their sources, and mention "
    "`fallbacks` and `confidence`. The midpoint of a range is not a median. Titles and places "
    "are free text; an error has suggestions to try instead. Answers are short: for the steps from "
    "published figures to the answer, pass `view=full`. Pass the `dataset` version of an "
    "earlier answer to get answers from the same data."
)


def server(datasets: Callable[[], Datasets]) -> Server[Any]:
    """Build a server of the tools. `datasets` is called each time, so that answers are current."""
    limiter = CapacityLimiter(_AT_A_TIME)

    async def list_tools(_: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        if params and params.cursor is not None:
            raise MCPError(INVALID_PARAMS, "All tools are on one page. Remove `cursor`.")
        snapshot = (await run_sync(datasets)).current.snapshot
        return ListToolsResult(tools=[_listed(tool, snapshot) for tool in TOOLS.values()])

    async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
        if params.name not in TOOLS:
            raise MCPError(INVALID_PARAMS, _unknown(params.name))
        tool, arguments = TOOLS[params.name], params.arguments or {}
        return await run_sync(lambda: _result(call(tool, arguments, datasets())), limiter=limiter)

    return Server(
        "paycite",
        title="Paycite",
        version=__version__,
        description="Salary benchmarks in which every figure carries its source.",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=lambda name: (
            input_schema(TOOLS[name].parameters) if name in TOOLS else None
        ),
    )


def find_fault(version: str | None, message: dict[str, Any]) -> dict[str, Any] | None:
    """Build the error for an invalid message, or for an unknown version in a header, where the
    message states none: the SDK would only miss it in the message."""
    if invalid := _find_message_fault(message):
        return invalid
    match message:
        case {"params": {"_meta": dict(meta)}} if PROTOCOL_VERSION_META_KEY in meta:
            return None
    if version in (None, *SUPPORTED_PROTOCOL_VERSIONS):
        return None
    known, requested = ", ".join(SUPPORTED_PROTOCOL_VERSIONS), printable(version or "")
    error = {
        "code": UNSUPPORTED_PROTOCOL_VERSION,
        "message": f"Unsupported MCP-Protocol-Version {requested!r}. Supported: {known}.",
        "data": {"supported": SUPPORTED_PROTOCOL_VERSIONS, "requested": requested},
    }
    return {"jsonrpc": "2.0", "id": message.get("id"), "error": error}


def _find_message_fault(message: dict[str, Any]) -> dict[str, Any] | None:
    """Build the error for an object that is no message, such as a result without an id: the SDK
    would ignore it, or list all that it might have been."""
    try:
        jsonrpc_message_adapter.validate_python(message, by_name=False)
    except ValueError:
        return _INVALID_MESSAGE
    return None


def over_http(datasets: Callable[[], Datasets]) -> ASGIApp:
    served = server(datasets)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        # Requests have no session, so each gets a manager of its own.
        manager = StreamableHTTPSessionManager(served, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(
                cast("Any", scope), cast("Any", receive), cast("Any", send)
            )

    return answer


async def over_stdio(datasets: Callable[[], Datasets], parse_line: ParseLine) -> None:
    """Serve until standard input ends, and finish the calls under way."""
    served, session = server(datasets), _Session(parse_line)
    async with stdio_server(stdin=cast("Any", session.lines())) as (read, write):
        session.write = write
        await served.run(read, cast("Any", session), served.create_initialization_options())


class _Session:
    """What the SDK reads and writes. It ignores a line that is no message, and drops the calls
    under way when its input ends: so such a line is answered here, and the end waits for answers.
    """

    def __init__(self, parse_line: ParseLine) -> None:
        self.write: Any = None
        self._parse_line = parse_line
        self._waiting: Counter[Any] = Counter()  # for answers, by id
        self._finished = Event()

    async def lines(self) -> AsyncIterator[str]:
        async for line in wrap_file(sys.stdin.buffer):
            if not line.strip():
                continue
            message, error = self._parse_line(line)
            if error := error or _find_message_fault(message or {}):
                await self.write.send(SessionMessage(JSONRPCError.model_validate(error)))
                continue
            match message:
                case {"method": _, "id": id_}:
                    self._waiting[id_] += 1
                case {
                    "method": "notifications/cancelled",
                    "params": {"requestId": str() | int() as id_},
                }:
                    self._stop_waiting(id_)
            yield line.decode()
        self._finished = Event()  # of the calls that are left
        if self._waiting:
            with move_on_after(_SECONDS_TO_FINISH):
                await self._finished.wait()

    async def send(self, message: SessionMessage) -> None:
        await self.write.send(message)
        if not hasattr(message.message, "method"):
            self._stop_waiting(getattr(message.message, "id", None))

    def _stop_waiting(self, id_: Any) -> None:
        if id_ in self._waiting:
            self._waiting[id_] -= 1
            self._waiting += Counter()  # without those at zero
        if not self._waiting:
            self._finished.set()

    async def aclose(self) -> None:
        await self.write.aclose()

    async def __aenter__(self) -> "_Session":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _listed(tool: Tool, snapshot: Snapshot) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description(snapshot),
        input_schema=input_schema(tool.parameters),
        output_schema=output_schema(tool.answers),
        annotations=ToolAnnotations(
            title=tool.title,
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


def _result(answered: Quoted | Problem) -> CallToolResult:
    """Build the result: structured, and as text for clients that show only text."""
    texts = [_in_words(answered)] if isinstance(answered, Problem) else answered.texts()
    return CallToolResult(
        content=[TextContent(text=text) for text in texts],
        structured_content=msgspec.to_builtins(answered),
        is_error=isinstance(answered, Problem),
    )


def _in_words(problem: Problem) -> str:
    lines = [f"{problem.title} ({problem.type})."]
    for error in problem.errors:
        near = f" Suggestions: {', '.join(error.suggestions)}." if error.suggestions else ""
        lines.append(error.detail + near)
    return "\n".join(lines)


def _unknown(name: str) -> str:
    shown = printable(name)
    near = nearest(shown, TOOLS) or tuple(TOOLS)
    return f"Unknown tool {shown!r}. Did you mean {' or '.join(near)}?"
