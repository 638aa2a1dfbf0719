"""The demo's saved reports, each on one of its boards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.report_fields import DEFAULTS

from .calendar import instant
from .document import Document
from .project import ADA, NILS, PROJECT_ID, WORKSPACE_ID, Person
from .report_params import (
    WAY_TO_THE_ORDER,
    condition,
    flow,
    formula,
    funnel,
    grouped,
    insights,
    metric,
    retention,
)

OVERVIEW, CHECKOUT, RETENTION, QUALITY = 1001, 1002, 1003, 1004
# Those that are watched.
ANDROID_PAYMENTS, STRAY_ORDERS, SEARCHES = 2016, 2032, 2033


@dataclass(frozen=True, slots=True)
class Report:
    """A saved report before it is dated by the demo's day of its creation."""

    id: int
    board: int
    name: str
    type: str
    params: dict[str, Any]
    created: int
    creator: Person = ADA
    description: str | None = None


VISITS, ORDERS = "Session Opened", "Order Completed"
BIG_SPENDERS = {
    "where": 'properties["lifetime_value"] > 500',
    "sort_key": 'properties["lifetime_value"]',
    "sort_order": "descending",
    "output_properties": '["$name", "country", "lifetime_orders", "lifetime_value"]',
}
REPORTS = (
    Report(
        2001,
        OVERVIEW,
        "Active people",
        "insights",
        insights(
            *(metric(VISITS, math, name=math.upper()) for math in ("dau", "wau", "mau")), days=90
        ),
        8,
        description="Daily, weekly and monthly active people",
    ),
    Report(
        2002,
        OVERVIEW,
        "Revenue, mean of seven days",
        "insights",
        insights(
            metric(ORDERS, owner="revenue", name="Revenue"),
            days=90,
            analysis="rolling",
            rollingWindowSize=7,
        ),
        8,
    ),
    Report(
        2003,
        OVERVIEW,
        "Orders by category",
        "insights",
        insights(metric(ORDERS), days=28, chart="bar", by=(grouped("category"),)),
        8,
    ),
    Report(
        2004,
        OVERVIEW,
        "Orders per session",
        "insights",
        insights(
            formula("B / A", metric(VISITS), metric(ORDERS), name="Orders per session"),
            days=90,
            unit="week",
        ),
        15,
    ),
    Report(
        2005,
        OVERVIEW,
        "Order value",
        "insights",
        insights(
            metric(ORDERS, "median", "revenue", name="Half of the orders"),
            metric(ORDERS, "p90", "revenue", name="Nine of ten orders"),
            days=90,
            unit="week",
        ),
        15,
    ),
    Report(
        2006,
        OVERVIEW,
        "Sign-ups by source, beside the month before",
        "insights",
        insights(
            metric("Account Created"),
            days=28,
            by=(grouped("source"),),
            timeComparison={"type": "relative", "value": "month"},
        ),
        64,
        NILS,
    ),
    Report(2011, CHECKOUT, "Way to the order", "funnels", funnel(*WAY_TO_THE_ORDER, days=30), 21),
    Report(
        2012,
        CHECKOUT,
        "Way to the order by platform",
        "funnels",
        funnel(*WAY_TO_THE_ORDER, days=30, by=(grouped("platform"),)),
        21,
    ),
    Report(
        2013,
        CHECKOUT,
        "Paid orders by app version",
        "funnels",
        funnel("Payment Added", ORDERS, days=60, by=(grouped("app_version"),), constant="platform"),
        95,
        description="The step that Android 4.2.0 broke",
    ),
    Report(
        2014,
        CHECKOUT,
        "Refused payments",
        "insights",
        insights(metric("Payment Failed"), days=60, by=(grouped("error_code"),)),
        96,
    ),
    Report(
        2015, CHECKOUT, "What leads to an order", "flows", flow(ORDERS, reverse=3, days=30), 100
    ),
    Report(
        ANDROID_PAYMENTS,
        CHECKOUT,
        "Paid orders on Android, seven days",
        "funnels",
        funnel(
            "Payment Added", ORDERS, days=7, where=(condition("platform", "equals", "Android"),)
        ),
        40,
    ),
    Report(
        2021,
        RETENTION,
        "Back after the sign-up",
        "retention",
        retention("Account Created", VISITS, days=84),
        57,
        NILS,
    ),
    Report(
        2022,
        RETENTION,
        "Back after the sign-up, with and without wishlists",
        "retention",
        retention(
            "Account Created", VISITS, days=63, by=(grouped("wishlists", "boolean", "people"),)
        ),
        57,
        NILS,
    ),
    Report(
        2023,
        RETENTION,
        "What follows a session",
        "flows",
        flow(VISITS, forward=3, days=14),
        70,
        NILS,
    ),
    Report(2024, RETENTION, "Big spenders", "user", BIG_SPENDERS, 112, NILS),
    Report(
        2031,
        QUALITY,
        "Orders without an order id",
        "insights",
        insights(metric(ORDERS), days=30, where=(condition("order_id", "is not set"),)),
        106,
        NILS,
    ),
    Report(
        STRAY_ORDERS,
        QUALITY,
        "The stray order event",
        "insights",
        insights(metric("order_completed"), days=30),
        106,
        NILS,
    ),
    Report(
        SEARCHES, QUALITY, "Searches a day", "insights", insights(metric("Search"), days=30), 106
    ),
)


def reports(now: datetime) -> list[Document]:
    """Give the reports, dated within now's eighteen weeks."""
    return [
        Document("bookmarks", report.id, WORKSPACE_ID, _body(report, now)) for report in REPORTS
    ]


def reports_on(board: int, now: datetime) -> list[dict[str, Any]]:
    """Give the reports of a board, in their order."""
    return [_body(report, now) for report in REPORTS if report.board == board]


def _body(report: Report, now: datetime) -> dict[str, Any]:
    return {
        **DEFAULTS,
        "id": report.id,
        "name": report.name,
        "type": report.type,
        "original_type": report.type,
        "description": report.description,
        "params": report.params,
        "project_id": PROJECT_ID,
        "workspace_id": WORKSPACE_ID,
        "dashboard_id": report.board,
        **report.creator.signature(),
        "created": instant(now, report.created),
        "modified": instant(now, report.created),
    }
