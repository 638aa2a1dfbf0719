"""Requests to delete stored events: previewed, submitted, withdrawn, executed.

A submitted request is executed when somebody next asks how far the requests have come.
"""

import re
from datetime import date, datetime, timedelta

from .calls import Call, Endpoint, Json, ok
from .conditions import read_conditions
from .documents import own_number, stamp
from .entities import Entities
from .erasures import Erasure
from .errors import wrong
from .fields import filled
from .project import USER
from .timeline import Range, checked, today

SUBMITTED, COMPLETED = "Submitted", "Completed"
MOST_DAYS_BACK = 180
MOST_A_MONTH = 10
MOST_EVENTS_A_MONTH = 5_000_000_000
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([ T]\d{2}:\d{2}:\d{2})?")


def listed(call: Call) -> object:
    """Return all requests, after executing those that were submitted."""
    requests = _requests(call)
    for request in requests.all():
        if request["status"] == SUBMITTED:
            count = _erasure(call, request).execute(call)
            requests.put({**request, "status": COMPLETED, "deletedEventsCount": count})
    return ok(requests.all())


def create(call: Call) -> object:
    """Submit a request."""
    scope, requests = _scope(call), _requests(call)
    erasure = _erasure(call, scope)
    month = [each for each in requests.all() if each["created"][:7] == stamp(call)[:7]]
    if len(month) >= MOST_A_MONTH:
        raise wrong(f"A project may submit at most {MOST_A_MONTH} deletion requests a month")
    gone = sum(each["deletedEventsCount"] for each in month)
    if gone + erasure.count(call) > MOST_EVENTS_A_MONTH:
        raise wrong(f"A project may delete at most {MOST_EVENTS_A_MONTH} events a month")
    requests.put(
        {
            "id": requests.next_number(),
            "displayName": scope["eventName"],
            **scope,
            "status": SUBMITTED,
            "deletedEventsCount": 0,
            "created": stamp(call),
            "requestingUser": USER,
        }
    )
    return ok(requests.all())


def cancel(call: Call) -> object:
    """Withdraw a request that was not executed yet."""
    number, requests = own_number(call.json()), _requests(call)
    request = requests.get(number)
    if request["status"] != SUBMITTED:
        raise wrong(f"Deletion request {number} is {request['status']} and cannot be cancelled")
    requests.delete(number)
    return ok(requests.all())


def preview(call: Call) -> object:
    """Return what a request would delete."""
    scope = _scope(call)
    return ok([{**scope, "matchedEventsCount": _erasure(call, scope).count(call)}])


def _scope(call: Call) -> Json:
    body = call.json()
    name = filled(body, "eventName")
    first, last = (_day(body, field) for field in ("fromDate", "toDate"))
    if last < first:
        raise wrong(f"Invalid range: toDate {last} lies before fromDate {first}")
    checked(Range(first, last, "day"))
    if (today(call.now, call.project.timezone) - first) > timedelta(days=MOST_DAYS_BACK):
        raise wrong(f"fromDate may lie at most {MOST_DAYS_BACK} days back")
    dates = {field: body[field] for field in ("fromDate", "toDate")}
    return {"eventName": name, **dates, "filters": body.get("filters")}


def _day(body: Json, name: str) -> date:
    text = body.get(name)
    found = DAY.fullmatch(text) if isinstance(text, str) else None
    try:
        return datetime.strptime(found[1], "%Y-%m-%d").date() if found else _no_day(name, text)
    except ValueError:
        return _no_day(name, text)


def _no_day(name: str, text: object) -> date:
    raise wrong(f"{name} must be a day, YYYY-MM-DD, not {text!r}")


def _erasure(call: Call, scope: Json) -> Erasure:
    first, last = (_day(scope, field) for field in ("fromDate", "toDate"))
    days = Range(first, last, "day", call.project.timezone)
    conditions = tuple(read_conditions(scope["filters"]))
    return Erasure(scope["eventName"], days.start, days.end, conditions)


def _requests(call: Call) -> Entities:
    return Entities(call.database, "deletion_requests", "Deletion request")


PATH = "/api/app/{scope}/data-definitions/events/deletion-requests/"
ENDPOINTS = (
    # Asking makes the sandbox go on with its work.
    Endpoint("GET", PATH, listed, writes=True),
    Endpoint("POST", PATH, create, writes=True),
    Endpoint("DELETE", PATH, cancel, writes=True),
    Endpoint("POST", f"{PATH}preview-filters/", preview),
)
