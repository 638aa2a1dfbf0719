"""Lookup tables: columns that are joined to a property by its value."""

from typing import Any

import pytest
from report_bodies import body, condition, events, group, metric
from sandbox_client import Client

from mixpanel_mcp_sandbox.lookup_tables import replace_rows

BRANDS = {"P1": {"brand": "Fjell"}, "3": {"brand": "Tarn"}}


@pytest.fixture(autouse=True)
def joined(client: Client) -> None:
    """A table of brands, joined to the event property `sku`."""
    client.join_tables({"property": "sku", "rows": BRANDS})


def shown(client: Client, *groups: dict[str, Any], **parts: Any) -> Any:
    """Return the segments of the events A."""
    report = body(metric("A"), group=list(groups), chart="bar", **parts)
    node = client.post("/api/query/insights", report).json()["series"]["A"]
    return {name: cell["all"] for name, cell in node.items() if name != "$overall"}


def test_values_are_joined_by_their_text(client: Client) -> None:
    """A number finds the row of its text; what has no row, or no value, is undefined."""
    for sku in ("P1", 3.0, "p1", None, True, [], ["P1", 3, "P1"]):
        client.load(events("A", sku=sku))
    client.load(events("A"))

    assert shown(client, group("sku → brand")) == {"undefined": 5, "Fjell": 2, "Tarn": 2}


def test_a_column_can_be_filtered_by(client: Client) -> None:
    """No match is not set."""
    client.load([*events("A", sku="P1", n=1), *events("A", sku="P2", n=2), *events("A", n=3)])

    def matching(operator: str, value: object = None) -> Any:
        return shown(client, group("n"), filter=[condition("sku → brand", operator, value)])

    assert matching("equals", ["fjell"]) == {"1": 1}
    assert matching("is not set") == {"2": 1, "3": 1}


def test_new_rows_change_past_results(client: Client) -> None:
    """The table is looked at when the question is asked."""
    client.load(events("A", sku="P1"))
    with client.sandbox.store.write() as database:
        replace_rows(database, 1, {"P1": {"brand": "Birch"}})

    assert shown(client, group("sku → brand")) == {"Birch": 1}


def test_a_table_may_be_joined_to_a_profile_property(client: Client) -> None:
    """The current value of the event's person is looked up."""
    document = {"id": 2, "columns": ["label"]}
    mapped = [{"value": "plan", "resourceType": "user"}]
    client.save("lookup_tables", document | {"mappedProperties": mapped})
    with client.sandbox.store.write() as database:
        replace_rows(database, 2, {"a": {"label": "Annual"}})
    client.load([*events("A", who="u1"), *events("A", who="u2", plan="a")])
    client.set_profile("u1", {"plan": "a"})

    assert shown(client, group("plan → label", source="people")) == {"Annual": 1, "undefined": 1}


def test_a_column_may_be_the_input_of_a_custom_property(client: Client) -> None:
    """The formula sees the joined value."""
    client.load([*events("A", sku="P1"), *events("A", sku="P2")])
    brand = {"value": "sku → brand", "type": "string", "resourceType": "event"}
    custom = {
        "displayFormula": 'if(defined(B), upper(B), "?")',
        "composedProperties": {"B": brand},
    }

    assert shown(client, {"customProperty": custom, "value": None}) == {"?": 1, "FJELL": 1}


def test_expressions_know_columns(client: Client) -> None:
    """In segmentation, of lists item by item, and in the condition of an export."""
    client.load([*events("A", sku=["P1", "P2"]), *events("A", sku="3")])
    days = {"from_date": "2026-02-02", "to_date": "2026-02-02"}
    on = 'properties["sku → brand"]'

    answer = client.get("/api/query/segmentation", event="A", on=on, **days).json()

    values = {name: sum(dates.values()) for name, dates in answer["data"]["values"].items()}
    assert values == {"Fjell": 1, "Tarn": 1, "undefined": 1}
    assert [line["properties"]["sku"] for line in client.exported(where=f'{on} == "Tarn"')] == ["3"]


def test_the_values_of_a_column_are_listed(client: Client) -> None:
    """The most frequent first, as for any property."""
    client.load([*events("A", sku="3"), *events("A", sku="P1"), *events("A", sku="3")])

    answer = client.get("/api/query/events/properties/values", event="A", name="sku → brand")

    assert answer.json() == ["Tarn", "Fjell"]


def test_an_arrow_alone_joins_nothing(client: Client) -> None:
    """Without a table that has the column, the name is a property's own."""
    client.load(events("A", **{"sku → colour": "red"}, sku="P1"))

    assert shown(client, group("sku → colour")) == {"red": 1}
