"""The demo's planted stories, found by a client with the typed tools alone."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from job_client import own_demo
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import demo

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all questions, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a server on a demo of its own."""
    settings = Settings(sandbox="demo", max_tokens=100_000)
    with own_demo():
        async with Client(build(settings, away())) as connected:
            yield connected


async def rows(client: Client, tool: str, **arguments: Any) -> list[dict[str, str]]:
    """The table of a good answer."""
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return list(csv.DictReader(io.StringIO(text.split("\n\n", 1)[1])))


def day(number: int) -> str:
    """A day of the demo's eighteen weeks, as a date."""
    return demo.at(datetime.now(UTC), number).date().isoformat()


async def test_release_that_breaks_payments_shows_in_the_funnel_by_version(client: Client) -> None:
    """Android 4.2.0 converts far worse than every other version of its time."""
    steps = await rows(
        client,
        "query_funnel",
        steps=["Payment Added", "Order Completed"],
        from_date=day(84),
        to_date=day(94),
        conversion_window=7,
        group_by="app_version",
        where={"property": "platform", "operator": "equals", "value": "Android"},
    )
    paid = {row["segment"]: float(row["step_conv_ratio"]) for row in steps if row["step"] == "2"}
    assert paid["4.2.0"] < 0.52
    assert paid["4.1.3"] > 0.7


async def test_scraper_shows_in_the_searches_of_one_day(client: Client) -> None:
    """On day 111 there are several times the searches of any day around it."""
    days = {"from_date": day(105), "to_date": day(112)}
    counts = {
        row["date"]: float(row["count"])
        for row in await rows(client, "query", events="Search", **days)
    }
    loudest = max(counts, key=lambda each: counts[each])
    assert loudest == day(111)
    assert counts[loudest] > 4 * max(n for each, n in counts.items() if each != loudest)


async def test_brazil_opens_on_its_day(client: Client) -> None:
    """No sign-up from Brazil before day 77, dozens a week from then on."""
    weeks = await rows(
        client,
        "query",
        events="Account Created",
        unit="week",
        from_date=day(63),
        to_date=day(90),
        where={"property": "country", "operator": "equals", "value": "BR"},
    )
    assert [float(row["count"]) > 40 for row in weeks] == [False, False, True, True]
    assert [float(row["count"]) for row in weeks[:2]] == [0, 0]


async def first_weeks(client: Client, **query: Any) -> dict[str, float]:
    """The share of each segment's new customers who come back a week after they signed up."""
    found = await rows(
        client,
        "query_retention",
        born_event="Account Created",
        return_event="Session Opened",
        retention_unit="week",
        unit="week",
        **query,
    )
    return {row["segment"]: float(row["week 1"]) for row in found if row["cohort"] == "average"}


async def test_wishlists_lift_retention(client: Client) -> None:
    """After their launch, customers with wishlists come back more often."""
    wishlists = {"property": "wishlists", "property_type": "boolean", "resource_type": "people"}
    days = {"from_date": day(56), "to_date": day(97)}
    returned = await first_weeks(client, group_by=wishlists, **days)
    assert returned["true"] - returned["false"] > 0.04
    assert returned["true"] > returned["$overall"] > returned["false"]


async def test_spring_sale_brings_customers_who_do_not_stay(client: Client) -> None:
    """In the week of the sale its own customers come back less than those of any other source."""
    returned = await first_weeks(client, group_by="source", from_date=day(63), to_date=day(69))
    sale = returned.pop("spring_sale")
    assert sale < min(returned.values()) - 0.03


async def test_every_way_of_reading_profiles_finds_the_same_people(client: Client) -> None:
    """Counted, page after page, and several pages at once: nobody is lost, nobody is doubled."""
    where = {"property": "plan", "operator": "equals", "value": "plus"}
    (count,) = await rows(client, "query_user", where=where)
    profiles = {"mode": "profiles", "where": where, "limit": None, "properties": ["plan"]}
    one_by_one = await rows(client, "query_user", **profiles)
    at_once = await rows(client, "query_user", **profiles, parallel=True)
    assert one_by_one == at_once
    found = {row["distinct_id"] for row in one_by_one}
    assert int(count["value"]) == len(found) == len(one_by_one) > 1000
    assert {row["plan"] for row in one_by_one} == {"plus"}
