"""The README's cookbook is true: every call runs on the demo and answers in the columns shown."""

import json
import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from job_client import at_demo
from mcp import Client

from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
RECIPE = re.compile(r"\*\*(.+\?)\*\*\n\n```console\n\$ (.+)\n(.+)\n")


def recipes() -> list[tuple[str, str, str, list[str]]]:
    """Question, tool, arguments and shown columns."""
    found = RECIPE.findall(README.partition("## Cookbook")[2])
    calls = [(question, shlex.split(command), header) for question, command, header in found]
    return [(question, call[-2], call[-1], fixed(header)) for question, call, header in calls]


def fixed(header: str) -> list[str]:
    """The columns that stand there on every day of the week: not the numbered weeks."""
    return [word for word in header.split() if word != "week" and not word.isdigit()]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all questions, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a server on a demo of its own, answering as the command line does."""
    settings = Settings(sandbox="demo", result_format="table", max_tokens=100_000)
    async with at_demo(settings) as connected:
        yield connected


def test_there_are_ten_questions() -> None:
    """And every one of the five queries answers at least one of them."""
    tools = [tool for _, tool, _, _ in recipes()]
    assert len(tools) == 10
    assert set(tools) == {
        "query",
        "query_funnel",
        "query_retention",
        "query_flow",
        "query_user",
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "columns"),
    [recipe[1:] for recipe in recipes()],
    ids=[recipe[0] for recipe in recipes()],
)
async def test_a_question_is_answered_as_shown(
    client: Client, tool: str, arguments: str, columns: list[str]
) -> None:
    """The same columns, and rows below them."""
    result = await client.call_tool(tool, json.loads(arguments))
    text = getattr(result.content[0], "text", "")
    assert not result.is_error, text
    header, rule, *rows = text.split("\n\n", 1)[1].splitlines()
    assert fixed(header) == columns
    assert set(rule) == {"-", " "}
    assert rows
