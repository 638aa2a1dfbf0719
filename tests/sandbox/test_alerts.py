"""Alerts through the App API: what they watch, when they fire, and whom they tell."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_client import Client, Clock, open_empty, results_of

BASE = "/api/app/projects/1/alerts/custom/"
HOOK = "/hooks/alarm/calls"
START = datetime(2026, 2, 20, 12, tzinfo=UTC)
LOW = {"type": "absolute", "op": "<", "value": 3}


@pytest.fixture
def clock() -> Clock:
    """The sandbox's clock."""
    return Clock(START)


@pytest.fixture
def client(clock: Clock) -> Generator[Client]:
    """A client of a sandbox with sign-ups, a report on them, and a webhook."""
    with open_empty(clock) as sandbox:
        client = Client(sandbox)
        # Five on the 18th, two on the 19th, and one today, which is not over yet.
        for day, times in ((18, 5), (19, 2), (20, 1)):
            for number in range(times):
                client.load([signed_up(day, number)])
        client.save("bookmarks", report())
        webhook = {"name": "Alarm", "url": "http://sandbox/hooks/alarm"}
        client.post("/api/app/projects/1/webhooks/", webhook)
        yield client


def signed_up(day: int, number: int) -> dict[str, Any]:
    """A sign-up of a day of February."""
    time = f"2026-02-{day}T08:00:0{number}Z"
    return {
        "event": "Sign Up",
        "distinct_id": f"u{day}-{number}",
        "time": time,
        "properties": {"plan": "pro" if number else "free"},
    }


def params(chart: str = "line", **sections: Any) -> dict[str, Any]:
    """Params of a report on sign-ups a day."""
    behavior = {"type": "event", "name": "Sign Up", "resourceType": "events", "filters": []}
    window = {"unit": "day", "value": 7}
    return {
        "sections": {
            "show": [{"type": "metric", "behavior": behavior, "measurement": {"math": "total"}}],
            "time": [{"dateRangeType": "in the last", "unit": "day", "window": window}],
            **sections,
        },
        "displayOptions": {"chartType": chart},
    }


def by_plan() -> dict[str, Any]:
    """The same, broken down."""
    group = {"value": "plan", "propertyName": "plan", "resourceType": "events"}
    return params(group=[{**group, "propertyType": "string"}])


def report(number: int = 7, **fields: Any) -> dict[str, Any]:
    """A saved report."""
    return {"id": number, "name": "Sign-ups", "type": "insights", "params": params(), **fields}


def webhook_id(client: Client) -> str:
    """The id of the webhook."""
    return client.get("/api/app/projects/1/webhooks/").json()["results"][0]["id"]


def body(client: Client, **fields: Any) -> dict[str, Any]:
    """A request for an alert that calls the webhook."""
    return {
        "bookmark_id": 7,
        "name": "Few sign-ups",
        "condition": LOW,
        "frequency": 86_400,
        "paused": False,
        "subscriptions": [{"type": "webhook", "value": webhook_id(client)}],
        **fields,
    }


def created(client: Client, **fields: Any) -> dict[str, Any]:
    """Create an alert and return it."""
    return results_of(client.post(BASE, body(client, **fields)))


def read(client: Client, path: str = "", **query: Any) -> Any:
    """What an answer holds."""
    return results_of(client.get(f"{BASE}{path}", **query))


def fired(client: Client, number: int = 1, **query: Any) -> list[Any]:
    """The values that an alert fired at, the latest first."""
    return [each["value"] for each in read(client, f"{number}/history/", **query)["results"]]


def test_a_new_alert_says_what_it_watches(client: Client) -> None:
    """Report, author, workspace and project come with it."""
    alert = created(client)
    assert alert == {
        "id": 1,
        "name": "Few sign-ups",
        "bookmark": {"id": 7, "name": "Sign-ups", "type": "insights"},
        "condition": LOW,
        "frequency": 86_400,
        "paused": False,
        "subscriptions": [{"type": "webhook", "value": webhook_id(client)}],
        "notification_windows": None,
        "creator": {
            "id": 1,
            "first_name": "Sandbox",
            "last_name": "User",
            "email": "sandbox@example.com",
        },
        "workspace": {"id": 1, "name": "All Project Data"},
        "project": {"id": 1, "name": "Sandbox"},
        "created": "2026-02-20T12:00:00",
        "modified": "2026-02-20T12:00:00",
        "last_checked": None,
        "last_fired": None,
        "valid": True,
        "results": None,
    }


