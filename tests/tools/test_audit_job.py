"""The demo is looked over by a client, who finds the faults that were planted in it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from job_client import at_work, told
from mcp import Client

from mixpanel_mcp_sandbox import demo

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on the demo."""
    async with at_work("demo") as connected:
        yield connected


def day(number: int) -> date:
    """A day of the demo's calendar."""
    return (demo.epoch(datetime.now(UTC)) + timedelta(days=number)).date()


# Days that are over, so that nothing arrives between two questions.
WEEKS = {"from_date": str(day(99)), "to_date": str(day(118))}


def found(violations: list[dict[str, Any]], kind: str) -> dict[tuple[str | None, str], int]:
    """The counts of the violations of a kind, by event and name."""
    return {
        (each["event"], each["name"]): each["count"]
        for each in violations
        if each["violation"] == kind
    }


async def test_an_audit_finds_what_a_careless_release_did_to_the_data(client: Client) -> None:
    """A price that became text, orders without a number, a stray event; nothing else is wrong."""
    audit = await told(client, "run_audit")
    violations = audit["violations"]
    mistyped = found(violations, "Unexpected Type for Property")
    assert list(mistyped) == [("Add to Cart", "price")]
    missing = found(violations, "Missing Property")
    assert set(missing) == {("Order Completed", "order_id"), ("Order Refunded", "order_id")}
    unplanned = found(violations, "Unexpected Event")
    assert set(unplanned) == {
        (None, name)
        for name in (
            "Debug Ping",
            "Payment Failed",
            "Wishlist Updated",
            "heartbeat",
            "order_completed",
        )
    }
    assert found(violations, "Unexpected Property") == {}

    events = await told(client, "run_audit_events_only")
    assert set(found(events["violations"], "Unexpected Event")) == set(unplanned)
    everywhere = await carts(client)
    numbers = await carts(client, where=[{"property": "price", "operator": "is_set"}])
    assert numbers == everywhere
    numbers = await carts(
        client, where=[{"property": "price", "operator": "greater_than", "value": 0}]
    )
    assert {name for name, count in everywhere.items() if count > numbers[name]} == {"web"}


async def carts(client: Client, **question: Any) -> dict[str, int]:
    """How often something was put into the cart in the last whole weeks, by platform."""
    answer = await told(
        client,
        "query",
        events=["Add to Cart"],
        group_by=["platform"],
        mode="total",
        **WEEKS,
        **question,
    )
    node = answer["series"]["Add to Cart"]
    return {name: cell["all"] for name, cell in node.items() if name != "$overall"}


async def test_the_scraper_stands_out_and_is_dismissed(client: Client) -> None:
    """Its day had several times the searches that were expected; who knows why closes it."""
    wanted = {"query_params": {"status": "open"}}
    anomalies = await told(client, "list_data_volume_anomalies", **wanted)
    searches = [each for each in anomalies if each["event_name"] == "Search"]
    (scraper,) = searches
    assert scraper["timestamp"] == f"{day(111)}T00:00:00"
    assert scraper["actual_count"] > 2 * scraper["predicted_upper"]

    change = {"id": scraper["id"], "anomaly_class": "Event"}
    try:
        await told(client, "update_anomaly", **change, status="dismissed")
        [made] = (await told(client, "list_changes", limit=1))["changes"]
        assert made["changed"] == "status: open -> dismissed"
        open_now = await told(client, "list_data_volume_anomalies", **wanted)
        assert open_now == [each for each in anomalies if each != scraper]
        await told(client, "undo_change", change_id=made["id"])
        assert await told(client, "list_data_volume_anomalies", **wanted) == anomalies
        await told(client, "bulk_update_anomalies", anomalies=[change], status="dismissed")
        [made] = (await told(client, "list_changes", limit=1))["changes"]
        await told(client, "undo_change", change_id=made["id"])
        assert await told(client, "list_data_volume_anomalies", **wanted) == anomalies
    finally:
        # The demo is kept between sandboxes.
        await told(client, "bulk_update_anomalies", anomalies=[change], status="open")


async def test_anomalies_are_narrowed_by_numbers_and_truth_values(client: Client) -> None:
    """What stands in the query as text may be written as what it is."""
    narrow = {"limit": 1, "include_property_anomalies": True}
    assert len(await told(client, "list_data_volume_anomalies", query_params=narrow)) == 1


async def test_the_demo_is_governed_already(client: Client) -> None:
    """Filters, custom events, tables and a deletion that is done are there to be looked at."""
    filters = await told(client, "list_drop_filters")
    assert [(each["event_name"], each["active"]) for each in filters] == [
        ("Debug Ping", False),
        ("Search", True),
    ]
    tables = await told(client, "list_lookup_tables")
    assert [each["name"] for each in tables] == ["skus", "countries"]
    products = await told(client, "download_lookup_table", data_group_id=tables[0]["id"])
    assert len(products.splitlines()) == 241
    (request,) = await told(client, "list_deletion_requests")
    assert (request["status"], request["deleted_events_count"]) == ("Completed", 214)
    month = {**WEEKS, "mode": "total"}
    orders = await told(client, "query", events=["Order Completed", "Order Refunded"], **month)
    names = {each["display_name"]: each for each in await told(client, "list_custom_events")}
    both = names["Purchase or refund"]["custom_event_id"]
    counted = await told(client, "query", events=[f"$custom_event:{both}"], **month)
    (total,) = counted["series"].values()
    assert total["all"] == sum(each["all"] for each in orders["series"].values())
    brands = await told(
        client, "query", events=["Product Viewed"], group_by=["sku → brand"], **month
    )
    (by_brand,) = brands["series"].values()
    assert set(by_brand) == {"$overall", "Birch & Bear", "Fjell", "Kestrel", "Northwind", "Tarn"}
