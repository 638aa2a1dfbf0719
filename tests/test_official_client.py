"""Mixpanel's own Python library sends to the sandbox what it would send to Mixpanel."""

import json
import time
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
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
        people_url=sandbox.at("api.mixpanel.com/engage"),
        groups_url=sandbox.at("api.mixpanel.com/groups"),
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


def profiles(sandbox: Served, **fields: Any) -> dict[str, Any]:
    """What profiles hold, but for when they were changed, by their ids."""
    url = sandbox.at("mixpanel.com/api/query/engage")
    answer = httpx.post(url, json={"project_id": "1", **fields}, auth=USER).raise_for_status()
    return {
        each["$distinct_id"]: {k: v for k, v in each["$properties"].items() if k != "$last_seen"}
        for each in answer.json()["results"]
    }


def test_library_updates_people_and_groups(sandbox: Served) -> None:
    """Its operations leave of profiles what they say, with the time that it adds to each."""
    mixpanel, consumer = pointed(sandbox)
    mixpanel.people_set("ann", {"plan": "free", "since": datetime(2025, 3, 1), "tmp": 1})
    mixpanel.people_set_once("ann", {"plan": "pro", "source": "ad"})
    mixpanel.people_increment("ann", {"logins": 2})
    mixpanel.people_append("ann", {"tags": "a"})
    mixpanel.people_union("ann", {"tags": ["a", "b", "c"]})
    mixpanel.people_remove("ann", {"tags": "b"})
    mixpanel.people_unset("ann", ["tmp"])
    mixpanel.people_track_charge("ann", 9.5, {"sku": "x"})
    mixpanel.people_set("ben", {"plan": "pro"})
    mixpanel.people_delete("ben")
    mixpanel.group_set("company", "acme", {"seats": 5, "tags": ["a"]})
    mixpanel.group_union("company", "acme", {"tags": ["a", "b"]})
    mixpanel.group_remove("company", "acme", {"tags": "a"})
    mixpanel.group_set("company", "gone", {"seats": 1})
    mixpanel.group_delete("company", "gone")
    consumer.flush()
    assert profiles(sandbox) == {
        "ann": {
            "plan": "free",
            "since": "2025-03-01T00:00:00",
            "source": "ad",
            "logins": 2,
            "tags": ["a", "c"],
            "$transactions": [{"sku": "x", "$amount": 9.5}],
        }
    }
    assert profiles(sandbox, data_group_id="1") == {"acme": {"seats": 5, "tags": ["b"]}}


def test_library_joins_ids(tmp_path: Path) -> None:
    """Aliases and merges that it sends make one person of three ids."""
    file = str(tmp_path / "original.duckdb")
    with served(file, "--identity", "original") as sandbox:
        mixpanel, consumer = pointed(sandbox)
        for person in ("ann", "ann@x", "old"):
            mixpanel.import_data("", person, "Order", NOON)
        consumer.flush()
        mixpanel.merge("", "ann", "old")
        consumer.flush()
        # What `alias` sends; it always sends it to the real host.
        ids = {"distinct_id": "ann", "alias": "ann@x", "token": "sandbox"}
        consumer.send("events", json.dumps({"event": "$create_alias", "properties": ids}))
        consumer.flush()
        orders = exported(sandbox, "Order", date(2025, 3, 1))
    assert {order["distinct_id"] for order in orders} == {"ann"}
