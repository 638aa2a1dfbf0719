"""A messy Lexicon becomes a tidy one, by a client of the server on its sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from recorder import CREDENTIALS, recording
from yesterday import DAYS, NOON

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

MESS: list[tuple[str, dict[str, Any]]] = [
    ("Sign Up", {"plan": "free"}),
    ("signup", {"plan": "free", "tmp": 1}),
    ("Purchase", {"amount": 12, "tmp": 2}),
    ("Purchase", {"amount": 30}),
    ("debug_ping", {"tmp": 3}),
]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on a sandbox in which everybody tracked as they liked."""
    async with at_work("empty") as connected:
        await send(connected, MESS)
        yield connected


async def send(client: Client, records: list[tuple[str, dict[str, Any]]]) -> Any:
    """Import events of yesterday noon."""
    events = [
        {"event": event, "properties": {"distinct_id": "ann", "time": NOON + second, **properties}}
        for second, (event, properties) in enumerate(records)
    ]
    return await told(client, "import_events", events=events)


async def total(client: Client) -> float:
    """How many of all events there were yesterday."""
    result = await told(client, "query", events=["$all_events"], **DAYS)
    [series] = result["series"].values()
    return sum(series.values())


async def test_a_messy_lexicon_becomes_a_tidy_one(client: Client) -> None:
    """Looked at, described, tagged, hidden, dropped; what was done stands in the histories."""
    mess = await told(client, "schema_graph")
    assert mess["event_to_properties"] == {
        "Purchase": ["amount", "tmp"],
        "Sign Up": ["plan"],
        "debug_ping": ["tmp"],
        "signup": ["plan", "tmp"],
    }
    assert mess["property_to_events"]["tmp"] == ["Purchase", "debug_ping", "signup"]
    assert await told(client, "events") == ["Purchase", "Sign Up", "debug_ping", "signup"]
    assert await total(client) == 5

    tag = await told(client, "create_lexicon_tag", name="core")
    assert tag == {"id": 1, "name": "core"}
    purchase = await told(
        client,
        "update_event_definition",
        event_name="Purchase",
        display_name="Order",
        description="Paid order",
        tags=["core"],
        verified=True,
    )
    assert {
        "name": "Purchase",
        "display_name": "Order",
        "description": "Paid order",
        "tags": ["core"],
        "verified": True,
        "hidden": False,
        "status": "ingested",
    }.items() <= purchase.items()
    changes = [{"name": "signup", "hidden": True}, {"name": "debug_ping", "dropped": True}]
    rows = await told(client, "bulk_update_event_definitions", events=changes)
    assert [(row["name"], row["hidden"], row["dropped"]) for row in rows] == [
        ("signup", True, False),
        ("debug_ping", False, True),
    ]
    useless = {"name": "tmp", "resource_type": "Event", "dropped": True}
    await told(client, "bulk_update_property_definitions", properties=[useless])
    amount = {"description": "Amount paid", "example_value": "12"}
    await told(client, "update_property_definition", property_name="amount", **amount)

    assert await told(client, "events") == ["Purchase", "Sign Up"]
    assert await told(client, "properties", event="Purchase") == ["amount"]
    assert await total(client) == 3
    await send(client, [("Purchase", {"amount": 7, "tmp": 4}), ("debug_ping", {})])
    assert await total(client) == 4
    tracked = await told(client, "get_tracking_metadata", event_name="debug_ping")
    assert tracked["count"] == 1

    await told(client, "update_lexicon_tag", tag_id=tag["id"], name="key")
    assert await told(client, "list_lexicon_tags") == [{"id": 0, "name": "key"}]
    history = await told(client, "get_event_history", event_name="Purchase")
    assert [sorted(line["changes"]) for line in history] == [
        ["tags"],
        ["description", "displayName", "tags", "verified"],
    ]
    history = await told(client, "get_property_history", property_name="tmp", entity_type="event")
    assert [line["changes"] for line in history] == [{"dropped": {"from": False, "to": True}}]
    exported = await told(client, "export_lexicon")
    told_of = {each["name"]: each["description"] for each in exported["events"]}
    assert told_of == {
        "Purchase": "Paid order",
        "Sign Up": None,
        "debug_ping": None,
        "signup": None,
    }


async def test_an_event_that_there_is_not_cannot_be_described(client: Client) -> None:
    """Mixpanel's refusal names the nearest event that there is."""
    error = await refused(
        client, "update_event_definition", event_name="Purchse", description="Paid"
    )
    assert (error["code"], error["message"]) == (
        "QUERY_FAILED",
        "Event definition 'Purchse' not found. Did you mean 'Purchase'?",
    )


@pytest.mark.parametrize(
    ("tool", "entry"),
    [
        ("bulk_update_event_definitions", {"name": "Purchase"}),
        ("bulk_update_property_definitions", {"name": "plan", "resource_type": "Event"}),
    ],
)
async def test_a_bulk_entry_that_changes_nothing_is_refused(
    client: Client, tool: str, entry: dict[str, Any]
) -> None:
    """Whoever describes there is told which tool does, and not that it was done."""
    argument = "events" if "event" in tool else "definitions"
    given = {argument: [{**entry, "hidden": False}, {**entry, "description": "Paid"}]}
    error = await refused(client, tool, **given)
    assert error["message"].startswith(f"{argument}[1]: ")
    single = tool.removeprefix("bulk_").removesuffix("s")
    assert f"a description is set by {single}" in error["message"]


async def test_a_tag_without_its_number_cannot_be_renamed(client: Client) -> None:
    """0 is what a list of names has for numbers: it is refused before anything is sent."""
    error = await refused(client, "update_lexicon_tag", tag_id=0, name="key")
    assert [problem["field"] for problem in error["details"]["problems"]] == ["tag_id"]


async def test_without_lookups_a_miss_asks_nothing_more() -> None:
    """Nearest names, and what was there, cost a request each, which a server may save."""
    answers = {"status": 404, "body": {"error": "no such event"}}
    for lookups, requests in ((True, 3), (False, 1)):
        async with recording() as recorder:
            recorder.answers += [answers] * requests
            environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
            settings = Settings(toolsets=("lexicon",), lookups=lookups, confirm="never")
            async with Client(build(settings, environ)) as client:
                await refused(client, "delete_event_definition", event_name="Purchse")
        assert len(recorder.requests) == requests
