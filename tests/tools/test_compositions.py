"""Boards and reports made out of queries in one call, and found again by their names."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

ORDERS = {"events": [{"event": "Order Completed"}], "unit": "week", "last": 28}
CHECKOUT = {"steps": ["Product Viewed", "Order Completed"], "last": 28}
ROWS: list[dict[str, Any]] = [
    {"cards": [{"text": "<h2>Launch</h2>"}]},
    {
        "cards": [
            {"title": "Orders", "tool": "query", "arguments": ORDERS},
            {"tool": "query_funnel", "arguments": CHECKOUT},
        ]
    },
]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on the demo shop."""
    async with at_work("demo") as connected:
        yield connected


def value(result: CallToolResult) -> Any:
    """What a good answer says."""
    text = getattr(result.content[0], "text", "")
    assert not result.is_error, text
    return json.loads(text)["result"]


def problems(result: CallToolResult) -> list[str]:
    """Where a refused call has its problems."""
    assert result.is_error
    assert result.structured_content is not None
    details = result.structured_content["error"]["details"]
    if "errors" in details:
        return [each["path"] for each in details["errors"]]
    return [each["field"] for each in details["problems"]]


async def test_a_board_of_queries_is_one_call_and_its_reports_answer(client: Client) -> None:
    """Its cards hold what the query tools would have asked, and run to the same numbers."""
    board = value(await client.call_tool("create_board", {"title": "Launch", "rows": ROWS}))
    board = value(await client.call_tool("get_dashboard", {"dashboard_id": board["id"]}))
    reports = list(board["contents"]["report"].values())
    assert [(each["name"], each["type"]) for each in reports] == [
        ("Orders", "insights"),
        ("Query funnel", "funnels"),
    ]
    assert [each["markdown"] for each in board["contents"]["text"].values()] == ["<h2>Launch</h2>"]
    saved = value(await client.call_tool("query_saved_report", {"bookmark_id": reports[0]["id"]}))
    asked = value(await client.call_tool("query", ORDERS))
    assert saved["series"] == asked["series"]


async def test_a_query_is_saved_from_the_arguments_it_was_asked_with(client: Client) -> None:
    """The report stands on the board and runs by its id."""
    board = value(await client.call_tool("create_dashboard", {"title": "Funnels"}))
    report = value(
        await client.call_tool(
            "save_query",
            {
                "name": "Checkout",
                "tool": "query_funnel",
                "arguments": CHECKOUT,
                "dashboard_id": board["id"],
            },
        )
    )
    assert (report["name"], report["bookmark_type"]) == ("Checkout", "funnels")
    board = value(await client.call_tool("get_dashboard", {"dashboard_id": board["id"]}))
    assert [each["name"] for each in board["contents"]["report"].values()] == ["Checkout"]


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ([{"cards": [{"text": "a"}, {"tool": "query", "arguments": {"events": []}}]}], None),
        (
            [{"cards": [{"tool": "query", "arguments": {"evnts": ["A"]}}]}],
            ["rows[0].cards[0].arguments.events", "rows[0].cards[0].arguments.evnts"],
        ),
        (
            [{"cards": [{"text": "a"}]}, {"cards": [{"text": "a", "tool": "query"}]}],
            ["rows[1].cards[0]"],
        ),
        ([{"cards": [{"tool": "qury", "arguments": {}}]}], ["rows[0].cards[0].tool"]),
        ([{"cards": [{"text": "a"}] * 5}, {"cards": []}], ["rows[0].cards", "rows[1].cards"]),
    ],
    ids=["no event", "unknown argument", "text and query", "unknown tool", "five and none"],
)
async def test_a_problem_of_a_card_has_its_place_and_nothing_is_sent(
    rows: list[Any], places: list[str] | None
) -> None:
    """A board is made whole or not at all."""
    async with recording() as recorder:
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        async with Client(build(Settings(toolsets=("all",)), environ)) as client:
            result = await client.call_tool("create_board", {"title": "T", "rows": rows})
    found = problems(result)
    assert recorder.requests == []
    if places is None:
        assert all(each.startswith("rows[0].cards[1].arguments") for each in found)
    else:
        assert found == places


