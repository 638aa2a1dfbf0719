"""An analyst keeps a weekly sheet that was made with the older API, and checks it with the new."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from yesterday import DAY, DAYS, NOON

pytestmark = pytest.mark.anyio

TODAY = str(DAY)
# Who did what, seconds after noon.
DONE: list[tuple[str, str, int, dict[str, Any]]] = [
    ("ann", "Visit", 0, {"page": "home"}),
    ("ben", "Visit", 10, {"page": "home"}),
    ("ann", "Buy", 20, {"amount": 10}),
    ("ann", "Visit", 3600, {"page": "cart"}),
    ("ann", "Buy", 3620, {"amount": 35}),
    ("cat", "Buy", 30, {"amount": "12"}),
]


async def shop(client: Client) -> None:
    """A day in a shop: two visitors, three purchases by two people, one price written as text."""
    events = [
        {"event": event, "properties": {"distinct_id": who, "time": NOON + after, **more}}
        for who, event, after, more in DONE
    ]
    await told(client, "import_events", events=events)


async def test_the_sheet_of_a_day_is_filled_in_and_agrees_with_the_typed_queries() -> None:
    """Counts, people, pages and revenue are asked one after the other."""
    async with at_work("empty") as client:
        await shop(client)
        counts = await told(client, "event_counts", events=["Visit", "Buy"], **DAYS)
        people = await told(client, "event_counts", events=["Visit"], type="unique", **DAYS)
        pages = await told(client, "property_counts", event="Visit", property_name="page", **DAYS)
        asked = {"event": "Buy", "on": "amount", **DAYS}
        sizes = await told(client, "segmentation_numeric", **asked)
        revenue = await told(client, "segmentation_sum", **asked)
        average = await told(client, "segmentation_average", **asked)
        typed = await told(client, "query", events=["Visit", "Buy"], mode="total", **DAYS)
    assert counts == {
        **DAYS,
        "type": "general",
        "unit": "day",
        "events": ["Visit", "Buy"],
        "series": {"Visit": {TODAY: 3}, "Buy": {TODAY: 3}},
    }
    assert {name: days[TODAY] for name, days in counts["series"].items()} == {
        name: node["all"] for name, node in typed["series"].items()
    }
    assert people["series"] == {"Visit": {TODAY: 2}}
    assert pages["series"] == {"home": {TODAY: 2}, "cart": {TODAY: 1}}
    assert sizes["series"] == {"10 - 15": {TODAY: 1}, "35 - 40": {TODAY: 1}}
    # A price that is a text adds nothing, but is an event to divide by.
    assert revenue["results"] == {TODAY: 45}
    assert average["results"] == {TODAY: 15}


async def test_habits_are_told_by_hours_and_by_who_comes_back() -> None:
    """Ann comes in two hours of the day, and back after she bought."""
    async with at_work("empty") as client:
        await shop(client)
        hours = await told(client, "frequency", **DAYS)
        buyers = await told(client, "frequency", event="Buy", addiction_unit="day", **DAYS)
        asked = {"born_event": "Visit", "return_event": "Buy", **DAYS}
        back = await told(client, "retention", interval_count=1, **asked)
        home = await told(
            client, "retention", born_where='properties["page"] == "cart"', interval=7, **asked
        )
    assert hours["data"] == {TODAY: [3, 1, *[0] * 22]}
    assert buyers == {
        **DAYS,
        "event": "Buy",
        "unit": "day",
        "addiction_unit": "day",
        "data": {TODAY: [2]},
    }
    assert back == {
        **asked,
        "unit": "day",
        "cohorts": [{"date": TODAY, "size": 2, "retention": [0.5, 0]}],
    }
    assert home["cohorts"] == [{"date": TODAY, "size": 1, "retention": [1, *[0] * 10]}]


async def test_a_saved_funnel_is_run_by_its_number() -> None:
    """Its people are those of the same funnel asked for directly; other reports are no funnels."""
    steps = {"steps": ["Visit", "Buy"]}
    async with at_work("empty") as client:
        await shop(client)
        board = await told(client, "create_dashboard", title="Shop")
        query = {"tool": "query_funnel", "arguments": {**steps, **DAYS}}
        saved = await told(client, "save_query", name="Sale", dashboard_id=board["id"], **query)
        [listed] = await told(client, "funnels")
        run = {"funnel_id": saved["id"], **DAYS}
        found = await told(client, "funnel", **run)
        split = await told(client, "funnel", on='properties["page"]', unit="week", **run)
        typed = await told(client, "query_funnel", **steps, **DAYS)
        error = await refused(client, "funnel", **{**run, "funnel_id": 10**6})
    assert listed == {"funnel_id": saved["id"], "name": "Sale"}
    assert found == {
        **run,
        "funnel_name": "",
        "conversion_rate": 0.5,
        "steps": [
            {"event": "Visit", "count": 2, "conversion_rate": 1},
            {"event": "Buy", "count": 1, "conversion_rate": 0.5},
        ],
    }
    assert split["steps"] == found["steps"]
    assert typed["overall_conversion_rate"] == found["conversion_rate"]
    assert error["code"] == "QUERY_FAILED"


async def test_the_story_of_one_person_is_read_page_by_page() -> None:
    """What Ann did comes back newest first; a search finds where she put something in the cart."""
    ann = {"distinct_ids": ["ann"]}
    async with at_work("empty") as client:
        await shop(client)
        first = await told(client, "activity_feed", limit=3, **ann)
        rest = await told(client, "activity_feed", sentinel_event=first["sentinel_event"], **ann)
        looked_in = [{"value": "page", "resourceType": "event"}]
        cart = await told(
            client, "activity_feed", search="CART", search_properties=looked_in, **ann, **DAYS
        )
        late = await told(client, "activity_feed", from_date=str(DAY + timedelta(days=1)), **ann)
        early = await told(client, "activity_feed", to_date=str(DAY - timedelta(days=1)), **ann)
        both = {"include_events": ["Buy"], "exclude_events": ["Visit"]}
        errors = [
            await refused(client, "activity_feed", **ann, **wrong)
            for wrong in (both, {"search_properties": looked_in})
        ]
    assert [(each["event"], each["properties"]["time"] - NOON) for each in first["events"]] == [
        ("Buy", 3620),
        ("Visit", 3600),
        ("Buy", 20),
    ]
    assert (first["event_count"], rest["sentinel_event"]) == (3, None)
    moment = datetime.fromtimestamp(NOON, UTC).isoformat()
    assert [(each["event"], each["time"]) for each in rest["events"]] == [("Visit", moment)]
    assert [each["properties"]["page"] for each in cart["events"]] == ["cart"]
    assert (late["events"], early["events"]) == ([], [])
    assert [each["message"] for each in errors] == [
        "exclude_events cannot be given together with include_events; choose one.",
        "search is needed where search_properties are given.",
    ]
