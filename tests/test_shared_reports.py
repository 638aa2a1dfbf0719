"""A query becomes a link and a query again, by a client of the server on its sandbox."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from job_client import at_work, told
from mcp import Client
from yesterday import DAYS, NOON

pytestmark = pytest.mark.anyio

SEEN = [("ann", "Visit", 0), ("ben", "Visit", 1), ("ann", "Buy", 2), ("ann", "Visit", 3)]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on a sandbox that has seen two people."""
    async with at_work("empty") as connected:
        events = [
            {"event": event, "properties": {"distinct_id": who, "time": NOON + second}}
            for who, event, second in SEEN
        ]
        await told(connected, "import_events", events=events)
        yield connected


def without_clock(result: dict[str, Any]) -> dict[str, Any]:
    """A result without the moment at which it was computed."""
    return {key: value for key, value in result.items() if key != "computed_at"}


QUERIES: list[tuple[str, dict[str, Any]]] = [
    ("query", {"events": ["Visit"], "group_by": "$city"}),
    ("query_funnel", {"steps": ["Visit", "Buy"]}),
    ("query_retention", {"born_event": "Buy", "return_event": "Visit"}),
    ("query_flow", {"event": "Visit", "forward": 2}),
]


@pytest.mark.parametrize(("tool", "arguments"), QUERIES, ids=[tool for tool, _ in QUERIES])
async def test_a_result_can_be_linked_and_asked_again(
    client: Client, tool: str, arguments: dict[str, Any]
) -> None:
    """Whoever opens the link gets the same numbers, by the slug or by the address."""
    first = await told(client, tool, **arguments, **DAYS)
    link = await told(client, "create_report_link", params=first, name="Shared")
    assert link["url"].startswith("https://mixpanel.com/project/1/view/1/app/")
    resolved = await told(client, "resolve_report_link", link=link["url"])
    assert (resolved["params"], resolved["name"]) == (first["params"], "Shared")
    for found in (link["slug"], link["url"], resolved):
        again = await told(client, "query_report_link", link=found)
        assert without_clock(again) == without_clock(first)


async def test_a_card_of_a_dashboard_is_run_by_its_address(client: Client) -> None:
    """A saved report has an address that needs no request."""
    params = await told(client, "build_params", events=["Visit"], **DAYS)
    card = {"bookmark": {"name": "Visits", "type": "insights", "params": json.dumps(params)}}
    rows = [{"contents": [{"content_type": "report", "content_params": card}]}]
    board = await told(client, "create_dashboard", title="Board", rows=rows)
    [number] = board["contents"]["report"]
    url = await told(client, "saved_report_link", bookmark_id=int(number))
    assert url == f"https://mixpanel.com/project/1/app/insights#report/{number}"
    resolved = await told(client, "resolve_report_link", link=url)
    assert (resolved["source"], resolved["name"]) == ("bookmark", "Visits")
    assert (await told(client, "query_report_link", link=url))["params"] == params


async def test_the_sandbox_has_no_short_links(client: Client) -> None:
    """It says so, rather than that there is none of that name."""
    result = await client.call_tool("resolve_report_link", {"link": "https://mixpanel.com/s/aB1"})
    assert result.structured_content is not None
    error = result.structured_content["error"]
    sentence = "Server error: The sandbox does not emulate short links yet."
    assert (error["code"], error["message"]) == ("SERVER_ERROR", sentence)
