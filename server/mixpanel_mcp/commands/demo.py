"""`mixpanel-mcp demo`: the main job on a fresh machine, with no credentials.

Starts the server on the sandbox as a client would, connects over stdio and asks three questions.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from mixpanel_mcp.snippets import snippets
from mixpanel_mcp_core.errors import MixpanelError


class Question(NamedTuple):
    """What a person asks, and the tool call that a model makes of it."""

    text: str
    tool: str
    arguments: Mapping[str, Any]


_TODAY = datetime.now(UTC).date()
_EIGHT_WEEKS_AGO = _TODAY - timedelta(days=_TODAY.weekday() + 7 * 8)

QUESTIONS = (
    Question(
        "How many orders did we have, week by week? (The last week is not over.)",
        "query",
        {
            "events": [{"event": "Order Completed"}],
            "from_date": str(_EIGHT_WEEKS_AGO),
            "to_date": str(_TODAY),
            "unit": "week",
        },
    ),
    Question(
        "Where do we lose people between looking at a product and paying for it?",
        "query_funnel",
        {
            "steps": ["Product Viewed", "Add to Cart", "Checkout Started", "Order Completed"],
            "conversion_window": 7,
            "last": 30,
        },
    ),
    Question(
        "Do new customers come back, week after week?",
        "query_retention",
        {
            "born_event": {"event": "Account Created"},
            "return_event": {"event": "Session Opened"},
            "retention_unit": "week",
            "unit": "week",
            "last": 56,
        },
    ),
)

_WELCOME = """\
mixpanel-mcp demo: no credentials, no network. The server runs on its sandbox, a made-up outdoor
shop called Northwind Trail, and a real MCP client asks it three questions over stdio. (The first
time it builds the shop, which takes a few seconds.)
"""
_NEXT = """\
That was the sandbox. To ask it yourself from {client}, add this:

{snippet}

For your own project run `mixpanel-mcp login` first; `mixpanel-mcp doctor` checks it.
"""


def run(options: argparse.Namespace) -> int:
    """Ask, print the answers as tables, and end with what to paste into a client."""
    print(_WELCOME, flush=True)
    for question, result in zip(QUESTIONS, asyncio.run(_asked()), strict=True):
        text = "\n".join(getattr(block, "text", "") for block in result.content)
        if result.is_error:
            raise MixpanelError(text)
        print(f"» {question.text}\n")
        print("\n".join(f"  {line}".rstrip() for line in text.splitlines()) + "\n")
    client, snippet = next(iter(snippets(credentials=False).items()))
    print(_NEXT.format(client=client, snippet=snippet))
    return 0


async def _asked() -> list[CallToolResult]:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "mixpanel_mcp", "serve", "--sandbox", "demo"],
        env={**os.environ, "MIXPANEL_MCP_RESULT_FORMAT": "table"},
    )
    async with Client(server) as client:
        return [
            await client.call_tool(question.tool, dict(question.arguments))
            for question in QUESTIONS
        ]
