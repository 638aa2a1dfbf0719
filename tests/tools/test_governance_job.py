"""Data is governed from beginning to end: enriched, stopped, deleted, renamed, by a client."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DAYS = {
    "from_date": str((NOON - timedelta(days=6)).date()),
    "to_date": str((NOON - timedelta(days=1)).date()),
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server on an empty sandbox, with a folder of files."""
    async with at_work("empty", tmp_path) as connected:
        yield connected


async def arrive(client: Client, *events: tuple[str, int, dict[str, Any]]) -> None:
    """Import events by name, whole days ago, and properties."""
    records = [
        {
            "event": event,
            "properties": {
                "distinct_id": "ann",
                "time": int((NOON - timedelta(days=ago)).timestamp()) + number,
                **properties,
            },
        }
        for number, (event, ago, properties) in enumerate(events)
    ]
    answer = await told(client, "import_events", events=records)
    assert answer["num_records_imported"] == len(records), answer


async def counted(client: Client, event: Any, **question: Any) -> Any:
    """How often an event happened in the days asked for, by segment or in all."""
    answer = await told(client, "query", events=[event], mode="total", **DAYS, **question)
    if not answer["series"]:
        return 0
    (node,) = answer["series"].values()
    if "all" in node:
        return node["all"]
    return {name: cell["all"] for name, cell in node.items() if name != "$overall"}


async def test_a_table_of_products_is_uploaded_replaced_and_taken_away(
    client: Client, tmp_path: Path
) -> None:
    """Orders are broken down by brand, which no event carries; a better file corrects the past."""
    await arrive(client, *[("Order", 2, {"sku": sku}) for sku in ("P1", "P1", "P2", "P3")])
    by_brand = {"group_by": ["sku → brand"]}
    assert await counted(client, "Order", **by_brand) == {"undefined": 4}

    (tmp_path / "products.csv").write_text("sku,brand\nP1,Fjell\nP2,Tarn\n", encoding="utf-8")
    table = await told(client, "upload_lookup_table", name="Products", file_path="products.csv")
    assert (table["name"], table["has_mapped_properties"]) == ("Products", True)
    assert table["mappedProperties"][0] == {"value": "sku", "resourceType": "event"}
    assert await told(client, "list_lookup_tables") == [table]
    assert await counted(client, "Order", **by_brand) == {"Fjell": 2, "Tarn": 1, "undefined": 1}

    better = "sku,brand\nP1,Fjell\nP2,Fjell\nP3,Birch\n"
    (tmp_path / "better.csv").write_text(better, encoding="utf-8")
    replaced = await told(
        client,
        "upload_lookup_table",
        name="Products",
        file_path="better.csv",
        data_group_id=table["id"],
    )
    assert replaced["id"] == table["id"]
    assert await counted(client, "Order", **by_brand) == {"Fjell": 3, "Birch": 1}
    assert await told(client, "download_lookup_table", data_group_id=table["id"]) == better

    await told(client, "update_lookup_table", data_group_id=table["id"], name="Range")
    [renamed] = await told(client, "list_lookup_tables", data_group_id=table["id"])
    assert renamed["name"] == "Range"
    await told(client, "delete_lookup_tables", data_group_ids=[table["id"]])
    assert await told(client, "list_lookup_tables") == []
    assert await counted(client, "Order", **by_brand) == {"undefined": 4}


async def test_a_bad_file_changes_nothing_and_says_which_row_is_bad(
    client: Client, tmp_path: Path
) -> None:
    """So does one outside of the folder, or one that is not there."""
    (tmp_path / "bad.csv").write_text("sku,brand\nP1,Fjell\nP1,Tarn\n", encoding="utf-8")
    upload = {"name": "Products", "file_path": "bad.csv"}
    error = await refused(client, "upload_lookup_table", **upload)
    assert (error["code"], error["message"]) == ("QUERY_FAILED", "Row 1: repeats the sku 'P1'")
    error = await refused(client, "upload_lookup_table", **upload | {"file_path": "none.csv"})
    assert error["message"].startswith("file_path: none.csv cannot be read")
    error = await refused(client, "upload_lookup_table", **upload | {"file_path": "../x.csv"})
    assert (error["code"], error["details"]["field"]) == ("NOT_PERMITTED", "file_path")
    assert await told(client, "list_lookup_tables") == []


async def test_a_large_file_is_waited_for(client: Client, tmp_path: Path) -> None:
    """Mixpanel works on it for a while; without patience its upload can be asked for later."""
    rows = "".join(f"{number},{'x' * 600}\n" for number in range(9_000))
    (tmp_path / "large.csv").write_text(f"sku,text\n{rows}", encoding="utf-8")
    upload = {"name": "Large", "file_path": "large.csv"}
    table = await told(client, "upload_lookup_table", **upload, poll_interval=0)
    assert (table["id"], table["name"]) == (1, "Large")
    error = await refused(client, "upload_lookup_table", **upload, max_poll_seconds=0)
    assert error["code"] == "UPLOAD_TIMEOUT"
    upload_id = error["details"]["upload_id"]
    status = await told(client, "get_lookup_upload_status", upload_id=upload_id)
    assert (status["uploadStatus"], status["result"]["id"]) == ("SUCCESS", 2)


