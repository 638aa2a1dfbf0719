"""The demo's tracking plan: schemas of nine events, enforced so that nothing is lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.enforcement import ACCEPT, ONLY, rules_of
from mixpanel_mcp_sandbox.schema_entries import schema_number

from .calendar import instant
from .document import Document
from .lexicon import EVENTS, PROPERTIES
from .project import ADA

ENFORCED = 100
# Carried by any event of a client, by none of them always.
COMMON = (
    "platform",
    "country",
    "plan",
    "company_id",
    "app_version",
    "utm_source",
    "utm_medium",
    "utm_campaign",
)
TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Planned:
    """What every record of an event must carry, and what some may."""

    event: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


PLAN = (
    Planned("Session Opened", ("referrer",)),
    Planned("Account Created", ("method", "source")),
    Planned("Search", ("query", "results")),
    Planned("Product Viewed", ("sku", "category", "price", "position")),
    Planned("Add to Cart", ("sku", "category", "price", "quantity")),
    Planned("Checkout Started", ("cart_value", "items")),
    Planned("Payment Added", ("method",)),
    Planned(
        "Order Completed", ("order_id", "revenue", "items", "category", "currency"), ("coupon",)
    ),
    Planned("Order Refunded", ("order_id", "revenue", "reason")),
)


def schemas() -> list[Document]:
    """Give the registered schemas; four events that were added later have none."""
    return [
        Document("schemas", schema_number("event", planned.event), None, _entry(planned))
        for planned in PLAN
    ]


def schema_enforcement(now: datetime) -> list[Document]:
    """Give the enforcement, which marks what violates the plan and stores it all the same."""
    user = ADA.as_user()
    body: dict[str, Any] = {
        "id": ONLY,
        "ruleEvent": ACCEPT,
        "notificationEmails": [ADA.email],
        "events": [rules_of(document.body) for document in schemas()],
        "commonProperties": [],
        "userProperties": [],
        "state": "planned",
        "initializedBy": user,
        "initializedFrom": None,
        "initializedTo": None,
        "lastModified": instant(now, ENFORCED),
        "lastModifiedBy": user,
    }
    return [Document("schema_enforcement", ONLY, None, body)]


def _entry(planned: Planned) -> dict[str, Any]:
    described = {definition.name: definition for definition in EVENTS}
    schema = {
        "description": described[planned.event].description,
        "properties": {
            name: _property(name) for name in (*planned.required, *planned.optional, *COMMON)
        },
        "required": list(planned.required),
    }
    return {
        "id": schema_number("event", planned.event),
        "entityType": "event",
        "name": planned.event,
        "version": None,
        "schemaJson": schema,
    }


def _property(name: str) -> dict[str, Any]:
    found = {each.name: each for each in PROPERTIES if each.resource == "event"}[name]
    return {"type": TYPES[type(found.example)], "description": found.description}
