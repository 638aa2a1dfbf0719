"""Tables of a warehouse, imported by a client and asked about."""

from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from recorded_client import connected

pytestmark = pytest.mark.anyio

COLUMNS = ["order", "who", "at", "amount"]
ROWS = [
    ["o-1", "ann", "2026-02-10T10:00:00", "12.5"],
    ["o-2", "bob", "2026-02-11T10:00:00", "7"],
]
EVENTS: dict[str, Any] = {
    "warehouse_source_id": 1,
    "table_params": {"schema": "lookup", "table": "orders"},
    "event_name": "Order",
    "time_column_name": "at",
    "user_column_name": "who",
    "sync_mode": "full_sync",
}


async def test_a_table_is_imported_looked_at_and_taken_back(client: Client) -> None:
    """What was uploaded as a lookup table is a table of the sandbox's warehouse."""
    await told(client, "upload_lookup_rows", name="orders", columns=COLUMNS, rows=ROWS)
    made = await told(client, "create_event_stream_import", **EVENTS, run_every="daily")
    assert (made["id"], made["run_every"]) == (1, 86_400_000_000_000)
    assert await told(client, "sync_warehouse_import", import_id=1) == {"run_id": "run-2"}
    runs = (await told(client, "get_warehouse_import_history", import_id=1))["runs"]
    assert [(run["status"], run["num_events_imported"]) for run in runs] == [("SUCCEEDED", 2)] * 2
    total = await told(
        client,
        "segmentation_sum",
        event="Order",
        on="amount",
        from_date="2026-02-10",
        to_date="2026-02-11",
    )
    assert total["results"] == {"2026-02-10": 12.5, "2026-02-11": 7}
    paused = await told(client, "update_warehouse_import", import_id=1, paused=True, run_every=0)
    assert (paused["paused"], paused["run_every"]) == (True, 0)
    deleted = await told(client, "delete_warehouse_import", import_id=1, delete_data=True)
    assert deleted == {"status": "ok"}
    assert await told(client, "list_warehouse_imports") == []
    assert await told(client, "events") == []


async def test_the_sixth_sync_of_an_hour_is_told_to_wait(client: Client) -> None:
    """At once, since the wait is longer than any call."""
    await told(client, "upload_lookup_rows", name="orders", columns=COLUMNS, rows=ROWS)
    people = {key: EVENTS[key] for key in ("warehouse_source_id", "table_params", "sync_mode")}
    await told(client, "create_people_import", **people, user_column_name="who")
    for _ in range(5):
        await told(client, "sync_warehouse_import", import_id=1)
    error = await refused(client, "sync_warehouse_import", import_id=1)
    assert error["code"] == "RATE_LIMITED"
    assert 3590 <= error["details"]["retry_after"] <= 3601


async def test_an_empty_answer_to_a_deletion_says_that_it_is_done() -> None:
    """Whether the events go as well is always told."""
    async with connected({"status": 200, "body": None}, lookups=False) as (client, recorder):
        result = await client.call_tool("delete_warehouse_import", {"import_id": 3})
    assert not result.is_error, result.content
    assert recorder.requests[0].json() == {"delete_data": False}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"event_name": None}, "event_name: give either event_name"),
        ({"event_column_name": "kind"}, "event_name: give either event_name"),
        (
            {"run_every": 3600},
            "run_every: in nanoseconds, one of 0 (never), 3600000000000 (hourly)",
        ),
        ({"sync_mode": "full"}, "Did you mean 'full_sync'?"),
        ({"databricks_params": {"export_cluster_config": {"num_worker": 2}}}, "'num_workers'?"),
        ({"databricks_params": {"cluster": {}}}, "databricks_params.export_cluster_config"),
    ],
)
async def test_an_import_that_cannot_be_is_refused_here(
    change: dict[str, Any], sentence: str
) -> None:
    """Nothing is sent."""
    async with connected() as (client, recorder):
        error = await refused(client, "create_event_stream_import", **{**EVENTS, **change})
    assert recorder.requests == []
    assert sentence in error["message"]