async def test_test_orders_are_deleted_and_kept_from_coming_back(client: Client) -> None:
    """The preview tells how many, the request takes them away, a drop filter keeps them out."""
    test, live = {"env": "test"}, {"env": "live"}
    orders = [("Order", ago, env) for ago in (1, 3, 9) for env in (test, test, live)]
    await arrive(client, *orders, ("Visit", 3, test))
    where = {"property": "env", "operator": "equals", "value": "test"}
    scope = {"event_name": "Order", **DAYS, "filters": {"items": [where]}}

    (preview,) = await told(client, "preview_deletion_filters", **scope)
    assert preview["matchedEventsCount"] == 4
    assert await counted(client, "Order") == 6

    (request,) = await told(client, "create_deletion_request", **scope)
    assert (request["status"], request["deleted_events_count"]) == ("Submitted", 0)
    (done,) = await told(client, "list_deletion_requests")
    assert done == request | {"status": "Completed", "deleted_events_count": 4}
    assert await counted(client, "Order", group_by=["env"]) == {"live": 2}
    assert await counted(client, "Visit") == 1
    error = await refused(client, "cancel_deletion_request", request_id=done["id"])
    assert "Completed" in error["message"]

    (dropping,) = await told(client, "create_drop_filter", event_name="Order", filters=[where])
    assert (dropping["event_name"], dropping["active"]) == ("Order", True)
    await arrive(client, ("Order", 1, {**test, "n": 1}), ("Order", 1, {**live, "n": 1}))
    assert await counted(client, "Order", group_by=["env"]) == {"live": 3}
    await told(client, "update_drop_filter", id=dropping["id"], active=False)
    await arrive(client, ("Order", 1, {**test, "n": 2}))
    assert await counted(client, "Order", group_by=["env"]) == {"live": 3, "test": 1}
    assert await told(client, "delete_drop_filter", drop_filter_id=dropping["id"]) == []


async def test_a_request_is_withdrawn_in_time(client: Client) -> None:
    """Nothing is lost, and dates that cannot be are refused with the words of Mixpanel."""
    await arrive(client, ("Order", 2, {}))
    await told(client, "create_deletion_request", event_name="Order", **DAYS)
    assert await told(client, "cancel_deletion_request", request_id=1) == []
    assert await counted(client, "Order") == 1
    turned = {"from_date": DAYS["to_date"], "to_date": DAYS["from_date"]}
    error = await refused(client, "create_deletion_request", event_name="Order", **turned)
    assert error["message"].startswith("Invalid range")


async def test_names_are_made_for_what_events_have_in_common(client: Client) -> None:
    """A custom property and a custom event are checked, used, changed and taken away."""
    await arrive(client, ("Order", 2, {"price": 5}), ("Order", 2, {"price": 50}), ("Gift", 2, {}))
    size: dict[str, Any] = {
        "name": "Size",
        "resource_type": "events",
        "display_formula": 'if(A > 10, "large", "small")',
        "composed_properties": {
            "A": {"value": "price", "resource_type": "event", "type": "number"}
        },
    }
    broken = size | {"display_formula": "if(A > 10"}
    error = await refused(client, "validate_custom_property", **broken)
    assert error["details"]["response_body"]["field"] == "displayFormula"
    assert (await told(client, "validate_custom_property", **size))["valid"] is True

    made = await told(client, "create_custom_property", **size)
    number = made["custom_property_id"]
    by_size = {"group_by": [{"property": {"custom_property_id": number}}]}
    assert await counted(client, "Order", **by_size) == {"large": 1, "small": 1}
    changed = await told(
        client, "update_custom_property", property_id=str(number), display_formula="A * 2"
    )
    assert (changed["name"], changed["property_type"]) == ("Size", "number")
    await told(client, "delete_custom_property", property_id=str(number))
    assert await told(client, "list_custom_properties") == []

    event = await told(
        client, "create_custom_event", name="Any purchase", alternatives=["Order", "Gift"]
    )
    assert await counted(client, f"$custom_event:{event['id']}") == 3
    described = await told(
        client, "update_custom_event", custom_event_id=event["id"], description="Paid or given"
    )
    assert (described["description"], described["custom_event_id"]) == (
        "Paid or given",
        event["id"],
    )
    assert await told(client, "list_custom_events") == [described]
    await told(client, "delete_custom_event", custom_event_id=event["id"])
    assert await told(client, "list_custom_events") == []
