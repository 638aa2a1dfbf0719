"""Mixpanel's own Python library sends to the sandbox what it would send to Mixpanel."""

import json
import time
from collections.abc import Generator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from mixpanel import (  # pyright: ignore[reportMissingTypeStubs]
    BufferedConsumer,
    Mixpanel,
    MixpanelException,
    ServiceAccountCredentials,
)
from served import USER, Served, served

NOON = int(datetime(2025, 3, 1, 12, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def sandbox() -> Generator[Served]:
    """An empty sandbox in a process of its own."""
    with served("empty") as running:
        yield running


def pointed(sandbox: Served) -> tuple[Mixpanel, BufferedConsumer]:
    """The library at a sandbox, with the account that may import."""
    consumer = BufferedConsumer(
        events_url=sandbox.at("api.mixpanel.com/track"),
        import_url=sandbox.at("api.mixpanel.com/import"),
        credentials=ServiceAccountCredentials(*USER, "1"),
    )
    return Mixpanel("sandbox", consumer=consumer), consumer


def exported(sandbox: Served, event: str, day: date) -> list[dict[str, Any]]:
    """The properties of a day's events, but for those that the library adds."""
    query = {"project_id": 1, "from_date": str(day), "to_date": str(day), "event": f'["{event}"]'}
    url = sandbox.at("data.mixpanel.com/api/2.0/export")
    answer = httpx.get(url, params=query, auth=USER).raise_for_status()
    events = [json.loads(line)["properties"] for line in answer.text.splitlines()]
    added = ("mp_lib", "$lib_version", "$insert_id")
    return [{k: v for k, v in each.items() if k not in added} for each in events]


def test_library_imports_in_batches(sandbox: Served) -> None:
    """What `import_data` buffers arrives with its own time, and without the token."""
    mixpanel, consumer = pointed(sandbox)
    for number in range(120):
        mixpanel.import_data("", "ann", "Order", NOON + number, {"amount": number})
    consumer.flush()
    assert exported(sandbox, "Order", date(2025, 3, 1)) == [
        {"time": NOON + number, "distinct_id": "ann", "amount": number} for number in range(120)
    ]


def test_library_tracks(sandbox: Served) -> None:
    """`track` sends what happens now, and reads the answer as a good one."""
    mixpanel, consumer = pointed(sandbox)
    now = int(time.time()) - 60
    mixpanel.track("ben", "Visit", {"page": "/", "time": now})
    consumer.flush()
    assert exported(sandbox, "Visit", datetime.fromtimestamp(now, UTC).date()) == [
        {"time": now, "distinct_id": "ben", "page": "/"}
    ]


def test_library_hears_why_an_event_was_refused(sandbox: Served) -> None:
    """An event of nobody fails in the library with the sandbox's sentence."""
    mixpanel, consumer = pointed(sandbox)
    mixpanel.import_data("", "undefined", "Order", NOON)
    with pytest.raises(MixpanelException, match="must not be a placeholder"):
        consumer.flush()
