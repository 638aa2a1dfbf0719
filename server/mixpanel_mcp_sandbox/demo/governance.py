"""What else governs the demo's data: drop filters, custom events, a deletion that is done."""

from datetime import datetime
from typing import Any

from .calendar import at, instant
from .document import Document
from .project import ADA

NO_COUNTRY = {"property": "country", "operator": "equals", "value": "XX"}
# Nobody has switched the first one on yet.
FILTERED = (("Debug Ping", 90, [], False), ("Search", 112, [NO_COUNTRY], True))
HIGH_VALUE = {
    "value": "revenue",
    "resourceType": "events",
    "filterType": "number",
    "filterOperator": "is greater than",
    "filterValue": 200,
}
CUSTOM_EVENTS: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    ("Purchase or refund", [{"event": "Order Completed"}, {"event": "Order Refunded"}]),
    ("High value order", [{"event": "Order Completed", "filters": [HIGH_VALUE]}]),
)
DELETED = 40


def drop_filters(now: datetime) -> list[Document]:
    """Give the drop filters."""
    return [
        Document(
            "drop_filters",
            number,
            None,
            {
                "id": number,
                "eventName": event,
                "filters": conditions,
                "active": active,
                "displayName": event,
                "created": instant(now, day),
            },
        )
        for number, (event, day, conditions, active) in enumerate(FILTERED, start=1)
    ]


def custom_events() -> list[Document]:
    """Give the custom events."""
    return [
        Document(
            "custom_events",
            number,
            None,
            {"id": number, "name": name, "alternatives": alternatives},
        )
        for number, (name, alternatives) in enumerate(CUSTOM_EVENTS, start=1)
    ]


def deletion_requests(now: datetime) -> list[Document]:
    """Give the request that removed what a test of the checkout had left behind."""
    first, last = (at(now, day).date().isoformat() for day in (DELETED - 5, DELETED - 3))
    body: dict[str, Any] = {
        "id": 1,
        "displayName": "Checkout Test",
        "eventName": "Checkout Test",
        "fromDate": first,
        "toDate": last,
        "filters": None,
        "status": "Completed",
        "deletedEventsCount": 214,
        "created": instant(now, DELETED),
        "requestingUser": ADA.as_user(),
    }
    return [Document("deletion_requests", 1, None, body)]
