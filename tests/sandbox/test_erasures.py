"""Deleted events stay deleted: in the demo, which is only read, and after a restart."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from report_bodies import body, metric
from sandbox_client import NOW, Client, Clock
from small_demo import FRIDAY, lay_demo, open_demo

from mixpanel_mcp_sandbox import open_sandbox
from mixpanel_mcp_sandbox.sandbox import Sandbox

DELETIONS = "/api/app/data-deletions/v3.0/"
BASE = "/api/app/projects/1/data-definitions/events/deletion-requests/"
DAYS = {"fromDate": "2026-01-19", "toDate": "2026-01-25"}
WEB = {"property": "platform", "operator": "equals", "value": "web"}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that holds a small demo already."""
    return lay_demo(tmp_path)


def views(client: Client) -> tuple[int, int]:
    """Return how many product views queries and exports have in the week before last."""
    week = {"dateRangeType": "between", "unit": "day", "value": list(DAYS.values())}
    report = body(metric("Product Viewed"), time=[week], chart="bar")
    series = client.post("/api/query/insights", report).json()["series"]
    lines = client.exported(from_date=DAYS["fromDate"], to_date=DAYS["toDate"])
    counted: Any = series["Product Viewed"]["all"] if series else 0
    return counted, sum(line["event"] == "Product Viewed" for line in lines)


def test_events_of_the_demo_are_gone_from_queries_and_exports(cache: Path) -> None:
    """First those of one platform, then the rest; another server has lost them too."""
    with open_demo(cache) as sandbox:
        client = Client(sandbox)
        before, exported = views(client)
        client.post(BASE, {"eventName": "Product Viewed", **DAYS, "filters": WEB})
        web = client.get(BASE).json()["results"][-1]
        assert 0 < web["deletedEventsCount"] < before <= exported
        assert views(client)[0] == before - web["deletedEventsCount"]
        client.post(BASE, {"eventName": "Product Viewed", **DAYS})
        rest = client.get(BASE).json()["results"][-1]
        assert rest["deletedEventsCount"] == before - web["deletedEventsCount"]
        assert views(client) == (0, 0)
        assert client.get("/api/query/events/names").json()[0] == "Product Viewed"
    with open_demo(cache) as again:
        assert views(Client(again)) == (0, 0)


def test_a_person_of_the_demo_is_forgotten(cache: Path) -> None:
    """Events and profile, also what they would have done until the demo's week ends."""
    clock, who = Clock(FRIDAY), "customer-00003"
    with open_sandbox("demo", cache=cache, now=clock) as sandbox:
        client = Client(sandbox)
        others = [len(records_of(client, "customer-00004")), len(client.profiles())]
        assert records_of(client, who)
        request = {"params": {"token": "sandbox"}, "json": {"distinct_ids": [who]}}
        bearer = {"Authorization": "Bearer sandbox"}
        client.request("POST", DELETIONS, auth=None, headers=bearer, **request)
        clock.move(seconds=30)
        left = [len(records_of(client, "customer-00004")), len(client.profiles()) + 1]
        assert (records_of(client, who), left) == ([], others)
        clock.move(days=2)
        assert (records_of(client, who), who in client.profiles()) == ([], False)


def records_of(client: Client, who: str) -> list[Any]:
    """What the export has of a person."""
    return [each for each in client.exported() if each["properties"]["distinct_id"] == who]


def test_numbers_of_deleted_records_are_not_used_again(tmp_path: Path) -> None:
    """A record that comes twice after a restart is still recognised."""

    def open_demo() -> Sandbox:
        return open_sandbox(str(tmp_path / "mine.duckdb"), now=lambda: NOW)

    def arrived(client: Client, event: str) -> None:
        time = int((NOW - timedelta(days=1)).timestamp())
        properties = {"time": time, "distinct_id": "u", "$insert_id": "i-1"}
        client.post("/import", [{"event": event, "properties": properties}])
        assert client.get("/api/query/events/names").json() == [event]

    with open_demo() as first:
        client = Client(first)
        for _ in range(3):
            arrived(client, "A")
        client.post(BASE, {"eventName": "A", "fromDate": "2026-02-01", "toDate": "2026-03-01"})
        client.get(BASE)
        assert client.exported() == []
    with open_demo() as second:
        client = Client(second)
        for _ in range(2):
            arrived(client, "B")
        report = body(metric("B"), chart="bar", time=[_last_days()])
        series = client.post("/api/query/insights", report).json()["series"]
        assert series["B"]["all"] == 1


def _last_days() -> dict[str, Any]:
    return {"dateRangeType": "between", "unit": "day", "value": ["2026-02-27", "2026-03-01"]}
