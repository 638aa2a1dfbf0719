"""Somebody watches a metric: an alert that calls a webhook, tried, seen firing and put right."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from job_client import refused, told
from mcp import Client
from served import USER, Served, served
from yesterday import DAY, NOON

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

FEW = {"type": "absolute", "op": "<", "value": 5}


@pytest.fixture(scope="module")
def sandbox() -> Any:
    """A sandbox on a port of its own, whose hooks can be looked at."""
    with served("empty") as running:
        yield running


@pytest.fixture
async def client(sandbox: Served) -> AsyncIterator[Client]:
    """A client of a server whose Mixpanel is that sandbox."""
    settings = Settings(toolsets=("all",), result_format="json", confirm="never")
    async with Client(build(settings, sandbox.environ())) as connected:
        yield connected


async def arrived(sandbox: Served, hook: str) -> list[dict[str, Any]]:
    """What came to a hook, the latest first."""
    async with httpx.AsyncClient(auth=USER) as http:
        answer = await http.get(f"{sandbox.url}/hooks/{hook}/calls")
    return answer.json()["results"]


async def sign_ups(client: Client, count: int) -> None:
    """So many sign-ups of yesterday."""
    events = [
        {"event": "Sign Up", "properties": {"distinct_id": f"u{number}", "time": NOON + number}}
        for number in range(count)
    ]
    await told(client, "import_events", events=events)


async def saved_report(client: Client) -> int:
    """A board with a report on sign-ups a day, and the report's id."""
    params = await told(client, "build_params", events=["Sign Up"], last=7)
    bookmark = {"name": "Sign-ups", "type": "insights", "params": json.dumps(params)}
    card = {"content_type": "report", "content_params": {"bookmark": bookmark}}
    board = await told(client, "create_dashboard", title="Growth", rows=[{"contents": [card]}])
    [report] = board["contents"]["report"].values()
    return report["id"]


async def test_a_metric_is_watched_and_its_fall_reported(client: Client, sandbox: Served) -> None:
    """From the address that is called, over a trial, to the alarm and its history."""
    await sign_ups(client, 3)
    report = await saved_report(client)

    url = f"{sandbox.url}/hooks/growth"
    tried = await told(client, "test_webhook", url=url, name="Growth")
    assert tried == {"success": True, "status_code": 200, "message": "arrived"}
    webhook = await told(
        client,
        "create_webhook",
        name="Growth",
        url=url,
        auth_type="basic",
        username="alarm",
        password="correct horse battery",
    )
    [listed] = await told(client, "list_webhooks")
    assert (listed["id"], listed["url"], listed["auth_type"]) == (webhook["id"], url, "basic")

    alert = {
        "bookmark_id": report,
        "name": "Few sign-ups",
        "condition": FEW,
        "frequency": 86_400,
        "paused": False,
        "subscriptions": [{"type": "webhook", "value": webhook["id"]}],
    }
    trial = await told(client, "test_alert", **alert)
    assert (trial["sent"], trial["value"], trial["fired"]) == (True, 3, True)

    created = await told(client, "create_alert", **alert)
    assert created["last_fired"] is None
    [watching] = await told(client, "list_alerts", bookmark_id=report)
    assert watching == created | {
        "last_checked": watching["last_checked"],
        "last_fired": watching["last_checked"],
        "results": {"value": 3, "at": f"{DAY}T00:00:00+00:00", "fired": True},
    }

    alarm, trial_call, first_call = await arrived(sandbox, "growth")
    assert alarm["content"]["alert"] == {"id": created["id"], "name": "Few sign-ups"}
    assert (alarm["username"], alarm["content"]["value"]) == ("alarm", 3)
    assert [each["content"].get("test") for each in (alarm, trial_call, first_call)] == [
        None,
        True,
        True,
    ]

    history = await told(client, "get_alert_history", alert_id=created["id"])
    [entry] = history["results"]
    assert (entry["value"], entry["notified"][0]["delivered"]) == (3, True)
    picture = await told(client, "get_alert_screenshot_url", gcs_key=entry["gcs_key"])
    async with httpx.AsyncClient() as http:
        drawn = await http.get(picture["signed_url"])
    assert "Few sign-ups" in drawn.text
    assert history["pagination"] == {
        "next_cursor": None,
        "previous_cursor": None,
        "page_size": 20,
    }

    # Three a day turn out to be normal: the alert learns it, and is quiet.
    await told(client, "update_alert", alert_id=created["id"], condition={**FEW, "value": 2})
    calmed = await told(client, "get_alert", alert_id=created["id"])
    assert calmed["results"]["fired"] is False
    assert len((await told(client, "get_alert_history", alert_id=created["id"]))["results"]) == 1


async def test_a_report_is_checked_before_it_breaks_an_alert(client: Client) -> None:
    """What would be watched no longer is told, then the alerts go."""
    await sign_ups(client, 3)
    report = await saved_report(client)
    named = {**FEW, "keys": [{"header": "$metric", "value": "Sign Up"}]}
    alerts = [
        await told(
            client,
            "create_alert",
            bookmark_id=report,
            name=f"Alert {number}",
            condition=condition,
            frequency=3600,
            paused=True,
            subscriptions=[],
        )
        for number, condition in enumerate((FEW, named))
    ]
    ids = [alert["id"] for alert in alerts]
    params = await told(client, "build_params", events=["Visit"], last=7)
    judged = await told(
        client,
        "validate_alerts_for_bookmark",
        alert_ids=ids,
        bookmark_type="insights",
        bookmark_params=params,
    )
    assert judged["invalid_count"] == 1
    assert [each["reason"] for each in judged["alert_validations"]] == [
        None,
        "The report has no series 'Sign Up'",
    ]
    count = await told(client, "get_alert_count")
    await told(client, "bulk_delete_alerts", ids=ids)
    left = await told(client, "get_alert_count")
    assert left["anomaly_alerts_count"] == count["anomaly_alerts_count"] - 2
    gone = await refused(client, "get_alert", alert_id=ids[0])
    assert (gone["code"], gone["details"]["status_code"]) == ("QUERY_FAILED", 404)


async def test_an_alert_that_cannot_be_is_refused_in_words(client: Client) -> None:
    """What the schema rules out is not sent; what Mixpanel refuses is passed on."""
    alert = {
        "bookmark_id": 999,
        "name": "x" * 51,
        "condition": FEW,
        "frequency": 3600,
        "paused": False,
        "subscriptions": [],
    }
    long_name = await refused(client, "create_alert", **alert)
    assert [each["field"] for each in long_name["details"]["problems"]] == ["name"]
    unknown = await refused(client, "create_alert", **{**alert, "name": "x"})
    assert unknown["message"].startswith("Report 999 not found. There are 2 (Sign-ups, insights), ")
