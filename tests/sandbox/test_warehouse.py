"""Imports from a data warehouse: what they bring, when they run, what is left without them."""

from collections.abc import Generator
from typing import Any

import pytest
from sandbox_client import Client, Clock, open_empty, results_of

BASE = "/api/app/projects/1/warehouse-sources/imports"
DAILY = 86_400_000_000_000
ORDERS = [
    {"at": "2026-02-10T10:00:00", "who": "ann", "kind": "Order", "amt": 12, "added": 1},
    {"at": "2026-02-11T10:00:00", "who": "bob", "kind": "Refund", "amt": 5.5, "added": 2},
]
EVENTS = {
    "import_type": "event_stream",
    "warehouse_source_id": 1,
    "table_params": {"table": "orders"},
    "time_column_name": "at",
    "event_column_name": "kind",
    "user_column_name": "who",
    "sync_mode": "full_sync",
}
PEOPLE = {
    "import_type": "people",
    "warehouse_source_id": 1,
    "table_params": {"table": "orders"},
    "user_column_name": "who",
    "property_mappings": {"amt": "last_amount"},
    "sync_mode": "mirror_mode",
    "run_every": DAILY,
}


@pytest.fixture
def client(clock: Clock) -> Generator[Client]:
    """A client of a sandbox whose warehouse has a table of orders."""
    with open_empty(clock) as sandbox:
        client = Client(sandbox)
        fill(client, ORDERS)
        yield client


def fill(client: Client, rows: list[dict[str, Any]]) -> None:
    """Give the table of orders these rows."""
    table = {"id": 1, "name": "orders", "columns": list(ORDERS[0]), "rows": rows}
    client.save("warehouse_tables", table)


def made(client: Client, **fields: Any) -> Any:
    """Create an import of events and return it."""
    return results_of(client.post(f"{BASE}/event-stream", {**EVENTS, **fields}))


def sync(client: Client, number: int = 1) -> Any:
    """Run an import by hand."""
    return client.request("PUT", f"{BASE}/{number}/manual-sync", json={})


def runs(client: Client, number: int = 1) -> Any:
    """What the history of an import says."""
    found = results_of(client.get(f"{BASE}/{number}/history"))["runs"]
    return [(run["status"], run["num_events_imported"]) for run in found]


def stored(client: Client) -> list[tuple[str, str, Any]]:
    """The events that are exported: name, person, properties but for ids and times."""
    return [
        (line["event"], line["properties"].pop("distinct_id"), line["properties"]["amt"])
        for line in client.exported()
    ]


def test_rows_become_events_and_never_twice(client: Client) -> None:
    """An import without a schedule runs by hand; the same row is the same event."""
    assert made(client) == {
        "id": 1,
        "import_type": "event_stream",
        "sync_mode": "full_sync",
        "created": "2026-03-01T00:00:00",
        "creator_id": 1,
        "creator_name": "Sandbox User",
        "creator_email": "sandbox@example.com",
        "warehouse_source_id": 1,
        "table_params": {"table": "orders"},
        "paused": False,
        "run_every": 0,
        "last_dispatch": None,
        "is_deleted": False,
        "event_name": None,
        "event_column_name": "kind",
        "time_column_name": "at",
        "user_column_name": "who",
        "insert_time_column_name": None,
        "property_mappings": None,
        "group_key": None,
        "group_id_column": None,
        "databricks_params": None,
    }
    assert stored(client) == []
    assert results_of(sync(client)) == {"run_id": "run-1"}
    sync(client)
    assert stored(client) == [("Order", "ann", 12)] * 2 + [("Refund", "bob", 5.5)] * 2
    answer = client.get(
        "/api/query/segmentation", event="Order", from_date="2026-02-10", to_date="2026-02-10"
    )
    assert answer.json()["data"]["values"]["Order"] == {"2026-02-10": 1}
    assert runs(client) == [("SUCCEEDED", 2), ("SUCCEEDED", 2)]


def test_columns_may_have_other_names_as_properties(client: Client) -> None:
    """Only those that are mapped arrive."""
    made(client, property_mappings={"amt": "amount"}, run_every=DAILY)
    properties = client.exported()[0]["properties"]
    assert set(properties) == {"amount", "distinct_id", "$insert_id", "$user_id", "time"}


def test_a_schedule_runs_what_is_due_unless_paused(client: Client, clock: Clock) -> None:
    """However long nobody asked, it runs once then; the first run is at once."""
    made(client, run_every=DAILY)
    clock.move(hours=23)
    assert len(runs(client)) == 1
    clock.move(days=3)
    assert len(runs(client)) == 2
    paused = {"paused": True, "run_every": DAILY}
    assert results_of(client.request("PATCH", f"{BASE}/1", json=paused))["paused"] is True
    clock.move(days=3)
    assert len(runs(client)) == 2


def test_time_based_imports_bring_new_rows_only(client: Client) -> None:
    """New is what was inserted after the newest row of the runs before."""
    made(client, sync_mode="time_based", insert_time_column_name="added")
    sync(client)
    fill(client, [*ORDERS, {**ORDERS[0], "amt": 99, "added": 3}])
    sync(client)
    assert runs(client) == [("SUCCEEDED", 1), ("SUCCEEDED", 2)]


def test_mirrors_lose_what_the_table_lost(client: Client) -> None:
    """A row that changed is another event."""
    made(client, sync_mode="mirror_mode")
    sync(client)
    fill(client, [{**ORDERS[0], "amt": 13}])
    sync(client)
    assert stored(client) == [("Order", "ann", 13)]


