"""The demo's alerts: what they saw when the numbers moved, and the webhook that they call.

Their next checks are made on the data, as soon as somebody looks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.alert_checks import picture_key
from mixpanel_mcp_sandbox.identifiers import uuid_of
from mixpanel_mcp_sandbox.opening import DEMO_NAME

from .calendar import at, instant
from .document import Document
from .project import ADA, NILS, PROJECT_ID, WORKSPACE_ID
from .reports import ANDROID_PAYMENTS, REPORTS, SEARCHES, STRAY_ORDERS

DAILY, WEEKLY = 86_400, 604_800
WEBHOOK = uuid_of("webhooks", 1)
TOLD = {"type": "webhook", "value": WEBHOOK}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a check saw on a day of the demo; `of` is the day that the value belongs to."""

    day: int
    value: float
    fired: bool
    of: int | None = None

    def told(self, now: datetime) -> dict[str, Any]:
        """Give it as an alert tells it."""
        moment = None if self.of is None else at(now, self.of).isoformat()
        return {"value": self.value, "at": moment, "fired": self.fired}


@dataclass(frozen=True, slots=True)
class Watch:
    """An alert before it is dated by the demo's day of its creation."""

    id: int
    report: int
    name: str
    condition: dict[str, Any]
    frequency: int
    created: int
    sights: tuple[Sight, ...] = ()


WATCHES = (
    Watch(
        1,
        ANDROID_PAYMENTS,
        "Payments on Android fail",
        {"type": "absolute", "op": "<", "value": 0.6},
        WEEKLY,
        42,
        (
            Sight(91, 0.5234899328859061, True),
            Sight(98, 0.53125, True),
            Sight(112, 0.75, False),
        ),
    ),
    Watch(
        2,
        SEARCHES,
        "Searches double within a day",
        {"type": "relative", "op": ">", "value": 100},
        DAILY,
        107,
        (
            Sight(112, 559.6529284164859, True, of=111),
            Sight(118, 15.14476614699332, False, of=117),
        ),
    ),
    # Known and being repaired: it has no sights, since it is paused.
    Watch(
        3,
        STRAY_ORDERS,
        "The stray order event",
        {"type": "absolute", "op": ">", "value": 0},
        DAILY,
        107,
    ),
)


def alerts(now: datetime) -> list[Document]:
    """Give the alerts, dated within now's eighteen weeks."""
    return [Document("alerts", watch.id, WORKSPACE_ID, _alert(watch, now)) for watch in WATCHES]


def alert_history(now: datetime) -> list[Document]:
    """Give what fired, in the order in which it did."""
    fired = [(watch, sight) for watch in WATCHES for sight in watch.sights if sight.fired]
    fired.sort(key=lambda each: each[1].day)
    return [
        Document("alert_history", number, None, _entry(number, watch, sight, now))
        for number, (watch, sight) in enumerate(fired, start=1)
    ]


def webhooks(now: datetime) -> list[Document]:
    """Give the webhook, which calls a path of the sandbox."""
    body = {
        "id": WEBHOOK,
        "name": "Alarm",
        "url": "http://sandbox/hooks/alarm",
        "is_enabled": True,
        "auth_type": None,
        "created": instant(now, 41),
        "modified": instant(now, 41),
        "creator_id": NILS.id,
        "creator_name": NILS.name,
    }
    return [Document("webhooks", 1, WORKSPACE_ID, body)]


def _alert(watch: Watch, now: datetime) -> dict[str, Any]:
    names = {report.id: (report.name, report.type) for report in REPORTS}
    name, kind = names[watch.report]
    checked = [sight.day for sight in watch.sights]
    fired = [sight.day for sight in watch.sights if sight.fired]
    return {
        "id": watch.id,
        "notification_windows": None,
        "name": watch.name,
        "bookmark": {"id": watch.report, "name": name, "type": kind},
        "condition": watch.condition,
        "frequency": watch.frequency,
        "paused": not watch.sights,
        "subscriptions": [TOLD],
        "creator": {**ADA.as_person(), "email": ADA.email},
        "workspace": {"id": WORKSPACE_ID, "name": "All Project Data"},
        "project": {"id": PROJECT_ID, "name": DEMO_NAME},
        "created": instant(now, watch.created),
        "modified": instant(now, watch.created),
        "last_checked": instant(now, checked[-1]) if checked else None,
        "last_fired": instant(now, fired[-1]) if fired else None,
        "valid": True,
        "results": watch.sights[-1].told(now) if watch.sights else None,
    }


def _entry(number: int, watch: Watch, sight: Sight, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "alert_id": watch.id,
        "time": instant(now, sight.day),
        **sight.told(now),
        "condition": watch.condition,
        "gcs_key": picture_key(watch.id, number),
        "notified": [{**TOLD, "delivered": True, "message": "arrived"}],
    }
