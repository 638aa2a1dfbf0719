"""Somebody asks what is held of them, and then that it be deleted: told by a client."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from job_client import at_work, refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

DAYS = {"from_date": "2026-02-27", "to_date": "2026-03-01"}
PROJECT = {"token": "sandbox"}


@dataclass
class Clock:
    """The sandbox's clock, which moves on when it is told to."""

    now: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Officer:
    """Who deals with such requests; a second goes by before each call."""

    client: Client
    clock: Clock

    async def asks(self, tool: str, **arguments: Any) -> Any:
        """The value of a good answer."""
        self.clock.now += timedelta(seconds=1)
        return await told(self.client, tool, **PROJECT, **arguments)

    async def is_refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The error of a refused call."""
        self.clock.now += timedelta(seconds=1)
        return await refused(self.client, tool, **PROJECT, **arguments)

    def waits(self, seconds: int) -> None:
        """Let time go by."""
        self.clock.now += timedelta(seconds=seconds)


def did(event: str, who: str, **properties: Any) -> dict[str, Any]:
    """An event of the day before."""
    time = int(datetime(2026, 2, 28, tzinfo=UTC).timestamp())
    return {"event": event, "properties": {"time": time, "distinct_id": who, **properties}}


async def people(client: Client) -> tuple[list[str], list[str]]:
    """Who has events, and who has a profile."""
    exported = await told(client, "stream_events", **DAYS)
    found = await told(client, "query_user", mode="profiles", limit=10)
    events = {event["distinct_id"] for event in exported}
    return sorted(events), sorted(each["distinct_id"] for each in found["profiles"])


async def test_a_person_gets_their_data_and_is_forgotten(tmp_path: Path) -> None:
    """The file holds all of it; afterwards no query knows them, and everybody else is still there.

    A request made by mistake is withdrawn in time, and nobody is lost.
    """
    clock = Clock()
    async with at_work("empty", tmp_path, clock) as client:
        officer = Officer(client, clock)
        events = [did("View", "ann"), did("Buy", "ann", amount=5), did("View", "ben")]
        await told(client, "import_events", events=events)
        for who in ("ann", "ben"):
            await officer.asks("profile_set", distinct_id=who, values={"plan": "pro"})

        retrieval = await officer.asks("gdpr_create_retrieval", distinct_ids=["ann"])
        asked = {"tracking_id": retrieval["task_id"], "output_file": "ann.jsonl"}
        waiting = await officer.asks("gdpr_get_retrieval", **asked)
        assert waiting == {"status": "PENDING", "results": None, "distinct_ids": ["ann"]}
        officer.waits(30)
        ready = await officer.asks("gdpr_get_retrieval", **asked)
        file = tmp_path / "ann.jsonl"
        assert (ready["status"], ready["file"]) == ("SUCCESS", str(file))
        assert (ready["bytes"], file.stat().st_mode & 0o777) == (file.stat().st_size, 0o600)
        profile, *lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert profile == {"$distinct_id": "ann", "$properties": {"plan": "pro"}}
        assert sorted(line["event"] for line in lines) == ["Buy", "View"]

        mistaken = await officer.asks("gdpr_create_deletion", distinct_ids=["ben"])
        deletion = await officer.asks("gdpr_create_deletion", distinct_ids=["ann"])
        by_mistake = {"tracking_id": mistaken["task_id"]}
        assert await officer.asks("gdpr_cancel_deletion", **by_mistake) == {"status": "ok"}
        assert (await officer.asks("gdpr_get_deletion", **by_mistake))["status"] == "REVOKED"
        meant = {"tracking_id": deletion["task_id"]}
        officer.waits(20)
        assert (await officer.asks("gdpr_get_deletion", **meant))["status"] == "STARTED"
        error = await officer.is_refused("gdpr_cancel_deletion", **meant)
        assert (error["code"], error["details"]["status_code"]) == ("QUERY_FAILED", 405)
        assert await people(client) == (["ann", "ben"], ["ann", "ben"])
        officer.waits(10)
        assert await people(client) == (["ben"], ["ben"])
        assert (await officer.asks("gdpr_get_deletion", **meant))["status"] == "SUCCESS"
