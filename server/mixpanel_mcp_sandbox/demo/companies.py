"""The demo's groups: the companies that some customers buy for."""

from datetime import datetime
from typing import Any

from .calendar import at, instant
from .document import Document

KEY = "company_id"
COUNT = 40
FIRST = ("Alder", "Boulder", "Cairn", "Dale", "Ember", "Firth", "Glen", "Harbour")
SECOND = ("Works", "Logistics", "Studios", "Energy", "Foods")
INDUSTRIES = ("Construction", "Logistics", "Media", "Energy", "Catering")
PLANS = ("team", "team", "business", "enterprise")


def data_groups() -> list[Document]:
    """Give the one kind of group, under the number that queries know it by."""
    return [Document("data_groups", 1, None, {"id": 1, "key": KEY})]


def companies(now: datetime) -> list[dict[str, Any]]:
    """Give a profile for each company that customers name, last changed in the first weeks."""
    return [
        {
            "k": KEY,
            "d": f"company-{number:02}",
            "p": _company(number, now),
            "s": int(at(now, number % 28, hour=9).timestamp() * 1000),
        }
        for number in range(1, COUNT + 1)
    ]


def _company(number: int, now: datetime) -> dict[str, Any]:
    plan = PLANS[number % len(PLANS)]
    return {
        "$name": f"{FIRST[number % len(FIRST)]} {SECOND[number % len(SECOND)]}",
        "$created": instant(now, number % 28),
        "industry": INDUSTRIES[number % len(INDUSTRIES)],
        "plan": plan,
        "seats": {"team": 5, "business": 25, "enterprise": 120}[plan] + number,
        "tags": ["key account"] if plan == "enterprise" else [],
    }
