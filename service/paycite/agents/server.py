"""A Model Context Protocol server for the tools. The only module that uses its SDK."""

import logging
from collections.abc import Callable
from typing import Any, cast

import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from litestar.types import ASGIApp, Receive, Scope, Send
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp.types import Tool as ListedTool

from paycite import __version__
from paycite.agents.answers import Quoted
from paycite.agents.schemas import input_schema, output_schema
from paycite.agents.tools import TOOLS, Tool, call
from paycite.dataset.store import Datasets
from paycite.match import nearest
from paycite.model.problem import Problem
from paycite.model.snapshot import Snapshot
from paycite.questions.parameters import printable

logging.getLogger("mcp").setLevel(logging.WARNING)  # it logs every request

_AT_A_TIME = 8
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


async def over_stdio(datasets: Callable[[], Datasets]) -> None:
    """Serve until standard input ends."""
    served = server(datasets)
    async with stdio_server() as (read, write):
        await served.run(read, write, served.create_initialization_options())


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
