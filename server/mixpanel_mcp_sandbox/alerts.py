"""Alerts on saved reports: create, change, try, judge beforehand, and look back."""

from functools import partial

from .alert_checks import KIND, alerts, check_due, entries, forget, tell
from .alert_pictures import screenshot
from .alert_values import WATCHED, check_condition, watch
from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .documents import Collection, bulk_delete, number, stamp, whole_number, writes
from .errors import Refusal, one_of, wrong
from .fields import require
from .project import PERSON, USER_EMAIL, USER_ID
from .saved_reports import saved
from .webhooks import webhooks

LIMIT = 10
LONGEST_NAME = 50
CHANNELS = ("email", "slack", "webhook")
PAGE = 20
LARGEST_PAGE = 100
SETTABLE = {
    "name": str,
    "bookmark_id": int,
    "condition": dict,
    "frequency": int,
    "paused": bool,
    "subscriptions": list,
    "notification_windows": dict,
}
REQUIRED = frozenset(SETTABLE) - {"notification_windows"}


def _created(call: Call, number: int, fields: Json) -> Json:
    if len(alerts(call).all()) >= LIMIT:
        raise wrong(f"The project has {LIMIT} alerts, which is the limit")
    project = call.project
    return {
        "id": number,
        "notification_windows": None,
        **_settings(call, fields),
        "creator": {**PERSON, "email": USER_EMAIL},
        "workspace": {"id": project.workspace_id, "name": project.workspace_name},
        "project": {"id": project.id, "name": project.name},
        "created": stamp(call),
        "modified": stamp(call),
        "last_checked": None,
        "last_fired": None,
        "valid": True,
        "results": None,
    }


def _changed(call: Call, alert: Json, fields: Json) -> Json:
    given = {name: value for name, value in fields.items() if value is not None}
    current = {name: alert[name] for name in SETTABLE if name != "bookmark_id"}
    current["bookmark_id"] = alert["bookmark"]["id"]
    changed = alert | _settings(call, current | given) | {"modified": stamp(call)}
    if {"bookmark_id", "condition"} & given.keys():
        # What was seen belongs to another question.
        changed |= {"last_checked": None, "results": None, "valid": True}
    return changed


def _settings(call: Call, fields: Json) -> Json:
    """Return the settings of an alert that can be watched; 400 for any other."""
    if not 1 <= len(fields["name"]) <= LONGEST_NAME:
        raise wrong(f"name must have 1 to {LONGEST_NAME} characters")
    if fields["frequency"] < 1:
        raise wrong("frequency must be a number of seconds")
    for each in fields["subscriptions"]:
        _check_subscription(call, mapping(each, "subscriptions"))
    report = saved(call).find(fields["bookmark_id"])
    if report is None:
        # Not 404: the path exists, one of the fields is wrong.
        raise wrong(f"Report {fields['bookmark_id']} not found")
    check_condition(fields["condition"])
    watch(call, report, fields["condition"])
    kept = {name: value for name, value in fields.items() if name != "bookmark_id"}
    return {**kept, "bookmark": {name: report.get(name) for name in ("id", "name", "type")}}


def _check_subscription(call: Call, subscription: Json) -> None:
    if not subscription.get("type") or not subscription.get("value"):
        raise wrong("A subscription needs type and value")
    one_of(CHANNELS, subscription["type"], "subscriptions.type")
    if subscription["type"] == "webhook":
        try:
            webhooks(call).named(str(subscription["value"]))
        except Refusal as refusal:
            raise wrong(f"subscriptions: {refusal}") from refusal


def _picked(call: Call, every: list[Json]) -> list[Json]:
    """Keep those of a report and, unless others are wanted too, of the user."""
    report = call.query.get("bookmark_id")
    everybody = call.query.get("skip_user_filter") == "true"
    return [
        alert
        for alert in every
        if (report is None or str(alert["bookmark"]["id"]) == report)
        and (everybody or alert["creator"]["id"] == USER_ID)
    ]


ALERTS = Collection(
    kind=KIND,
    path="alerts/custom",
    noun="Alert",
    fields=SETTABLE,
    required=REQUIRED,
    changeable=frozenset(SETTABLE),
    create=_created,
    change=_changed,
    pick=_picked,
    slash=True,
    before_delete=forget,
)