async def test_one_search_finds_what_has_the_word_in_its_name(client: Client) -> None:
    """Over all kinds, best match first; kinds narrow it."""
    found = value(await client.call_tool("search_entities", {"words": "wishlists"}))
    assert found["not_searched"] == {}
    kinds = {(each["kind"], each["name"]) for each in found["found"]}
    assert ("dashboard", "Retention & wishlists") in kinds
    assert [each["match"] for each in found["found"]] == sorted(
        (each["match"] for each in found["found"]), reverse=True
    )
    boards = value(
        await client.call_tool(
            "search_entities", {"words": "wishlists", "kinds": ["dashboard"], "limit": 1}
        )
    )
    assert [each["kind"] for each in boards["found"]] == ["dashboard"]


async def test_what_is_found_tells_who_made_it_when_and_what_it_is(client: Client) -> None:
    """Each kind of thing has these in fields of its own."""
    search = {"words": "order", "kinds": ["cohort", "metric", "behavior"]}
    found = value(await client.call_tool("search_entities", search))["found"]
    told = {each["name"]: (each["kind"], each["type"], each["owner"]) for each in found}
    assert told == {
        "Orders": ("metric", "metric", "Ada Lindqvist"),
        "Orders per checkout": ("metric", "formula", "Ada Lindqvist"),
        "Way to the order": ("behavior", "funnel", "Ada Lindqvist"),
        "Bought twice in 30 days": ("cohort", None, "Ada Lindqvist"),
    }
    assert all(each["modified"] for each in found)


async def test_a_kind_that_cannot_be_listed_is_told_and_the_others_are_searched() -> None:
    """An account without the right to flags still finds its dashboards."""

    async def answer(request: Any) -> Any:
        if "feature-flags" in request.path:
            return {"status": 403, "body": {"error": "no flags for you"}}
        if request.path.endswith(("/metrics", "/behaviors")):
            return {"status": 200, "body": {"status": "ok", "results": {}}}
        named = [{"id": 7, "title": "Checkout health"}] if "dashboards" in request.path else []
        return {"status": 200, "body": {"status": "ok", "results": named}}

    async with recording() as recorder:
        recorder.answer = answer
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url, "MP_WORKSPACE_ID": "9"}
        async with Client(build(Settings(toolsets=("all",)), environ)) as client:
            result = await client.call_tool("search_entities", {"words": "checkout"})
    text = getattr(result.content[0], "text", "")
    assert not result.is_error, text
    assert "flags not searched: no flags for you" in text.splitlines()[0]
    assert text.splitlines()[2:] == ["kind,id,name,match", "dashboard,7,Checkout health,0.9"]


async def test_a_lookup_table_is_made_of_rows_and_joins(tmp_path: Path) -> None:
    """Numbers may be written as numbers; what is not fit is told row by row, before a request."""
    async with at_work("empty") as client:
        table = await told(
            client,
            "upload_lookup_rows",
            name="Products",
            columns=["sku", "brand", "price"],
            rows=[["P1", "Fjell", 10], ["P2", "Tarn, Ltd", 12.5]],
        )
        assert await told(client, "list_lookup_tables") == [table]
        csv = await told(client, "download_lookup_table", data_group_id=table["id"])
        assert csv == 'sku,brand,price\nP1,Fjell,10\nP2,"Tarn, Ltd",12.5\n'
        error = await refused(
            client,
            "upload_lookup_rows",
            name="Products",
            columns=["sku", "brand", "sku"],
            rows=[["P1", "a", "b"], ["P1", "c", "d"], ["", "e", "f"], ["P3", "g"]],
        )
    assert error["details"]["problems"] == [
        {"field": "columns[2]", "problem": "there is another column 'sku'"},
        {"field": "rows[1]", "problem": "has the key 'P1' of rows[0]"},
        {"field": "rows[2]", "problem": "the key, its first value, is empty"},
        {"field": "rows[3]", "problem": "has 2 values for 3 columns"},
    ]
