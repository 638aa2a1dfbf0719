"""The tools that the conformance suite calls by name, made the way that ours are made."""

import asyncio
from collections.abc import Mapping
from typing import Any

import asking_back
import asking_now
import contents
import schemas
from mcp import MCPError
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.types import MISSING_REQUIRED_CLIENT_CAPABILITY, CallToolResult, ContentBlock

from mixpanel_mcp.app import Run, as_tool
from mixpanel_mcp.failures import failed
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp_core.errors import MixpanelError

Call = Context[Any, Any]
Arguments = Mapping[str, Any]

_PAUSE = 0.05


def said(*blocks: ContentBlock) -> Run:
    """A tool that always answers the same."""

    async def run(_: Arguments, context: Call) -> CallToolResult:
        return CallToolResult(content=[*blocks])

    return run


async def fail(_: Arguments, context: Call) -> CallToolResult:
    """Fail as every operation of ours fails."""
    error = MixpanelError("This tool intentionally returns an error for testing")
    return failed(error, Masker({}))


async def log(_: Arguments, context: Call) -> CallToolResult:
    """Send three log messages."""
    for message in ("started", "is processing data", "completed"):
        await context.info(f"Tool execution {message}")  # pyright: ignore[reportDeprecated]
        await asyncio.sleep(_PAUSE)
    return CallToolResult(content=[contents.text("Logged.")])


async def progress(_: Arguments, context: Call) -> CallToolResult:
    """Report 0, 50 and 100 of 100."""
    for done in (0, 50, 100):
        await context.report_progress(done, 100)
        await asyncio.sleep(_PAUSE)
    return CallToolResult(content=[contents.text("Done.")])


async def need_sampling(_: Arguments, context: Call) -> CallToolResult:
    """Refuse a client that cannot sample."""
    able = context.client_capabilities
    if able is None or able.sampling is None:
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY,
            "This tool needs a client that can sample.",
            {"requiredCapabilities": {"sampling": {}}},
        )
    return CallToolResult(content=[contents.text("The client can sample.")])


async def tools_changed(_: Arguments, context: Call) -> CallToolResult:
    """Tell the listeners that the list of tools changed."""
    await context.notify_tools_changed()
    return CallToolResult(content=[contents.text("Told.")])


async def prompts_changed(_: Arguments, context: Call) -> CallToolResult:
    """Tell the listeners that the list of prompts changed."""
    await context.notify_prompts_changed()
    return CallToolResult(content=[contents.text("Told.")])


RUNS: dict[str, Run] = {
    **{name: said(*blocks) for name, blocks in contents.BY_TOOL.items()},
    **asking_back.BY_TOOL,
    "test_error_handling": fail,
    "test_tool_with_logging": log,
    "test_logging_tool": log,
    "test_tool_with_progress": progress,
    "test_sampling": asking_now.sample,
    "test_elicitation": asking_now.elicit,
    "test_elicitation_sep1034_defaults": asking_now.elicit_defaults,
    "test_elicitation_sep1330_enums": asking_now.elicit_enums,
    "test_missing_capability": need_sampling,
    "test_trigger_tool_change": tools_changed,
    "test_trigger_prompt_change": prompts_changed,
}


def tools() -> list[Tool]:
    """Every fixture tool, through the same door as an operation."""
    return [as_tool(_entry(name), run) for name, run in RUNS.items()]


def _entry(name: str) -> dict[str, Any]:
    title = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "description": f"{title}.",
        "inputSchema": schemas.BY_TOOL.get(name, schemas.NONE),
        "annotations": {"title": title, "readOnlyHint": True},
    }
