"""Somebody looks at what a person did before an error, by a client of the server."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client
from processes import away
from yesterday import DAY, DAYS, NOON

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

# Ann cannot pay; an hour before she only looked around.
SENT: tuple[tuple[str, str, int, Mapping[str, Any]], ...] = (
    ("ann-1", "$mp_session_record", -3600, {"$mp_replay_retention_period": 30}),
    ("ann-1", "Product Viewed", -3590, {}),
    ("ann-2", "$mp_session_record", 0, {"$mp_replay_retention_period": 90}),
    ("ann-2", "Checkout Started", 5, {"items": 2}),
    ("ann-2", "Payment Added", 20, {"method": "card"}),
    ("ann-2", "Payment Failed", 42, {"error_code": "3DS_TIMEOUT"}),
)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a server on a sandbox that has seen two recorded visits of Ann's."""
    async with at_work("empty") as connected:
        await seen(connected)
        yield connected


async def seen(client: Client) -> None:
    """Import Ann's visits."""
    events = [
        {
            "event": event,
            "properties": {
                "distinct_id": "ann",
                "time": NOON + second,
                "$mp_replay_id": replay,
                **more,
            },
        }
        for replay, event, second, more in SENT
    ]
    result = await client.call_tool("import_events", {"events": events})
    assert not result.is_error, result.content


async def test_what_a_person_did_before_an_error_is_seen(client: Client) -> None:
    """From the person over her replays and their events to the seconds before it failed."""
    replays = await told(client, "list_replays", distinct_id="ann", **DAYS)
    assert replays == [
        {
            "replay_id": replay,
            "distinct_id": "ann",
            "project_id": 1,
            "start_time": (NOON + second) * 1000,
            "retention_days": days,
        }
        for replay, second, days in (("ann-2", 0, 90), ("ann-1", -3600, 30))
    ]

    ids = [each["replay_id"] for each in replays]
    events = await told(
        client, "events_for_replays", replay_ids=ids, event_properties=["error_code"]
    )
    failed = [
        (replay, each["event_time"] - NOON, each["properties"])
        for replay, each_events in events.items()
        for each in each_events
        if each["event_name"] == "Payment Failed"
    ]
    assert failed == [("ann-2", 42, {"error_code": "3DS_TIMEOUT"})]

    account = await told(client, "analyze_replay", replay_id="ann-2")
    assert account.splitlines()[4:8] == [
        "What to look at:",
        "  +0:37  Error on the page: Payment Failed: 3DS_TIMEOUT",
        "         before it: Navigated to https://shop.example.com/payment-failed; Scrolled; "
        'Clicked button "Payment Failed"',
        "",
    ]


async def test_a_replay_shows_clicks_and_events_side_by_side(client: Client) -> None:
    """Second by second, in one table; the recorded page itself is for programs."""
    replay = await told(client, "fetch_replay", replay_id="ann-2", include_mixpanel_events=True)
    assert (replay["retention_days"], len(replay["rrweb_events"])) == (90, 13)
    assert [each["event_name"] for each in replay["mixpanel_events"]] == [
        "Checkout Started",
        "Payment Added",
        "Payment Failed",
    ]
    settings = Settings(sandbox="empty", toolsets=("all",))
    async with Client(build(settings, away())) as reader:
        await seen(reader)
        arguments = {"replay_id": "ann-1", "include_mixpanel_events": True}
        result = await reader.call_tool("fetch_replay", arguments)
    [content] = result.content
    head, _, body = str(getattr(content, "text", "")).partition("\n\n")
    assert "4 recorded rrweb events are in the JSON format only" in head
    page = "https://shop.example.com/product-viewed"
    assert body.splitlines() == [
        "seconds,action,description,url",
        f"0,navigate,Navigated to {page},{page}",
        f"0,scroll,Scrolled,{page}",
        f'0.4,click,"Clicked button ""Product Viewed""",{page}',
        "0.4,event,Product Viewed,",
    ]


async def test_tables_tell_when_a_replay_was_as_people_do() -> None:
    """Nobody reads milliseconds since 1970; the JSON format keeps them."""
    async with Client(build(Settings(sandbox="empty", toolsets=("all",)), away())) as reader:
        await seen(reader)
        listed = await reader.call_tool("list_replays", {"replay_ids": ["ann-2"]})
        events = await reader.call_tool("events_for_replay", {"replay_id": "ann-1"})
    assert f"ann-2,1,{DAY}T12:00:00+00:00,90" in str(listed.content)
    assert f"ann-1,Product Viewed,{DAY}T11:00:10+00:00" in str(events.content)


async def test_all_replays_of_a_person_come_at_once(client: Client) -> None:
    """With their events; a stranger has none, and one that was never recorded is named."""
    bundle = await told(client, "replays_for_user", distinct_id="ann", **DAYS)
    assert [(each["replay_id"], len(each["mixpanel_events"])) for each in bundle["replays"]] == [
        ("ann-2", 3),
        ("ann-1", 1),
    ]
    assert (await told(client, "replays_for_user", distinct_id="bob", **DAYS))["replays"] == []
    some = await told(client, "fetch_replays", replay_ids=["ann-1", "nobody"])
    assert [each["replay_id"] for each in some["replays"]] == ["ann-1"]
    assert some["missing"] == ["nobody"]


async def test_signed_addresses_are_told_with_a_warning(client: Client) -> None:
    """Whoever wants the files elsewhere gets their addresses, and is told what they are."""
    signed = await told(client, "sign_replay", replay_id="ann-1")
    assert "credential" in signed["_warning"]
    assert signed["url"].endswith("/recordings/prod/ann-1/")
    raw = await told(client, "stream_replay", replay_id="ann-1", retention_days=30)
    assert [each["type"] for each in raw] == [4, 2, 3, 3]


async def test_a_replay_that_is_not_there_says_where_to_look(client: Client) -> None:
    """So do a question without a person, and a person without days."""
    gone = await refused(client, "fetch_replay", replay_id="nobody")
    assert (gone["code"], gone["details"]["status_code"]) == ("REPLAY_NOT_FOUND", 404)
    assert "list_replays" in gone["message"]
    whose = await refused(client, "list_replays")
    assert whose["code"] == "WR4_REPLAY_SELECTOR_REQUIRED"
    when = await refused(client, "list_replays", distinct_id="ann", to_date=str(DAY))
    assert when["code"] == "WR5_DATE_RANGE_REQUIRED"
    assert when["message"].startswith("from_date:")


async def test_a_server_that_was_not_started_for_it_signs_nothing() -> None:
    """An answer that is a credential has to be asked for beforehand."""
    async with Client(build(Settings(sandbox="empty"), away())) as client:
        arguments = {"operation": "sign_replay", "arguments": {"replay_id": "ann-1"}}
        error = await refused(client, "run_read_operation", **arguments)
    assert error["code"] == "NOT_PERMITTED"
    assert "that takes --toolsets replays" in error["message"]
