"""A person's life, and a company's, as a client writes and reads them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox

pytestmark = pytest.mark.anyio

TOKEN = {"token": "sandbox"}
TAKEN = {"status": 1, "error": None}
VISITOR = "7a3f0d5e-4f0a-4d6f-9d3c-1a2b3c4d5e6f"
YESTERDAY = str(datetime.now(UTC).date() - timedelta(days=1))


@asynccontextmanager
async def original(folder: Path) -> AsyncGenerator[Client]:
    """A client of a server on a project with Original ID Merge."""
    path = folder / "original.duckdb"
    open_sandbox(str(path), identity="original").close()
    settings = Settings(sandbox=str(path), toolsets=("all",), result_format="json", confirm="never")
    async with Client(build(settings, away())) as connected:
        yield connected


async def track(client: Client, *events: tuple[str, str]) -> None:
    """Let people do something, one after the other, yesterday at noon."""
    noon = datetime.fromisoformat(f"{YESTERDAY}T12:00:00+00:00").timestamp()
    records = [
        {"event": event, "properties": {"distinct_id": who, "time": int(noon) + second}}
        for second, (who, event) in enumerate(events)
    ]
    assert await told(client, "track_events", **TOKEN, events=records) == TAKEN


async def known(client: Client, distinct_id: str) -> dict[str, Any]:
    """The properties that somebody has."""
    [row] = await told(client, "stream_profiles", distinct_id=distinct_id)
    return row["properties"]


async def profile_after(
    client: Client, *changes: tuple[str, dict[str, Any]], who: str = "ann"
) -> dict[str, Any]:
    """The properties that somebody has after these calls."""
    for tool, arguments in changes:
        assert await told(client, tool, **TOKEN, distinct_id=who, **arguments) == TAKEN
    return await known(client, who)


async def test_ids_of_a_person_are_joined_as_they_come_to_be_known(tmp_path: Path) -> None:
    """What a visitor did counts as theirs, and the feed knows them by any of their ids."""
    async with original(tmp_path) as client:
        steps = [(VISITOR, "Visit"), ("ann", "Sign Up"), ("ann@x", "Buy"), ("ben", "Buy")]
        await track(client, *steps)
        ids = {"identified_id": "ann", "anon_id": VISITOR}
        assert await told(client, "identity_create", **TOKEN, **ids) == TAKEN
        ids = {"distinct_id": "ann", "alias": "ann@x"}
        assert await told(client, "identity_create_alias", **TOKEN, **ids) == TAKEN
        ids = {"distinct_id_1": "ann", "distinct_id_2": "old-ann"}
        merged = await told(client, "identity_merge", **TOKEN, **ids)
        assert merged == {"num_records_imported": 1, "failed_records": [], "batches": 1}

        day = {"from_date": YESTERDAY, "to_date": YESTERDAY}
        funnel = await told(client, "query_funnel", steps=["Visit", "Sign Up", "Buy"], **day)
        assert [step["count"] for step in funnel["steps_data"]] == [1, 1, 1]
        feed = await told(client, "activity_feed", distinct_ids=["old-ann"], **day)
        assert [event["event"] for event in feed["events"]] == ["Buy", "Sign Up", "Visit"]
        exported = await told(client, "stream_events", **day, raw=True)
        owners = [
            (p["distinct_id"], p.get("$distinct_id_before_identity"))
            for p in (event["properties"] for event in exported)
        ]
        assert owners == [("ann", VISITOR), ("ann", None), ("ann", "ann@x"), ("ben", None)]


async def test_a_profile_is_set_counted_listed_paid_and_forgotten(client: Client) -> None:
    """Every operation leaves what it says, alone and among many."""
    assert await profile_after(
        client,
        ("profile_set", {"values": {"$name": "Ann", "plan": "free", "tmp": 1}}),
        ("profile_set_once", {"values": {"plan": "pro", "first": "ad"}}),
        ("profile_add", {"values": {"logins": 2, "credit": -5}}),
        ("profile_append", {"values": {"tags": "a"}}),
        ("profile_union", {"values": {"tags": ["a", "b", "c"]}}),
        ("profile_remove", {"values": {"tags": "b"}}),
        ("profile_unset", {"property_names": ["tmp"]}),
        ("profile_track_charge", {"amount": 9.99, "details": {"sku": "x"}}),
    ) == {
        "$name": "Ann",
        "plan": "free",
        "first": "ad",
        "logins": 2,
        "credit": -5,
        "tags": ["a", "c"],
        "$transactions": [{"sku": "x", "$amount": 9.99}],
    }
    assert "$transactions" not in await profile_after(client, ("profile_clear_charges", {}))
    many = [
        {"$distinct_id": "ann", "$set": {"plan": "pro"}},
        {"$distinct_id": "ben", "$set": {"plan": "pro"}},
        {"$distinct_id": "ben", "$add": {"logins": 1}, "$ignore_time": True},
        {"$distinct_id": "cem", "$set": {"plan": "pro"}},
        {"$distinct_id": "cem", "$delete": ""},
    ]
    assert await told(client, "profile_batch_update", **TOKEN, updates=many, strict=True) == TAKEN
    payers = {"property": "plan", "operator": "equals", "value": "pro"}
    assert (await told(client, "query_user", where=[payers]))["aggregate_data"] == 2
    assert await told(client, "profile_delete", **TOKEN, distinct_id="ann") == TAKEN
    assert [row["distinct_id"] for row in await told(client, "stream_profiles")] == ["ben"]


async def test_a_company_has_a_profile_of_its_own(client: Client) -> None:
    """It is set and listed like a person's, and found by the number of its key."""
    acme = {"group_key": "company", "group_id": "acme"}
    for tool, arguments in (
        ("group_set", {"values": {"plan": "pro", "seats": 5, "tmp": 1}}),
        ("group_set_once", {"values": {"plan": "free", "city": "Bonn"}}),
        ("group_union", {"values": {"tags": ["a", "b"]}}),
        ("group_remove", {"values": {"tags": "a"}}),
        ("group_unset", {"property_names": ["tmp"]}),
    ):
        assert await told(client, tool, **TOKEN, **acme, **arguments) == TAKEN
    named = {"$group_key": "company", "$group_id": "zeta"}
    many = [{**named, "$set": {"seats": 1}}, {**named, "$add": {"seats": 2}}]
    assert await told(client, "group_batch_update", **TOKEN, updates=many) == TAKEN

    rows = await told(client, "stream_profiles", group_id="1")
    assert {row["distinct_id"]: row["properties"] for row in rows} == {
        "acme": {"plan": "pro", "seats": 5, "city": "Bonn", "tags": ["b"]},
        "zeta": {"seats": 3},
    }
    summed = await told(
        client, "query_user", group_id="1", aggregate="extremes", aggregate_property="seats"
    )
    assert summed["aggregate_data"] == {"max": 5, "min": 3}
    assert await told(client, "group_delete", **TOKEN, **acme) == TAKEN
    assert [r["distinct_id"] for r in await told(client, "stream_profiles", group_id="1")] == [
        "zeta"
    ]


async def test_a_stranger_to_the_project_is_told_so(client: Client) -> None:
    """The token is all that names the project here."""
    error = await refused(client, "profile_set", token="other", distinct_id="u", values={})
    assert (error["code"], error["details"]["response_body"]["error"]) == (
        "AUTH_FAILED",
        "Invalid project token",
    )
