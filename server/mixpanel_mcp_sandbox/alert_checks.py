"""Checks of alerts: due ones are made when somebody looks, and what fires is told and kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb

from .alert_values import Seen, watch
from .calls import Call, Json
from .documents import stamp
from .entities import Entities
from .errors import Refusal
from .saved_reports import saved
from .webhooks import notify

KIND = "alerts"
HISTORY = "alert_history"
NOT_SENT = "the sandbox sends no messages; only webhooks are called"


def alerts(call: Call) -> Entities:
    """Return the alerts of the project."""
    return Entities(call.database, KIND, "Alert")


def check_due(call: Call) -> None:
    """Check every alert whose time has come; what it sees is read before anything is written."""
    due = [(alert, _seen(call, alert)) for alert in alerts(call).all() if _is_due(call, alert)]
    if not due:
        return
    with call.store.write() as database:
        writing = replace(call, database=database)
        for before, seen in due:
            alert = alerts(writing).find(before["id"])
            # Another request may have looked at the same time.
            if alert is not None and alert["last_checked"] == before["last_checked"]:
                alerts(writing).put(_after(writing, alert, seen), call.project.workspace_id)


def entries(call: Call, number: int) -> list[Json]:
    """Return what an alert did, the latest first."""
    every = Entities(call.database, HISTORY, "Entry").all()
    return [each for each in every if each["alert_id"] == number][::-1]


def picture_key(alert_id: int, entry_id: int) -> str:
    """Return the key of the picture that goes with an entry."""
    return f"alert-{alert_id}-{entry_id}.svg"


def forget(call: Call, alert: Json) -> None:
    """Delete the history of an alert."""
    history = Entities(call.database, HISTORY, "Entry")
    for each in entries(call, alert["id"]):
        history.delete(each["id"])


def tell(call: Call, alert: Json, seen: Seen, **more: object) -> list[Json]:
    """Tell everybody that an alert names, and return what came of it."""
    content = {
        "alert": {"id": alert.get("id"), "name": alert["name"]},
        "report": alert["bookmark"],
        "condition": alert["condition"],
        "project_id": call.project.id,
        "time": stamp(call),
        **seen.told(),
        **more,
    }
    return [_told(call, each, content) for each in alert["subscriptions"]]


def _told(call: Call, subscription: Json, content: Json) -> Json:
    if subscription["type"] != "webhook":
        return {**subscription, "delivered": False, "message": NOT_SENT}
    called = notify(call, str(subscription["value"]), content)
    return {**subscription, "delivered": called.good, "message": called.message}


def _is_due(call: Call, alert: Json) -> bool:
    if alert["paused"]:
        return False
    if alert["last_checked"] is None:
        return True
    last = datetime.fromisoformat(alert["last_checked"]).replace(tzinfo=UTC)
    return last + timedelta(seconds=alert["frequency"]) <= call.now


def _seen(call: Call, alert: Json) -> Seen | str:
    """What an alert sees, or the reason why it sees nothing."""
    try:
        return watch(call, saved(call).get(alert["bookmark"]["id"]), alert["condition"])
    except (Refusal, duckdb.Error) as error:
        return str(error).partition("\n")[0]


def _after(call: Call, alert: Json, seen: Seen | str) -> Json:
    checked = {**alert, "last_checked": stamp(call)}
    if isinstance(seen, str):
        return {**checked, "valid": False, "results": {"reason": seen}}
    if seen.fires:
        checked["last_fired"] = stamp(call)
        _note(call, alert, seen)
    return {**checked, "valid": True, "results": seen.told()}


def _note(call: Call, alert: Json, seen: Seen) -> None:
    history = Entities(call.database, HISTORY, "Entry")
    number = history.next_number()
    entry = {
        "id": number,
        "alert_id": alert["id"],
        "time": stamp(call),
        **seen.told(),
        "condition": alert["condition"],
        "gcs_key": picture_key(alert["id"], number),
        "notified": tell(call, alert, seen),
    }
    history.put(entry)