@pytest.mark.parametrize(("delete_data", "left"), [(False, 3), (True, 1)])
def test_a_deleted_import_may_take_its_events_along(
    client: Client, delete_data: bool, left: int
) -> None:
    """Events from elsewhere stay in any case."""
    other = {"event": "E", "distinct_id": "u", "time": "2026-02-10T00:00:00Z"}
    client.load([{**other, "properties": {"amt": 1}}])
    made(client)
    sync(client)
    body = {"delete_data": delete_data}
    assert client.request("DELETE", f"{BASE}/1", json=body).json() == {"status": "ok"}
    assert len(stored(client)) == left
    assert results_of(client.get(BASE)) == []
    assert client.get(f"{BASE}/1").status_code == 404


def test_profiles_and_groups_are_imported(client: Client) -> None:
    """Each row sets the properties of one."""
    client.post(f"{BASE}/people", PEOPLE)
    assert client.profiles() == {"ann": {"last_amount": 12}, "bob": {"last_amount": 5.5}}
    fill(client, [ORDERS[0], {"amt": 1}])
    sync(client)
    assert client.profiles() == {"ann": {"last_amount": 12}}
    assert runs(client)[0] == ("SUCCEEDED", 1)
    groups = {
        **{name: value for name, value in PEOPLE.items() if name != "user_column_name"},
        "import_type": "groups",
        "group_key": "kind",
        "group_id_column": "kind",
    }
    assert results_of(client.post(f"{BASE}/groups", groups))["group_key"] == "kind"
    assert runs(client, 2) == [("SUCCEEDED", 1)]


def test_a_mirror_that_failed_loses_what_is_gone_the_next_time(client: Client) -> None:
    """What a table lost is not forgotten with the run that could not be."""
    client.post(f"{BASE}/people", PEOPLE)
    fill(client, [{**ORDERS[0], "amt": "x" * 1_000_000}])
    sync(client)
    assert runs(client)[0] == ("FAILED", 0)
    fill(client, ORDERS[:1])
    sync(client)
    assert client.profiles() == {"ann": {"last_amount": 12}}


def test_a_lookup_table_is_imported_and_replaced(client: Client) -> None:
    """It is joined to the property that is named, and read like an uploaded one."""
    body = {
        "import_type": "lookup_table",
        "warehouse_source_id": 1,
        "table_params": {"table": "orders"},
        "mixpanel_property": {"value": "buyer", "resourceType": "event"},
        "property_key_column_name": "who",
        "sync_mode": "full_sync",
        "run_every": DAILY,
    }
    client.post(f"{BASE}/lookup-table", body)
    sync(client)
    tables = results_of(client.get("/api/app/projects/1/data-definitions/lookup-tables/"))
    assert [(each["id"], each["name"], each["mappedProperties"]) for each in tables] == [
        (1, "orders", [{"value": "buyer", "resourceType": "event"}])
    ]
    imported = {**EVENTS, "table_params": {"schema": "lookup", "table": "orders"}}
    answer = client.post(f"{BASE}/event-stream", {**imported, "run_every": DAILY})
    assert answer.status_code == 200, answer.text
    assert len(stored(client)) == 2


def test_a_run_that_fails_says_why(client: Client) -> None:
    """The table has lost a column since."""
    made(client)
    client.save("warehouse_tables", {"id": 1, "name": "orders", "columns": ["at"], "rows": []})
    assert sync(client).status_code == 200
    [run] = results_of(client.get(f"{BASE}/1/history"))["runs"]
    assert run == {
        "status": "FAILED",
        "start_time": 1772323200000,
        "end_time": 1772323200000,
        "num_events_imported": 0,
        "error": "event_column_name: table orders has no column 'kind'. It has at.",
    }


def test_five_syncs_an_hour_are_enough(client: Client, clock: Clock) -> None:
    """The sixth is told when to come again."""
    made(client)
    for _ in range(5):
        assert sync(client).status_code == 200
        clock.move(minutes=10)
    refused = sync(client)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "601")
    clock.move(minutes=11)
    assert sync(client).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"warehouse_source_id": 3},
            "There is no warehouse source 3; the sandbox has 1 (Sandbox warehouse).",
        ),
        (
            {"table_params": {"table": "order"}},
            "There is no table 'order'. Did you mean 'orders'? Tables: orders",
        ),
        (
            {"user_column_name": "whom"},
            "user_column_name: table orders has no column 'whom'. Did you mean 'who'? "
            "It has at, who, kind, amt, added.",
        ),
        (
            {"sync_mode": "time_based"},
            "insert_time_column_name is required for sync_mode time_based",
        ),
        (
            {"event_name": "Order"},
            "One of event_name and event_column_name is required, and not both",
        ),
        (
            {"run_every": 60},
            f"run_every must be one of 0, 3600000000000, {DAILY}, 604800000000000, not 60",
        ),
        ({"import_type": "people"}, "import_type must be one of event_stream, not 'people'"),
    ],
)
def test_an_import_that_cannot_be_is_refused(
    client: Client, fields: dict[str, Any], sentence: str
) -> None:
    """The sentence names the field and what there is."""
    answer = client.post(f"{BASE}/event-stream", {**EVENTS, **fields})
    assert answer.status_code == 400
    assert answer.json() == {"status": "error", "error": sentence}
