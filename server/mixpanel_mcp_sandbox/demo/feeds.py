"""What flows into and out of the demo: a warehouse with two tables, an import, a pipeline."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from .calendar import at, epoch, instant
from .document import Document

CREATED = 40
ORDERS = 240
INDUSTRIES = ("Retail", "Education", "Outdoor clubs", "Hotels", "Public sector")
OWNERS = ("Ines", "Tom", "Aiko")
WEEKLY = 604_800_000_000_000


def warehouse_tables(now: datetime) -> list[Document]:
    """Give the tables: customers as the CRM has them, and orders from before the shop's events."""
    tables = {"crm_accounts": list(_accounts()), "orders_history": list(_orders(now))}
    return [
        _document("warehouse_tables", number, name=name, columns=list(rows[0]), rows=rows)
        for number, (name, rows) in enumerate(tables.items(), start=1)
    ]


def warehouse_imports(now: datetime) -> list[Document]:
    """Give an import that failed and was paused: it names a column that the table has not."""
    settings: dict[str, Any] = {
        "import_type": "event_stream",
        "sync_mode": "full_sync",
        "created": instant(now, CREATED),
        "creator_id": 1,
        "creator_name": "Sandbox User",
        "creator_email": "sandbox@example.com",
        "warehouse_source_id": 1,
        "table_params": {"table": "orders_history"},
        "paused": True,
        "run_every": WEEKLY,
        "last_dispatch": _milliseconds(at(now, CREATED, hour=9)),
        "is_deleted": False,
        "event_name": "Order Completed (history)",
        "time_column_name": "order_ts",
        "user_column_name": "customer_id",
    }
    return [_document("warehouse_imports", 1, **settings)]


def warehouse_runs(now: datetime) -> list[Document]:
    """Give what came of that import."""
    failed = {
        "import_id": 1,
        "manual": False,
        "status": "FAILED",
        "num_events_imported": 0,
        "error": "time_column_name: table orders_history has no column 'order_ts'. Did you mean "
        "'ordered_at'? It has order_id, customer_id, ordered_at, amount, currency.",
        "start_time": _milliseconds(at(now, CREATED, hour=9)),
        "end_time": _milliseconds(at(now, CREATED, hour=9)),
    }
    return [_document("warehouse_runs", 1, **failed)]


def pipelines(now: datetime) -> list[Document]:
    """Give a pipeline that exports the orders of each day."""
    settings: dict[str, Any] = {
        "name": "events-daily-gcs-raw",
        "frequency": "daily",
        "start": _milliseconds(at(now, CREATED - 7)),
        "end": None,
        "created": _milliseconds(at(now, CREATED, hour=9)),
        "events": ["Order Completed"],
        "where": None,
        "pauses": [],
    }
    return [_document("pipelines", 1, **settings)]


def _accounts() -> Iterator[dict[str, Any]]:
    for number in range(1, 41):
        yield {
            "account_id": f"acc-{number:03}",
            "name": f"{INDUSTRIES[number % len(INDUSTRIES)]} customer {number}",
            "industry": INDUSTRIES[number % len(INDUSTRIES)],
            "seats": 5 + number * 7 % 60,
            "owner": OWNERS[number % len(OWNERS)],
        }


def _orders(now: datetime) -> Iterator[dict[str, Any]]:
    """A year of orders that ends the day before the demo begins."""
    for number in range(ORDERS):
        days, hour = (ORDERS - number) * 365 // ORDERS, 8 + number % 12
        moment = epoch(now) - timedelta(days=1 + days) + timedelta(hours=hour, minutes=15)
        yield {
            "order_id": f"old-{number:04}",
            "customer_id": f"legacy-{number * 7 % 90:03}",
            "ordered_at": moment.strftime("%Y-%m-%dT%H:%M:%S"),
            "amount": round(20 + number * 37 % 180 + number % 4 / 4, 2),
            "currency": "EUR" if number % 3 else "USD",
        }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _document(kind: Any, number: int, **body: Any) -> Document:
    return Document(kind, number, None, {"id": number, **body})