def test_an_alert_fires_on_the_last_whole_day_and_calls_its_webhook(client: Client) -> None:
    """Today is not over: yesterday's two are fewer than three."""
    created(client)
    [alert] = read(client)
    assert alert["results"] == {"value": 2, "at": "2026-02-19T00:00:00+00:00", "fired": True}
    assert alert["last_checked"] == alert["last_fired"] == "2026-02-20T12:00:00"
    [call] = client.get(HOOK).json()["results"]
    assert call["content"] == {
        "alert": {"id": 1, "name": "Few sign-ups"},
        "report": {"id": 7, "name": "Sign-ups", "type": "insights"},
        "condition": LOW,
        "project_id": 1,
        "time": "2026-02-20T12:00:00",
        "value": 2,
        "at": "2026-02-19T00:00:00+00:00",
        "fired": True,
    }


def test_an_alert_is_checked_as_often_as_it_says(client: Client, clock: Clock) -> None:
    """Looking more often changes nothing; a day later the value is another one."""
    created(client)
    for _ in range(3):
        read(client, "1/")
    assert fired(client) == [2]
    clock.move(hours=23)
    assert fired(client) == [2]
    clock.move(hours=1)
    assert fired(client) == [1, 2]


def test_a_condition_that_does_not_hold_leaves_no_trace_but_the_check(client: Client) -> None:
    """The value is told, and nobody is."""
    created(client, condition={**LOW, "value": 2})
    [alert] = read(client)
    assert (alert["results"]["fired"], alert["last_fired"]) == (False, None)
    assert fired(client) == []
    assert client.get(HOOK).json()["results"] == []


def test_a_paused_alert_is_not_checked_until_it_goes_on(client: Client) -> None:
    """Pausing and going on are changes like others."""
    created(client, paused=True)
    assert read(client, "1/")["last_checked"] is None
    client.request("PATCH", f"{BASE}1/", json={"paused": False})
    assert read(client, "1/")["last_fired"] is not None


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ({"type": "absolute", "op": "<=", "value": 2}, 2),
        ({"type": "relative", "op": "<", "value": -50}, -60),
        ({"type": "absolute", "op": ">", "value": 0, "keys": [{"value": "Sign Up"}]}, 2),
    ],
    ids=["up to", "less than half of the day before", "of a named series"],
)
def test_conditions_compare_values_or_changes(
    client: Client, condition: dict[str, Any], value: float
) -> None:
    """A change is in percent of the bucket before."""
    created(client, condition=condition)
    assert fired(client) == [value]


def test_a_segment_is_watched_by_its_keys(client: Client) -> None:
    """Without them all segments together are."""
    client.save("bookmarks", report(8, params=by_plan()))
    free = [{"header": "$metric", "value": "Sign Up"}, {"header": "plan", "value": "free"}]
    created(client, bookmark_id=8, condition={**LOW, "keys": free})
    created(client, bookmark_id=8)
    assert (fired(client, 1), fired(client, 2)) == ([1], [2])


def test_a_funnel_is_watched_by_its_conversion(client: Client) -> None:
    """The share of those who began that reached the last step."""
    steps = [{"type": "event", "name": "Sign Up"}, {"type": "event", "name": "Order"}]
    order = {**signed_up(19, 1), "event": "Order", "time": "2026-02-19T09:00:00Z"}
    client.load([order])
    funnel = {"type": "funnel", "behaviors": steps, "conversionWindowDuration": 1}
    show = [{"behavior": funnel, "measurement": {"math": "conversion_rate_unique"}}]
    client.save("bookmarks", report(9, type="funnels", params=params("funnel-steps", show=show)))
    created(client, bookmark_id=9, condition={**LOW, "value": 0.5})
    assert fired(client) == [0.125]


