"""The map of a project: put together from three lists, kept for the session, drawn as a table."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import orjson
import pytest
from mcp import Client
from recorder import CREDENTIALS, Recorded, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

EVENTS = [
    {"name": "Buy", "description": "Paid", "hidden": False, "tags": ["core"]},
    {"name": "Look"},
    {"id": 7},
]
PROPERTIES = [{"name": "plan"}, {"name": "unused"}, {"name": ""}]
DENSITIES = [{"name": "plan", "density": 0.75}, {"name": "unused", "density": 0.0}]
CARRIED = [
    {"name": "Buy", "properties": [{"name": "plan"}, {"name": "plan"}, {"name": "gone"}]},
    {"name": "New", "properties": [{"name": "plan"}, {}]},
    {"name": "Look", "properties": None},
]
USERS = [{"name": "$email"}, {"name": "city"}]


async def lexicon(request: Recorded) -> dict[str, Any]:
    """Answer with the list that a request asks for."""
    if "data_definitions" in request.path:
        rows: list[Any] = CARRIED
    elif request.path.endswith("/events/"):
        rows = EVENTS
    else:
        of_events = DENSITIES if "includeDensity" in request.query else PROPERTIES
        rows = USERS if request.query["resourceType"] == "User" else of_events
    return {"status": 200, "body": {"status": "ok", "results": rows}}


@asynccontextmanager
async def connected(form: Literal["json", "csv"]) -> AsyncGenerator[tuple[Client, Recorder]]:
    """A client of a server whose Mixpanel holds these lists."""
    async with recording() as recorder:
        recorder.answer = lexicon
        settings = Settings(toolsets=("all",), result_format=form)
        app = build(settings, {**CREDENTIALS, "MP_API_BASE_URL": recorder.url})
        async with Client(app) as client:
            yield client, recorder


async def text(client: Client, **arguments: Any) -> str:
    """The text of a map."""
    result = await client.call_tool("schema_graph", arguments)
    assert not result.is_error, result.content
    return "".join(getattr(block, "text", "") for block in result.content)


async def test_only_properties_of_the_list_are_related() -> None:
    """Each relation counts once; events and properties without any are there all the same."""
    async with connected("json") as (client, _):
        graph = orjson.loads(await text(client))["result"]
    assert graph["event_to_properties"] == {"Buy": ["plan"], "Look": [], "New": ["plan"]}
    assert graph["property_to_events"] == {"plan": ["Buy", "New"], "unused": []}
    assert graph["properties"] == [
        {"name": "plan", "events": [{"name": "Buy"}, {"name": "New"}]},
        {"name": "unused", "events": []},
        {"name": "", "events": []},
    ]
    assert (graph["events"], graph["user_properties"]) == (EVENTS, USERS)
    assert graph["meta"] == {
        "event_count": 3,
        "event_property_count": 3,
        "user_property_count": 2,
        "events_without_name": 1,
        "properties_without_name": 1,
        "property_event_entries_dropped": 1,
        "relationship_edges": 2,
    }


async def test_a_map_is_kept_until_it_is_asked_for_anew() -> None:
    """One with other arguments is another map; density is asked for only when told."""
    async with connected("json") as (client, recorder):
        first, second = json.loads(await text(client)), json.loads(await text(client))
        assert second["result"] == first["result"]
        assert 0 <= second["cached_seconds"] < 60
        assert len(recorder.requests) == 4
        await text(client, include_user_properties=False, include_density=True)
        assert len(recorder.requests) == 7
        await text(client, force_refresh=True)
        assert len(recorder.requests) == 11
    densities = [request.query.get("includeDensity") for request in recorder.requests]
    assert [place for place, told in enumerate(densities) if told] == [5]


async def test_a_map_reads_as_a_table() -> None:
    """A row for each event and what it carries; the properties of profiles stand below."""
    async with connected("csv") as (client, _):
        lines = (await text(client)).splitlines()
    assert lines[2:] == [
        "event,description,hidden,dropped,tags,properties",
        'Buy,Paid,false,,"[""core""]","[""plan""]"',
        "Look,,,,,[]",
        'New,,,,,"[""plan""]"',
        "",
        "user properties: $email, city",
    ]


async def test_how_often_properties_are_set_follows_the_table() -> None:
    """Who asks for it sees it, one that is never set included."""
    async with connected("csv") as (client, _):
        told = await text(client, include_density=True, include_user_properties=False)
    assert told.splitlines()[-1] == "share of events with a property: plan 0.75, unused 0.0"
