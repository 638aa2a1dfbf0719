"""What governs the demo's data from the start: filters, custom events, lookup tables."""

from pathlib import Path
from typing import Any

import pytest
from report_bodies import body, group, metric
from sandbox_client import Client
from small_demo import FRIDAY, lay_demo, open_demo

from mixpanel_mcp_sandbox import demo
from mixpanel_mcp_sandbox.csv_tables import read_table

TABLES = "/api/app/projects/1/data-definitions/lookup-tables/"


def bodies(kind: str) -> list[dict[str, Any]]:
    """Return the bodies of the documents of a kind."""
    return [document.body for document in demo.documents(FRIDAY) if document.kind == kind]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder that holds a small demo already."""
    return lay_demo(tmp_path)


def test_a_filter_waits_and_another_one_works() -> None:
    """They are dated within the eighteen weeks."""
    assert [
        (each["eventName"], each["filters"], each["active"]) for each in bodies("drop_filters")
    ] == [
        ("Debug Ping", [], False),
        ("Search", [{"property": "country", "operator": "equals", "value": "XX"}], True),
    ]
    assert all(str(demo.epoch(FRIDAY)) < each["created"] for each in bodies("drop_filters"))


def test_custom_events_are_made_of_events_that_there_are() -> None:
    """One counts two events, the other one has a condition."""
    known = {each.name for each in demo.EVENTS}
    events = bodies("custom_events")
    assert [each["name"] for each in events] == ["Purchase or refund", "High value order"]
    assert {entry["event"] for each in events for entry in each["alternatives"]} <= known


def test_tables_and_their_files_belong_together() -> None:
    """Names of columns are those of the header; every row has all cells."""
    tables, files = bodies("lookup_tables"), bodies("lookup_files")
    for table, file in zip(tables, files, strict=True):
        read = read_table(file["csv"].encode())
        assert (table["id"], table["keyColumn"], table["columns"]) == (
            file["id"],
            read.key,
            read.columns,
        )
        assert all(len(row) == len(read.columns) for row in read.rows.values())
    sizes = [len(read_table(file["csv"].encode()).rows) for file in files]
    assert sizes == [240, 7]


def test_every_product_and_country_of_the_data_is_in_a_table(cache: Path) -> None:
    """A report by a joined column has no gap, but for the scraper's country."""
    with open_demo(cache) as sandbox:
        client = Client(sandbox)
        weeks = {"dateRangeType": "between", "unit": "day", "value": ["2025-10-06", "2026-02-06"]}

        def segments(column: str) -> set[str]:
            report = body(
                metric("Product Viewed"), group=[group(column)], time=[weeks], chart="bar"
            )
            node = client.post("/api/query/insights", report).json()["series"]["Product Viewed"]
            return set(node) - {"$overall"}

        assert segments("sku → category") == segments("category")
        assert segments("country → region") == {
            "Asia",
            "Europe",
            "North America",
            "South America",
        }


def test_a_table_of_the_demo_that_was_deleted_stays_away(cache: Path) -> None:
    """Neither it nor its rows come back with the next start."""
    with open_demo(cache) as sandbox:
        client = Client(sandbox)
        client.request("DELETE", TABLES, json={"data-group-ids": [1]})
    with open_demo(cache) as sandbox:
        names = [each["name"] for each in Client(sandbox).get(TABLES).json()["results"]]
        with sandbox.store.read() as database:
            rows = database.rows("select table_id, count(*) from own.lookup_rows group by all")
    assert (names, rows) == (["countries"], [(2, 7)])
