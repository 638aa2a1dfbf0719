"""Data volume anomalies: found in daily counts, dismissed and opened again."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sandbox_client import NOW, Client, results_of

from mixpanel_mcp_sandbox.definitions import EVENTS

BASE = "/api/app/projects/1/data-definitions/data-volume-anomalies/"
TODAY = NOW.date()
FILL = """
insert into own.events select 1, epoch_ms($day::timestamp) + n, $event, null, 0, 'u', null
from range($count) as numbers(n)
"""


def filled(client: Client, event: str, count: Callable[[date], int], weeks: int = 12) -> None:
    """Store as many events a day as `count` says, up to yesterday."""
    with client.sandbox.store.write() as database:
        for back in range(1, weeks * 7 + 1):
            day = TODAY - timedelta(days=back)
            database.run(FILL, {"day": str(day), "event": event, "count": count(day)})


def jumping(days: dict[date, int], usual: int = 200) -> Callable[[date], int]:
    """Return a count that is the usual one but on some days."""
    return lambda day: days.get(day, usual)


def found(client: Client, **query: str) -> list[dict[str, Any]]:
    """Return the anomalies."""
    return results_of(client.get(BASE, **query))["anomalies"]


def test_a_day_far_above_the_others_is_told_whole(client: Client) -> None:
    """The range is that of the same weekday, a tenth around it at least."""
    day = date(2026, 2, 20)
    filled(client, "Search", jumping({day: 500}))
    (anomaly,) = found(client)
    assert anomaly == {
        "id": anomaly["id"],
        "timestamp": "2026-02-20T00:00:00",
        "actualCount": 500,
        "predictedUpper": 220,
        "predictedLower": 180,
        "percentVariance": "+127%",
        "project": 1,
        "event": EVENTS.number("Search"),
        "eventName": "Search",
        "anomalyClass": "Event",
        "status": "open",
    }


def test_half_as_much_again_is_no_anomaly(client: Client) -> None:
    """Only what lies half outside of the range is."""
    low, high, lost = (date(2026, 2, day) for day in (17, 18, 19))
    filled(client, "Search", jumping({low: 90, high: 330, lost: 89}))
    assert [each["timestamp"][:10] for each in found(client)] == [str(lost)]
    assert found(client)[0]["percentVariance"] == "-51%"


def test_a_weekly_rhythm_is_expected(client: Client) -> None:
    """A weekday is compared with itself."""
    filled(client, "Search", lambda day: 600 if day.weekday() >= 5 else 150)
    assert found(client) == []


@pytest.mark.parametrize(
    ("usual", "weeks"), [(99, 12), (200, 7)], ids=["a small series", "a young series"]
)
def test_some_series_tell_nothing(client: Client, usual: int, weeks: int) -> None:
    """Less than a hundred a day, or less than four weeks before the thirty days."""
    day = TODAY - timedelta(days=29)
    filled(client, "Search", jumping({day: 5000}, usual), weeks)
    assert found(client) == []


def test_the_list_is_newest_first_and_can_be_narrowed(client: Client) -> None:
    """By status, by event, and to the first ones."""
    filled(client, "Search", jumping({date(2026, 2, 10): 900, date(2026, 2, 20): 900}))
    filled(client, "Visit", jumping({date(2026, 2, 15): 900}))
    days = [each["timestamp"][8:10] for each in found(client)]
    assert days == ["20", "15", "10"]
    assert len(found(client, limit="2")) == 2
    assert len(found(client, event_id=str(EVENTS.number("Visit")))) == 1
    assert found(client, status="dismissed") == found(client, prop_id="1") == []
    assert client.get(BASE, status="closed").status_code == 400


def test_an_anomaly_is_dismissed_and_opened_again(client: Client) -> None:
    """Several at once, all or none."""
    filled(client, "Search", jumping({date(2026, 2, 10): 900, date(2026, 2, 20): 900}))
    one, other = (each["id"] for each in found(client))
    change = {"id": one, "status": "dismissed", "anomalyClass": "Event"}
    answer = client.request("PATCH", BASE, json=change).json()["results"]
    assert answer == {"id": one, "status": "dismissed"}
    assert [each["id"] for each in found(client, status="open")] == [other]
    both = [{"id": number, "anomalyClass": "Event"} for number in (one, other)]
    body = {"anomalies": [*both, {"id": 1, "anomalyClass": "Event"}], "status": "dismissed"}
    assert client.request("PATCH", f"{BASE}bulk/", json=body).status_code == 404
    assert len(found(client, status="open")) == 1
    body = {"anomalies": both, "status": "open"}
    answer = client.request("PATCH", f"{BASE}bulk/", json=body).json()["results"]
    assert answer == {"updated": 2}
    assert len(found(client, status="open")) == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": 1, "status": "closed", "anomalyClass": "Event"}, 400),
        ({"id": 1, "status": "open", "anomalyClass": "Day"}, 400),
        ({"id": 1, "status": "open", "anomalyClass": "Event"}, 404),
        ({"status": "open", "anomalyClass": "Event"}, 404),
    ],
)
def test_a_malformed_change_is_refused(client: Client, change: Any, status: int) -> None:
    """Words are those of Mixpanel; an anomaly must be there."""
    assert client.request("PATCH", BASE, json=change).status_code == status
    assert client.request("PATCH", f"{BASE}bulk/", json={"anomalies": 1}).status_code == 400
