"""Profiles of the demo, read in every way that there is."""

import pytest
from job_client import at_work, told

pytestmark = pytest.mark.anyio


async def test_every_way_of_reading_profiles_finds_the_same_people() -> None:
    """Counted, page after page, and several pages at once: nobody is lost, nobody is doubled."""
    where = {"property": "plan", "operator": "equals", "value": "plus"}
    profiles = {"mode": "profiles", "where": where, "limit": None, "properties": ["plan"]}
    async with at_work("demo") as client:
        count = await told(client, "query_user", where=where)
        one_by_one = await told(client, "query_user", **profiles)
        at_once = await told(client, "query_user", **profiles, parallel=True)
    assert one_by_one["profiles"] == at_once["profiles"]
    found = {profile["distinct_id"] for profile in one_by_one["profiles"]}
    assert count["aggregate_data"] == len(found) == len(one_by_one["profiles"]) > 1000
    assert {profile["properties"]["plan"] for profile in one_by_one["profiles"]} == {"plus"}