def test_an_alert_whose_report_is_gone_is_not_valid(client: Client) -> None:
    """It says why, and does not fire."""
    created(client)
    with client.sandbox.store.write() as database:
        database.run("update own.entities set body = 'null' where kind = 'bookmarks'")
    alert = read(client, "1/")
    assert (alert["valid"], alert["results"]) == (False, {"reason": "Report 7 not found"})


def test_another_question_forgets_what_was_seen(client: Client) -> None:
    """The next look checks it anew; a new name does not."""
    created(client)
    seen = read(client, "1/")["results"]
    named = client.request("PATCH", f"{BASE}1/", json={"name": "New"}).json()["results"]
    assert (named["name"], named["results"]) == ("New", seen)
    asked = client.request("PATCH", f"{BASE}1/", json={"condition": {**LOW, "value": 1}})
    assert asked.json()["results"]["results"] is None
    assert read(client, "1/")["results"]["fired"] is False


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x" * 51},
        {"name": None},
        {"bookmark_id": 99},
        {"frequency": 0},
        {"condition": {"type": "magic", "op": "<", "value": 1}},
        {"condition": {"type": "absolute", "op": "~", "value": 1}},
        {"condition": {"type": "absolute", "op": "<", "value": "1"}},
        {"condition": {**LOW, "keys": [{"value": "Nothing"}]}},
        {"subscriptions": [{"type": "email"}]},
        {"subscriptions": [{"type": "sms", "value": "+1"}]},
        {"subscriptions": [{"type": "webhook", "value": "w2"}]},
    ],
)
def test_an_alert_that_cannot_work_is_refused(client: Client, fields: dict[str, Any]) -> None:
    """Also when it comes about by a change."""
    assert client.post(BASE, body(client, **fields)).status_code == 400
    created(client)
    change = {name: value for name, value in fields.items() if value is not None}
    if change:
        assert client.request("PATCH", f"{BASE}1/", json=change).status_code == 400


def test_alerts_are_counted_up_to_their_limit(client: Client) -> None:
    """The eleventh is refused; deleting one makes room."""
    for _ in range(10):
        created(client, paused=True)
    assert read(client, "alert-count/") == {
        "anomaly_alerts_count": 10,
        "alert_limit": 10,
        "is_below_limit": False,
    }
    assert "limit" in client.post(BASE, body(client)).json()["error"]
    assert client.request("DELETE", f"{BASE}3/").status_code == 204
    assert read(client, "alert-count/")["is_below_limit"] is True
    assert read(client, "alert-count/", type="relative")["anomaly_alerts_count"] == 0


def test_the_list_can_be_of_one_report(client: Client) -> None:
    """Zero is a number like others."""
    client.save("bookmarks", report(8))
    created(client, paused=True)
    created(client, paused=True, bookmark_id=8)
    assert [alert["id"] for alert in read(client, bookmark_id=8)] == [2]
    assert read(client, bookmark_id=0) == []


def test_only_alerts_of_the_user_are_listed_unless_asked_otherwise(client: Client) -> None:
    """Those of others are there all the same."""
    created(client, paused=True)
    client.save("alerts", {**read(client, "1/"), "creator": {"id": 2}})
    assert read(client) == []
    assert len(read(client, skip_user_filter="true")) == 1


def test_a_history_comes_in_pages(client: Client, clock: Clock) -> None:
    """Cursors lead forth and back."""
    created(client, frequency=3600)
    for _ in range(5):
        read(client, "1/")
        clock.move(hours=1)
    pages = [read(client, "1/history/", page_size=2)]
    while cursor := pages[-1]["pagination"]["next_cursor"]:
        pages.append(read(client, "1/history/", page_size=2, next_cursor=cursor))
    assert [[each["id"] for each in page["results"]] for page in pages] == [[6, 5], [4, 3], [2, 1]]
    assert pages[0]["pagination"]["previous_cursor"] is None
    back = read(
        client,
        "1/history/",
        page_size=2,
        previous_cursor=pages[1]["pagination"]["previous_cursor"],
    )
    assert back["results"] == pages[0]["results"]
    assert client.get(f"{BASE}1/history/", next_cursor="n").status_code == 400


