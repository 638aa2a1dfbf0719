"""A tracking plan is registered and enforced, and what breaks it is seen, by a client."""

from datetime import UTC, datetime
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

NOW = int(datetime.now(UTC).timestamp()) - 60
PLAN = {
    "description": "Paid order",
    "properties": {"amount": {"type": "number"}, "coupon": {"type": "string"}},
    "required": ["amount"],
}
EXPECTED = [
    {"name": "amount", "type": "number", "required": True},
    {"name": "coupon", "type": "string", "required": False},
]


async def send(client: Client, *records: tuple[str, dict[str, Any]]) -> None:
    """Import events; all of them count as imported, whatever becomes of them."""
    events = [
        {"event": event, "properties": {"distinct_id": "ann", "time": NOW, **properties}}
        for event, properties in records
    ]
    result = await told(client, "import_events", events=events)
    assert result["num_records_imported"] == len(events)


async def violations(client: Client) -> list[tuple[str, str, str | None, int]]:
    """What was marked as breaking the plan."""
    config = await told(client, "get_schema_enforcement", fields="violations")
    return [
        (row["violation"], row["event"], row["property"], row["count"])
        for row in config["violations"]
    ]


async def test_a_tracking_plan_is_registered_enforced_and_broken(client: Client) -> None:
    """First everything is let in and marked, then the rule is tightened and noise stays out."""
    answer = await told(
        client, "create_schema", entity_type="event", entity_name="Purchase", schema_json=PLAN
    )
    assert answer == {"status": "ok"}
    assert await told(client, "list_schema_registry", entity_type="event") == [
        {
            "entity_type": "event",
            "name": "Purchase",
            "version": None,
            "schema_definition": PLAN,
        }
    ]
    [planned] = await told(client, "get_event_definitions", names=["Purchase"])
    assert (planned["status"], planned["description"]) == ("planned", "Paid order")

    begun = await told(client, "init_schema_enforcement", rule_event="Warn and Accept")
    assert (begun["state"], begun["events"]) == (
        "planned",
        [{"name": "Purchase", "properties": EXPECTED}],
    )
    await send(
        client,
        ("Purchase", {"amount": 12, "coupon": "MAY"}),
        ("Purchase", {"amount": "12", "size": "M"}),
        ("Purchase", {}),
        ("purchase_v2", {"amount": 3}),
    )
    marked = [
        ("Unexpected Type for Property", "Purchase", "amount", 1),
        ("Unexpected Property", "Purchase", "size", 1),
        ("Missing Property", "Purchase", "amount", 1),
        ("Unexpected Event", "purchase_v2", None, 1),
    ]
    assert await violations(client) == marked

    emails = ["data@example.com"]
    tightened = await told(
        client,
        "update_schema_enforcement",
        rule_event="Warn and Drop",
        notification_emails=emails,
    )
    assert (tightened["ruleEvent"], tightened["notificationEmails"]) == ("Warn and Drop", emails)
    await send(client, ("Purchase", {"amount": 5, "size": "L"}), ("purchase_v2", {"amount": 3}))
    graph = await told(client, "schema_graph")
    counts = [
        (await told(client, "get_tracking_metadata", event_name=event))["count"]
        for event in ("Purchase", "purchase_v2")
    ]
    assert counts == [4, 1]
    assert graph["property_to_events"]["size"] == ["Purchase"]
    assert (await violations(client))[3] == ("Unexpected Event", "purchase_v2", None, 2)

    change = {"properties": {"size": {"type": "string"}}}
    await told(
        client, "update_schema", entity_type="event", entity_name="Purchase", schema_json=change
    )
    config = await told(client, "get_schema_enforcement")
    size = {"name": "size", "type": "string", "required": False}
    assert config["events"] == [{"name": "Purchase", "properties": [*EXPECTED, size]}]

    assert await told(client, "delete_schema_enforcement") == {}
    error = await refused(client, "get_schema_enforcement")
    assert (error["code"], error["message"]) == (
        "QUERY_FAILED",
        "Schema enforcement is not initialized",
    )


async def test_a_plan_of_many_events_comes_and_goes_at_once(client: Client) -> None:
    """Each entry is told what came of it; a plan that is not the registry's can be enforced too."""
    entries = [
        {"entity_type": "event", "name": name, "schema_definition": PLAN}
        for name in ("Buy", "Sell")
    ]
    added = await told(client, "create_schemas_bulk", entries=entries, entity_type="event")
    assert added == {"added": 2, "deleted": 0}
    more = [*entries, {"entityType": "event", "name": "Look", "schemaJson": {}}]
    results = await told(client, "update_schemas_bulk", entries=more)
    assert [(row["name"], row["status"]) for row in results] == [
        ("Buy", "ok"),
        ("Sell", "ok"),
        ("Look", "error"),
    ]
    await told(
        client,
        "replace_schema_enforcement",
        events=[{"name": "Buy"}],
        common_properties=[{"name": "amount"}],
        user_properties=[],
        rule_event="Warn and Drop",
        notification_emails=[],
    )
    await send(client, ("Buy", {"amount": 5, "size": "L"}), ("Sell", {"amount": 5}))
    assert await told(client, "events") == ["Buy"]
    assert await told(client, "properties", event="Buy") == ["amount"]
    assert await told(client, "delete_schemas") == {"delete_count": 2}
    assert await told(client, "list_schema_registry") == []


async def test_a_name_alone_deletes_nothing(client: Client) -> None:
    """It needs a type beside it, and an empty type is none: neither is sent."""
    error = await refused(client, "delete_schemas", entity_name="Buy")
    assert (error["code"], error["details"]) == ("UNKNOWN_ERROR", {})
    error = await refused(client, "delete_schemas", entity_type="")
    assert [problem["field"] for problem in error["details"]["problems"]] == ["entity_type"]