def list_alerts(call: Call) -> object:
    """Return the alerts after the checks that are due."""
    check_due(call)
    return ok(_picked(call, alerts(call).all()))


def get(call: Call) -> object:
    """Return one alert after the checks that are due."""
    check_due(call)
    return ok(alerts(call).get(number(call)))


def count(call: Call) -> object:
    """Return how many alerts there are, and how many there may be."""
    wanted = call.query.get("type")
    every = alerts(call).all()
    found = [each for each in every if not wanted or each["condition"]["type"] == wanted]
    return ok(
        {
            "anomaly_alerts_count": len(found),
            "alert_limit": LIMIT,
            "is_below_limit": len(every) < LIMIT,
        }
    )


def history(call: Call) -> object:
    """Return a page of what an alert did, the latest first; a cursor is the number of an entry."""
    check_due(call)
    alert = alerts(call).get(number(call))
    every = entries(call, alert["id"])
    size = call.number("page_size", PAGE, LARGEST_PAGE)
    first = _first(call, every, size)
    page = every[first : first + size]
    pagination = {
        "next_cursor": str(page[-1]["id"]) if first + size < len(every) else None,
        "previous_cursor": str(page[0]["id"]) if page and first else None,
        "page_size": size,
    }
    return ok({"results": page, "pagination": pagination})


def _first(call: Call, every: list[Json], size: int) -> int:
    """The place of the first entry of the page that a cursor asks for."""
    places = {str(entry["id"]): place for place, entry in enumerate(every)}
    for name in ("next_cursor", "previous_cursor"):
        cursor = call.query.get(name)
        if cursor and cursor not in places:
            raise wrong(f"{name} {cursor!r} is not one of this history")
        if cursor:
            place = places[cursor]
            return place + 1 if name == "next_cursor" else max(0, place - size)
    return 0


def test(call: Call) -> object:
    """Tell everybody that an alert would name, whether it would fire or not; nothing is saved."""
    body = call.json()
    require(body, sorted(REQUIRED))
    alert = _settings(call, {name: body[name] for name in SETTABLE if name in body})
    report = saved(call).get(alert["bookmark"]["id"])
    seen = watch(call, report, alert["condition"])
    told = tell(call, alert, seen, test=True)
    return ok({"sent": any(each["delivered"] for each in told), **seen.told(), "notified": told})


def validate(call: Call) -> object:
    """Judge alerts by params that their report would have."""
    body = call.json()
    numbers = listed(body.get("alert_ids"), "alert_ids")
    kind = one_of(WATCHED, body.get("bookmark_type"), "bookmark_type")
    if not numbers:
        raise wrong("alert_ids must name at least one alert")
    report = {"type": kind, "params": mapping(body.get("bookmark_params"), "bookmark_params")}
    found = [_validation(call, whole_number(each, "alert_ids"), report) for each in numbers]
    invalid = sum(not each["valid"] for each in found)
    return ok({"alert_validations": found, "invalid_count": invalid})


def _validation(call: Call, alert_id: int, report: Json) -> Json:
    alert = alerts(call).get(alert_id)
    reason: str | None = None
    try:
        watch(call, report, alert["condition"])
    except Refusal as refusal:
        reason = str(refusal)
    named = {"alert_id": alert["id"], "alert_name": alert["name"]}
    return {**named, "valid": reason is None, "reason": reason}


BASE = "/api/app/{scope}/alerts/custom/"
ENDPOINTS = (
    Endpoint("GET", BASE, list_alerts),
    Endpoint("GET", f"{BASE}alert-count/", count),
    Endpoint("GET", f"{BASE}screenshot/", screenshot),
    Endpoint("POST", f"{BASE}test/", test, writes=True),
    Endpoint("POST", f"{BASE}bulk-delete/", partial(bulk_delete, ALERTS, "alert_ids"), writes=True),
    Endpoint("POST", f"{BASE}validate-alerts-for-bookmark/", validate),
    Endpoint("GET", f"{BASE}{{id:int}}/", get),
    Endpoint("GET", f"{BASE}{{id:int}}/history/", history),
    *writes(ALERTS),
)
