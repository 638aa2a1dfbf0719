"""Runs worked cases of the computing rules through the real MCP server.

`uv run python -m tests.sandbox.cases FILE.json` reads that file and nothing else, runs each case
on an empty sandbox with the case's time zone and its clock standing still, prints what disagrees
and ends with `N/M cases agree`. Cases about a tool are calls of that tool; those about the
evaluator, and about what an ingestion endpoint answers, ask the sandbox itself.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from case_forms import FORMS, differs, found, violation_key
from case_runner import told
from case_setup import opened
from mcp import Client as McpClient
from processes import away
from sandbox_client import Client, moment

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

Case = Mapping[str, Any]


def main(path: str) -> int:
    """Run all cases of a file, and return 0 when all agree."""
    return told(json.loads(Path(path).read_text("utf-8")), disagreement)


def disagreement(case: Case) -> str | None:
    """What was expected and what came, or None where they agree."""
    try:
        actual = answered(case)
    except Exception as error:  # A case that cannot be run disagrees; the others go on.
        return f"  {type(error).__name__}: {error}"
    expected = dict(case["expected"])
    if "violations" in expected:
        expected["violations"] = sorted(expected["violations"], key=violation_key)
    unwanted = [path for path in case.get("absent", []) if found(path, actual)]
    if not unwanted and not differs(expected, actual):
        return None
    told = f"  expected {json.dumps(expected)}\n  got      {json.dumps(actual)}"
    return f"{told}\n  should not be there: {', '.join(unwanted)}" if unwanted else told


def answered(case: Case) -> Any:
    """The answer to a case in neutral form."""
    client, tool, arguments = opened(case), case["tool"], case["arguments"]
    with client.sandbox:
        match tool:
            case "expression":
                return {"values": client.evaluate(arguments)}
            case "custom_property_formula":
                client.hold(arguments["inputs"])
                formulas = arguments["formulas"]
                return {"values": [client.computed(f, arguments["inputs"]) for f in formulas]}
            case "profile_updates":
                updates = [{"$token": "sandbox", **each} for each in arguments["updates"]]
                client.post("/engage", updates)
                return {"profiles": client.profiles()}
            case "import_events" | "track":
                return _ingested(client, case)
            case "export":
                return called(client, case, "stream_events", {**arguments, "raw": True})
            case _:
                return called(client, case, tool, arguments)


def _ingested(client: Client, case: Case) -> dict[str, Any]:
    arguments = case["arguments"]
    actual = client.ingest(case["tool"], arguments)
    for tool, then in arguments.get("then", {}).items():
        # How many lines an export has was told with what is stored.
        if tool != "export":
            actual[tool] = called(client, case, tool, then)
    return actual


def called(client: Client, case: Case, tool: str, arguments: Mapping[str, Any]) -> Any:
    """The answer of a tool of the real server on the case's sandbox, in neutral form."""
    value = asyncio.run(_called(client, case, tool, arguments))
    return FORMS[tool](value)


async def _called(client: Client, case: Case, tool: str, arguments: Mapping[str, Any]) -> Any:
    project = case["project"]
    now = moment(project["now"])
    settings = Settings(
        sandbox="empty", tools=(tool,), result_format="json", max_tokens=10**7, lookups=False
    )
    sessions = Sessions(
        settings,
        away(),
        clock=lambda: now,
        today=lambda: now.astimezone(ZoneInfo(project["timezone"])).date(),
        open_sandbox=lambda _: client.sandbox,
    )
    async with McpClient(build(settings, away(), sessions=sessions)) as connected:
        result = await connected.call_tool(tool, dict(arguments))
    text = "".join(getattr(block, "text", "") for block in result.content)
    if result.is_error:
        raise AssertionError(text)
    return json.loads(text)["result"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
