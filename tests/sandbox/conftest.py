"""A sandbox with a frozen clock, and a client that talks to it in process."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from mixpanel_mcp_sandbox import open_sandbox
from mixpanel_mcp_sandbox.ingest import append
from mixpanel_mcp_sandbox.records import Record
from mixpanel_mcp_sandbox.sandbox import Sandbox

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT = ("sandbox", "sandbox")


@dataclass(frozen=True)
class Client:
    """Requests to a sandbox, answered in process."""

    sandbox: Sandbox

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request with the sandbox's credentials unless others are given."""
        return anyio.run(partial(self._send, method, path, **options))

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Send GET with query parameters."""
        return self.request("GET", path, params=query)

    def post(self, path: str, body: object, **query: Any) -> httpx.Response:
        """Send POST with a JSON body and query parameters."""
        return self.request("POST", path, json=body, params=query)

    def load(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Store events as they are, without the checks of ingestion."""
        store = self.sandbox.store
        with store.write() as database:
            append(store, database, [_record(event) for event in events])

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.sandbox.app)
        options = {"auth": ACCOUNT, **options}
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(method, path, **options)


def moment(text: str) -> datetime:
    """Return the moment of an ISO text."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def open_empty(now: datetime = NOW, timezone: str = "UTC") -> Sandbox:
    """Open an empty sandbox whose clock stands still."""
    return open_sandbox("empty", now=lambda: now, timezone=timezone)


@pytest.fixture
def client() -> Generator[Client]:
    """A client of an empty sandbox on the first of March 2026."""
    with open_empty() as sandbox:
        yield Client(sandbox)


def _record(event: Mapping[str, Any]) -> Record:
    properties = {"distinct_id": event["distinct_id"], **event["properties"]}
    insert_id = properties.pop("$insert_id", None)
    time = int(moment(event["time"]).timestamp() * 1000)
    return Record(event["event"], time, insert_id, properties)
