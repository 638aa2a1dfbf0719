"""The demo's custom properties: three formulas that its reports can be broken down by."""

from datetime import datetime
from typing import Any

from .calendar import at
from .document import Document

CREATED = 22
"""The demo's day on which they were made."""


def custom_properties(now: datetime) -> list[Document]:
    """Give the custom properties, dated within now's eighteen weeks."""
    return [
        _document(
            now,
            1,
            "Order size",
            "Small below 50 USD, medium below 200 USD, else large",
            'ifs(A < 50, "small", A < 200, "medium", A >= 200, "large")',
            {"A": _input("revenue", "number")},
            "string",
        ),
        _document(
            now,
            2,
            "Search is empty",
            "Whether a search found nothing",
            "A == 0",
            {"A": _input("results", "number")},
            "boolean",
        ),
        _document(
            now,
            3,
            "Days since sign-up",
            "Whole days from the sign-up to the event",
            'datedif(A, B, "D")',
            {"A": _input("$created", "datetime", "user"), "B": _input("$time", "datetime")},
            "number",
        ),
    ]


def _input(name: str, kind: str, resource: str = "event") -> dict[str, Any]:
    return {"value": name, "type": kind, "resourceType": resource}


def _document(
    now: datetime,
    number: int,
    name: str,
    description: str,
    formula: str,
    inputs: dict[str, Any],
    kind: str,
) -> Document:
    created = at(now, CREATED, hour=9).strftime("%Y-%m-%dT%H:%M:%S")
    body = {
        "id": number,
        "customPropertyId": number,
        "name": name,
        "description": description,
        "resourceType": "events",
        "propertyType": kind,
        "displayFormula": formula,
        "composedProperties": inputs,
        "isLocked": False,
        "isVisible": True,
        "dataGroupId": None,
        "created": created,
        "modified": created,
    }
    return Document("custom_properties", number, None, body)
