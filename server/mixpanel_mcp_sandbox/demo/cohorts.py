"""The demo's saved cohorts: who they are, what they did, and one list of people."""

from datetime import datetime
from typing import Any

from .calendar import instant
from .document import Document
from .project import ADA, NILS, PROJECT_ID, WORKSPACE_ID, Person

CREATED = 60
"""The demo's day on which they were made."""
TESTERS = tuple(f"customer-{number:05}" for number in range(1, 26))


def cohorts(now: datetime) -> list[Document]:
    """Give the cohorts, dated within now's eighteen weeks."""
    bought = _did("Order Completed", ">=", 2, 30)
    seen, away = _did("Session Opened", ">=", 1, 126), _did("Session Opened", "==", 0, 14)
    broken = _did("Session Opened", ">=", 1, 126, app_version="4.2.0", platform="Android")
    made = (
        (3001, "Has wishlists", "Got the feature", NILS, _of(_has("wishlists", True, "boolean"))),
        (3002, "Bought twice in 30 days", "Two orders or more", ADA, _of(bought)),
        (3003, "Dormant 14 days", "Were here, and stay away", ADA, _of(seen, away)),
        (
            3004,
            "Spring sale sign-ups",
            "Came for 15 % off",
            NILS,
            _of(_has("source", "spring_sale")),
        ),
        (3005, "Android 4.2.0 users", "Could not pay by card", ADA, _of(broken)),
        (3006, "Testers", "Asked before releases", ADA, {"distinct_ids": list(TESTERS)}),
    )
    return [_document(now, *each) for each in made]


def _document(
    now: datetime, number: int, name: str, text: str, author: Person, definition: dict[str, Any]
) -> Document:
    body = {
        "id": number,
        "project_id": PROJECT_ID,
        "name": name,
        "description": text,
        **definition,
        "data_group_id": None,
        "is_locked": False,
        "is_visible": True,
        "verified": False,
        "created": instant(now, CREATED),
        "created_by": author.as_user(),
        "last_edited": instant(now, CREATED),
        "last_queried": None,
        "active_integrations": [],
    }
    return Document("cohorts", number, WORKSPACE_ID, body)


def _of(*conditions: dict[str, Any]) -> dict[str, Any]:
    """Give the definition of who meets all conditions."""
    behaviors: dict[str, Any] = {}
    children: list[dict[str, Any]] = []
    for place, each in enumerate(conditions):
        behavior = each.get("behavior")
        if behavior:
            behaviors[f"bhvr_{place}"] = behavior
            each = {**each["selector"], "value": f"bhvr_{place}"}
        children.append(each)
    return {"selector": {"operator": "and", "children": children}, "behaviors": behaviors}


def _did(event: str, operator: str, times: int, days: int, **where: str) -> dict[str, Any]:
    selector: dict[str, Any] = {"event": event}
    if where:
        leaves = [_leaf(name, value) for name, value in where.items()]
        selector["selector"] = {"operator": "and", "children": leaves}
    return {
        "selector": {"property": "behaviors", "operator": operator, "operand": times},
        "behavior": {
            "count": {"event_selector": selector, "type": "absolute"},
            "window": {"unit": "day", "value": days},
        },
    }


def _leaf(name: str, value: str) -> dict[str, Any]:
    kinds = {"filterType": "string", "defaultType": "string", "resourceType": "events"}
    return {**kinds, "value": name, "filterOperator": "equals", "filterValue": [value]}


def _has(name: str, value: object, kind: str = "string") -> dict[str, Any]:
    subject = {"property": "user", "value": name, "operator": "=="}
    return subject | {"operand": value, "type": kind}
