"""A job with exports: events imported, exported in the background, profiles beside them."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from job_client import at_work, refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

DAYS = {"from_date": "2026-05-01", "to_date": "2026-05-03"}
EVENTS = [
    {
        "event": "Ping",
        "properties": {
            "time": 1777593600 + number * 43200,
            "distinct_id": f"u{number}",
            "$insert_id": f"i{number}",
            "n": number,
        },
    }
    for number in range(6)
]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncGenerator[Client]:
    """A client of a sandbox with six events over three days, and a folder."""
    async with at_work("empty", tmp_path) as connected:
        await told(connected, "import_events", events=EVENTS)
        yield connected


async def ended(client: Client, export_id: str) -> dict[str, Any]:
    """The export once it runs no longer."""
    async with asyncio.timeout(30):
        while True:
            export = await told(client, "get_export", export_id=export_id)
            if export["state"] != "running":
                return export
            await asyncio.sleep(0.05)


async def test_an_export_goes_on_after_its_call(client: Client, tmp_path: Path) -> None:
    """Started, looked at until it has ended, listed, and read as a table."""
    begun = await told(client, "start_export", **DAYS, output_file="e.parquet")
    assert (begun["state"], begun["file"]) == ("running", str(tmp_path / "e.parquet"))
    export = await ended(client, begun["export_id"])
    assert (export["state"], export["result"]["by_day"]) == (
        "finished",
        {"2026-05-01": 2, "2026-05-02": 2, "2026-05-03": 2},
    )
    assert [each["export_id"] for each in await told(client, "list_exports")] == [
        begun["export_id"]
    ]
    assert pl.read_parquet(tmp_path / "e.parquet")["n"].to_list() == list(range(6))
    cancelled = await told(client, "cancel_export", export_id=begun["export_id"])
    assert cancelled["state"] == "finished"


async def test_an_id_that_is_none_is_refused(client: Client) -> None:
    """The refusal says where ids are found."""
    error = await refused(client, "get_export", export_id="0" * 24)
    assert "see list_exports" in error["message"]


async def test_more_days_than_requests_an_hour_are_refused(client: Client) -> None:
    """A file for each day takes a request for each."""
    error = await refused(
        client,
        "stream_events",
        from_date="2026-01-01",
        to_date="2026-12-31",
        output_file="{date}.jsonl",
    )
    assert "at most 60 days" in error["message"]


async def test_profiles_become_a_table(client: Client, tmp_path: Path) -> None:
    """One row for each person, one column for each property."""
    people = [{"$distinct_id": f"u{each}", "$set": {"plan": "pro", "n": each}} for each in range(3)]
    await told(client, "profile_batch_update", token="sandbox", updates=people)
    written = await told(client, "stream_profiles", output_file="p.parquet")
    assert written["profiles"] == 3
    frame = pl.read_parquet(tmp_path / "p.parquet").select("distinct_id", "plan", "n")
    assert frame.rows() == [("u0", "pro", 0), ("u1", "pro", 1), ("u2", "pro", 2)]