def test_a_history_goes_with_its_alert(client: Client) -> None:
    """Several can be deleted at once; of a list with a stranger none is."""
    created(client)
    created(client)
    assert fired(client) == [2]
    assert client.post(f"{BASE}bulk-delete/", {"alert_ids": [1, 9]}).status_code == 404
    assert fired(client) == [2]
    assert client.post(f"{BASE}bulk-delete/", {"alert_ids": [1, 2]}).status_code == 204
    assert client.get(f"{BASE}1/history/").status_code == 404
    assert created(client)["id"] == 3
    assert read(client, "3/history/", page_size=1)["results"][0]["alert_id"] == 3


def test_a_trial_tells_everybody_and_saves_nothing(client: Client) -> None:
    """The webhook is called; messages are not sent, and the answer says so."""
    mail = {"type": "email", "value": "ann@example.com"}
    hook = {"type": "webhook", "value": webhook_id(client)}
    answer = client.post(f"{BASE}test/", body(client, subscriptions=[mail, hook]))
    assert answer.json()["results"] == {
        "sent": True,
        "value": 2,
        "at": "2026-02-19T00:00:00+00:00",
        "fired": True,
        "notified": [
            {
                **mail,
                "delivered": False,
                "message": "the sandbox sends no messages; only webhooks are called",
            },
            {**hook, "delivered": True, "message": "arrived"},
        ],
    }
    [call] = client.get(HOOK).json()["results"]
    assert call["content"]["test"] is True
    assert read(client) == []


def test_alerts_are_judged_by_the_params_their_report_would_have(client: Client) -> None:
    """One watches a series that would be gone."""
    created(client, condition={**LOW, "keys": [{"header": "$metric", "value": "Sign Up"}]})
    created(client)
    other = params()
    other["sections"]["show"][0]["behavior"]["name"] = "Order"
    asked = {"alert_ids": [1, 2], "bookmark_type": "insights", "bookmark_params": other}
    answer = client.post(f"{BASE}validate-alerts-for-bookmark/", asked)
    named = {"alert_name": "Few sign-ups"}
    assert answer.json()["results"] == {
        "alert_validations": [
            {
                "alert_id": 1,
                **named,
                "valid": False,
                "reason": "The report has no series 'Sign Up'",
            },
            {"alert_id": 2, **named, "valid": True, "reason": None},
        ],
        "invalid_count": 1,
    }


@pytest.mark.parametrize(
    "change", [{"alert_ids": []}, {"bookmark_type": "flows"}, {"bookmark_params": None}]
)
def test_a_judgement_needs_alerts_type_and_params(client: Client, change: dict[str, Any]) -> None:
    """Flows are not watched."""
    created(client)
    asked = {"alert_ids": [1], "bookmark_type": "insights", "bookmark_params": params()}
    path = f"{BASE}validate-alerts-for-bookmark/"
    assert client.post(path, asked | change).status_code == 400


def test_what_fired_has_a_picture(client: Client) -> None:
    """Its address is signed; words in it are only words."""
    created(client, name="Few <sign-ups>")
    [entry] = read(client, "1/history/")["results"]
    url = read(client, "screenshot/", gcs_key=entry["gcs_key"])["signed_url"]
    answer = client.request("GET", url, auth=None)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "Few &lt;sign-ups&gt;" in answer.text
    assert "2 at 2026-02-20T12:00:00" in answer.text
    assert client.request("GET", url.partition("?")[0], auth=None).status_code == 403


@pytest.mark.parametrize("key", ["a/1.png", "alert-1-9.svg", "alert-2-1.svg"])
def test_other_keys_have_no_picture(client: Client, key: str) -> None:
    """Only an entry of a history has one."""
    created(client)
    assert fired(client) == [2]
    assert client.get(f"{BASE}screenshot/", gcs_key=key).status_code == 404
