"""A newcomer finds out what a project has: objects inside properties, saved things, documents."""

from datetime import UTC, datetime, timedelta

import pytest
from job_client import at_work, refused, told

pytestmark = pytest.mark.anyio

YESTERDAY = int((datetime.now(UTC) - timedelta(days=1)).timestamp())
CART = [{"sku": "P1", "price": 10}, {"sku": "P2", "price": 12.5}]


async def test_the_demo_tells_what_it_has_saved_and_how_it_is_documented() -> None:
    """Cohorts are counted, reports have their ids, and events their descriptions."""
    async with at_work("demo") as client:
        cohorts = await told(client, "cohorts")
        full = await told(client, "list_cohorts_full")
        assert {each["id"]: each["count"] for each in cohorts} == {
            each["id"]: each["count"] or 0 for each in full
        }
        assert [each["name"] for each in cohorts] == sorted(each["name"] for each in cohorts)
        reports = await told(client, "list_bookmarks", bookmark_type="funnels")
        assert {each["type"] for each in reports} == {"funnels"}
        events = await told(client, "lexicon_schemas", entity_type="event")
        one = await told(client, "lexicon_schema", entity_type="event", name=events[0]["name"])
        assert one == events[0]
        error = await refused(client, "lexicon_schema", entity_type="event", name="No such event")
    assert error["message"].startswith("name: no schema documents the event 'No such event'")


async def test_objects_inside_a_property_are_told_from_its_values() -> None:
    """A cart of things shows what can be asked about each thing."""
    async with at_work("empty") as client:
        properties = {"distinct_id": "ann", "time": YESTERDAY, "cart": CART}
        await told(
            client, "import_events", events=[{"event": "Cart Viewed", "properties": properties}]
        )
        keys = await told(client, "subproperties", property_name="cart", event="Cart Viewed")
    assert keys == [
        {"name": "price", "type": "number", "sample_values": [10, 12.5]},
        {"name": "sku", "type": "string", "sample_values": ["P1", "P2"]},
    ]
