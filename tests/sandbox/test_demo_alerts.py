"""The demo's alerts saw what the data shows, and go on watching; its texts can be read."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox_client import Client, Clock, results_of
from small_demo import demo_file

from mixpanel_mcp_sandbox import demo, open_sandbox
from mixpanel_mcp_sandbox.alert_values import watch
from mixpanel_mcp_sandbox.calls import Call
from mixpanel_mcp_sandbox.demo.alerts import WATCHES, Sight, Watch

NOW = datetime(2026, 2, 6, 18, tzinfo=UTC)
BASE = "/api/app/projects/1"
SIGHTS = [
    pytest.param(each, sight, id=f"{each.name}, day {sight.day}")
    for each in WATCHES
    for sight in each.sights
]


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The sandbox's clock."""
    return Clock(NOW)


@pytest.fixture(scope="module")
def client(clock: Clock) -> Generator[Client]:
    """A client of the whole demo."""
    with open_sandbox("demo", cache=demo_file(NOW).parent, now=clock) as sandbox:
        yield Client(sandbox)


def read(client: Client, path: str, **query: str) -> Any:
    """What an answer of the App API holds."""
    return results_of(client.get(f"{BASE}/{path}", **query))


@pytest.mark.parametrize(("alert", "sight"), SIGHTS)
def test_every_value_is_what_was_to_be_seen_then(
    client: Client, clock: Clock, alert: Watch, sight: Sight
) -> None:
    """At nine in the morning of its day, in the data up to that moment."""
    report = read(client, f"bookmarks/{alert.report}", v="2")
    clock.now = demo.at(NOW, sight.day, hour=9)
    store = client.sandbox.store
    with store.read() as database:
        seen = watch(Call(store, database, store.now()), report, alert.condition)
    clock.now = NOW
    assert seen.told() == sight.told(NOW) | {"value": pytest.approx(sight.value)}


def test_nothing_fired_unseen(client: Client, clock: Clock) -> None:
    """In the days between, the searches never doubled."""
    alert = WATCHES[1]
    report = read(client, f"bookmarks/{alert.report}", v="2")
    store = client.sandbox.store
    fired: list[int] = []
    for day in range(alert.created + 1, 119):
        clock.now = demo.at(NOW, day, hour=9)
        with store.read() as database:
            if watch(Call(store, database, store.now()), report, alert.condition).fires:
                fired.append(day)
    clock.now = NOW
    assert fired == [sight.day for sight in alert.sights if sight.fired]


def test_the_history_tells_when_payments_failed_and_the_scraper_came(client: Client) -> None:
    """The latest first; the paused one did nothing."""
    histories = [
        read(client, f"alerts/custom/{number}/history/")["results"] for number in (1, 2, 3)
    ]
    assert [[entry["time"] for entry in each] for each in histories] == [
        ["2026-01-12T09:00:00", "2026-01-05T09:00:00"],
        ["2026-01-26T09:00:00"],
        [],
    ]
    key = histories[1][0]["gcs_key"]
    assert "signed_url" in read(client, "alerts/custom/screenshot/", gcs_key=key)


def test_due_alerts_are_checked_on_the_data(client: Client) -> None:
    """Nothing is wrong now; the paused one is left alone."""
    alerts = read(client, "alerts/custom/")
    assert [alert["name"] for alert in alerts] == [each.name for each in WATCHES]
    assert [alert["last_checked"] for alert in alerts] == [
        "2026-02-06T18:00:00",
        "2026-02-06T18:00:00",
        None,
    ]
    payments, searches, _ = (alert["results"] for alert in alerts)
    assert (payments["fired"], searches["fired"]) == (False, False)
    assert payments["value"] > 0.7
    assert client.get("/hooks/alarm/calls").json()["results"] == []


def test_the_webhook_can_be_tried(client: Client) -> None:
    """Its address is a path of the sandbox, which shows what arrived."""
    [webhook] = read(client, "webhooks/")
    answer = client.post(f"{BASE}/webhooks/test/", {"url": webhook["url"]})
    assert answer.json()["results"]["success"] is True
    assert len(client.get("/hooks/alarm/calls").json()["results"]) == 1


def test_the_project_says_what_it_is_about(client: Client) -> None:
    """So does its organization."""
    chain = read(client, "business-context/chain")
    assert chain["project_context"].startswith("# Northwind Trail\n")
    assert "Weeks begin on Monday" in chain["org_context"]


def test_an_alert_of_next_week_is_dated_a_week_later() -> None:
    """The demo's documents move with its data."""

    def created(now: datetime) -> list[datetime]:
        documents = [each for each in demo.documents(now) if each.kind == "alerts"]
        return [datetime.fromisoformat(each.body["created"]) for each in documents]

    week = timedelta(weeks=1)
    assert created(NOW + week) == [moment + week for moment in created(NOW)]
