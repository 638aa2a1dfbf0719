"""The server object: its tools, prompts, instructions and middleware."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp import MCPError
from mcp.server.caching import CacheHint
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import PrivateAttr

import mixpanel_mcp_prompts
from mixpanel_mcp import __version__
from mixpanel_mcp.binding import Binder
from mixpanel_mcp.charting import Charts
from mixpanel_mcp.completing import add_completion
from mixpanel_mcp.keeping import add_kept_results
from mixpanel_mcp.listing import Listing, tools_of
from mixpanel_mcp.naming import Names
from mixpanel_mcp.prompting import add_prompts
from mixpanel_mcp.published import catalogue_tools
from mixpanel_mcp.resources import add_resources
from mixpanel_mcp.results import Renderer
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp.sessions import Sessions, on_sandbox
from mixpanel_mcp.settings import Settings

INVALID_PARAMS = -32602

_FIXED = CacheHint(ttl_ms=300_000, scope="public")

_LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")

_INSTRUCTIONS = """\
Mixpanel product analytics: trends, funnels, retention, paths, people, dashboards, raw events.
Start with `events` and `properties` to learn the names, then ask with one call of `query` \
(trends, breakdowns, formulas), `query_funnel` (conversion), `query_retention` (who comes back), \
`query_flow` (paths) or `query_user` (people). `create_board` puts queries on a dashboard, \
`search_entities` finds what is saved. Events are counted unless math "unique" asks for people; \
properties of profiles take resource_type "people". Dates are YYYY-MM-DD in the project's time \
zone; the current day, week and month still run, so compare whole ones. Show the counts behind a \
rate. An error names what is wrong and the nearest valid name: correct it and call again. \
Every answer begins with the account and project it came from; one that is cut, at whole rows, \
says how to go on with all of them. Each tool takes `target` to ask another account or project."""
_CATALOGUE = """
More operations than the listed tools exist: find them with `search_operations`, read \
`describe_operation`, then run `run_read_operation` or `run_write_operation`."""
_SANDBOX = """
No Mixpanel credentials are in use: answers come from the local sandbox and are marked \
`sandbox: true`. Nothing here is the user's own Mixpanel data; say so. To use a real project the \
user runs `mixpanel-mcp login`, or sets MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION."""
_DEMO = """
The sandbox holds a demo shop called Northwind Trail."""

Answer = CallToolResult | InputRequiredResult
Run = Callable[[Mapping[str, Any], Any], Awaitable[Answer]]


class OperationTool(Tool):
    """A tool with a stored description, that hands the client's arguments on untouched."""

    _run: Run = PrivateAttr()

    async def run(self, arguments: Any, context: Any, convert_result: bool = False) -> Any:
        """Called by the SDK for `tools/call`."""
        return await self._run(arguments or {}, context)


def build(
    settings: Settings,
    environ: Mapping[str, str] | None = None,
    *,
    sessions: Sessions | None = None,
    masker: Masker | None = None,
) -> MCPServer[Any]:
    """A server for these settings; ConfigError when they name what does not exist.

    Nothing is opened and no toolset imported before the first call that needs it. What the
    sessions learn of secrets is masked by `masker`, which the log may share.
    """
    environ = os.environ if environ is None else environ
    sessions = sessions or Sessions(settings, environ)
    masker = masker or Masker(environ)
    sessions.learn = masker.learn
    binder = Binder(
        Listing(settings),
        sessions,
        Renderer(settings.result_format, settings.max_tokens),
        masker,
    )

    @asynccontextmanager
    async def lifespan(_: MCPServer[Any]) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await sessions.close()

    server: MCPServer[Any] = MCPServer(
        "mixpanel-mcp",
        title="Mixpanel (unofficial)",
        version=__version__,
        instructions=instructions(binder.listing, on_sandbox(settings, environ)),
        tools=tools(binder),
        extensions=[Charts()],
        lifespan=lifespan,
        # The lists are fixed by the settings: there is nothing to listen for.
        subscriptions=False,
        cache_hints=dict.fromkeys(_LISTS, _FIXED),
        log_level="WARNING",
    )
    server.middleware.append(unknown_names_refused(server))
    prompts, known = mixpanel_mcp_prompts.load(), Names(binder)
    add_prompts(server, prompts, binder.listing)
    add_resources(server, binder, known)
    add_completion(server, prompts, known)
    add_kept_results(server, binder.listing, sessions)
    return server


def instructions(listing: Listing, sandbox: bool) -> str:
    """What a client tells its model before any tool: names, order, and where answers come from."""
    demo = sandbox and listing.settings.sandbox in (None, "demo")
    return (
        _INSTRUCTIONS
        + (_CATALOGUE if listing.with_catalogue else "")
        + (_SANDBOX if sandbox else "")
        + (_DEMO if demo else "")
    )


def tools(binder: Binder) -> list[Tool]:
    """The listed tools, with the catalogue's where it is listed."""
    direct = [as_tool(each.tool, _direct(binder, each.name)) for each in tools_of(binder.listing)]
    return direct + [
        as_tool(each, _catalogued(binder, each)) for each in catalogue_of(binder.listing)
    ]


def catalogue_of(listing: Listing) -> list[Mapping[str, Any]]:
    """The catalogue's tools that a server lists: the writing one only where it may write."""
    if not listing.with_catalogue:
        return []
    read_only = listing.settings.read_only
    return [
        tool for tool in catalogue_tools() if tool["annotations"]["readOnlyHint"] or not read_only
    ]


def _direct(binder: Binder, name: str) -> Run:
    return lambda arguments, context: binder.call(name, arguments, context)


def _catalogued(binder: Binder, tool: Mapping[str, Any]) -> Run:
    async def run(arguments: Mapping[str, Any], context: Any) -> Answer:
        from mixpanel_mcp import catalogue

        return await catalogue.run(binder, tool["name"], tool["inputSchema"], arguments, context)

    return run


async def _unused() -> None:
    """The SDK wants a function; `OperationTool.run` takes its place."""


def as_tool(entry: Mapping[str, Any], run: Run) -> Tool:
    """A stored description as the SDK's tool, answered by `run`."""
    tool = OperationTool(
        fn=_unused,
        is_async=True,
        name=entry["name"],
        title=entry["annotations"]["title"],
        description=entry["description"],
        parameters=dict(entry["inputSchema"]),
        annotations=ToolAnnotations.model_validate(entry["annotations"]),
        fn_metadata=FuncMetadata(arg_model=ArgModelBase),
        meta=entry.get("_meta"),
        context_kwarg=None,
    )
    tool._run = run  # pyright: ignore[reportPrivateUsage]
    return tool


def unknown_names_refused(server: MCPServer[Any]) -> Any:
    """Middleware: naming a tool or prompt that there is not is a protocol error, as the spec wants.

    The SDK would answer with a tool's error, or an internal one.
    """
    tools, prompts = server._tool_manager, server._prompt_manager  # pyright: ignore
    known = {"tools/call": ("tool", tools.get_tool), "prompts/get": ("prompt", prompts.get_prompt)}

    async def refuse(ctx: Any, call_next: Any) -> Any:
        if ctx.method in known:
            kind, find = known[ctx.method]
            params = ctx.params if isinstance(ctx.params, dict) else ctx.params.model_dump()
            name = params.get("name")
            if isinstance(name, str) and find(name) is None:
                raise MCPError(INVALID_PARAMS, f"Unknown {kind}: {name}", {kind: name})
        return await call_next(ctx)

    return refuse
