"""The demo's saved metrics, and the saved funnel of its shop."""

from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.definition_documents import RIGHTS

from .calendar import instant
from .document import Document, DocumentKind
from .project import ADA
from .report_params import WAY_TO_THE_ORDER, funnel_behavior, metric

CREATED = 30
"""The demo's day on which they were made."""
ORDERS = 4001
"""The metric that a formula of the demo refers to."""


def metrics(now: datetime) -> list[Document]:
    """Give the metrics, dated within now's eighteen weeks."""
    ratio = {
        "definition": "B / A",
        "referencedMetrics": [_of("Checkout Started"), _reference(ORDERS)],
    }
    revenue = _of("Order Completed", "total", "revenue") | {"display": {"prefix": "$"}}
    return [
        _document(now, "metrics", ORDERS, "Orders", "metric", _of("Order Completed")),
        _document(now, "metrics", 4002, "Revenue", "metric", revenue),
        _document(now, "metrics", 4003, "Orders per checkout", "formula", {"formula": ratio}),
    ]


def behaviors(now: datetime) -> list[Document]:
    """Give the behaviors, dated within now's eighteen weeks."""
    way = {"behavior": funnel_behavior(*WAY_TO_THE_ORDER, window=7)}
    return [_document(now, "behaviors", 4101, "Way to the order", "funnel", way)]


def _of(name: str, math: str = "total", owner: str | None = None) -> dict[str, Any]:
    clause = metric(name, math, owner)
    return {key: clause[key] for key in ("behavior", "measurement")}


def _reference(number: int) -> dict[str, Any]:
    return {"type": "metric", "id": number}


def _document(
    now: datetime,
    kind: DocumentKind,
    number: int,
    name: str,
    sort: str,
    definition: dict[str, Any],
) -> Document:
    user = ADA.as_user()
    created = instant(now, CREATED)
    body = {
        "id": number,
        "type": sort,
        "name": name,
        "description": "",
        "definition": definition,
        "contacts": [],
        "created": created,
        "created_by": user,
        "modified": created,
        "owned_by": user,
        "verified": True,
        "last_verified": created,
        "last_verified_by": user,
        "is_visible": True,
        "is_locked": False,
        **RIGHTS,
    }
    return Document(kind, number, None, body)
