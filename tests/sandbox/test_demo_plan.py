"""The demo's Lexicon and tracking plan are there from the start, and fit its data."""

from collections.abc import Generator
from typing import Any

import duckdb
import pytest
from sandbox_client import Client, results_of
from small_demo import FRIDAY, lay_demo, open_demo, read_demo

from mixpanel_mcp_sandbox import demo

BASE = "/api/app/projects/1"
DEFINITIONS = f"{BASE}/data-definitions"
DOCUMENTS = demo.documents(FRIDAY)
PLAN = [document.body for document in DOCUMENTS if document.kind == "schemas"]


@pytest.fixture(scope="module")
def database() -> Any:
    """A demo large enough to hold every event and property."""
    with read_demo(people=1_000) as connection:
        yield connection


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[Client]:
    """A client of a small demo in a cache of its own."""
    folder = lay_demo(tmp_path_factory.mktemp("cache"), people=1_000)
    with open_demo(folder) as sandbox:
        yield Client(sandbox)


def results(client: Client, path: str, **query: Any) -> Any:
    """Return the results of a GET."""
    return results_of(client.get(path, **query))


def test_what_the_plan_requires_is_there_but_for_a_planted_gap(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Only order ids are missing here and there."""
    gaps = {
        (entry["name"], name)
        for entry in PLAN
        for name in entry["schemaJson"]["required"]
        if database.execute(
            "select 1 from events where event = $event and not variant_exists(props, $name)",
            {"event": entry["name"], "name": name},
        ).fetchall()
    }
    assert {name for _, name in gaps} == {"order_id"}


def test_the_plan_knows_every_property_of_its_events(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Nothing but Mixpanel's own properties is carried beside it."""
    for entry in PLAN:
        rows = database.execute(
            "select distinct unnest(variant_keys(props)) from events where event = $event",
            {"event": entry["name"]},
        ).fetchall()
        carried = {name for (name,) in rows if not name.startswith("$")}
        assert carried == set(entry["schemaJson"]["properties"])


def test_nine_events_have_schemas(client: Client) -> None:
    """The failures, wishlists, exposures and the stray were added later."""
    registered = {entry["name"] for entry in results(client, f"{BASE}/schemas/event")}
    defined = results(client, f"{DEFINITIONS}/events/")
    visible = {row["name"] for row in defined if not row["hidden"]}
    assert len(registered) == 9
    assert visible - registered == {
        "Payment Failed",
        "Wishlist Updated",
        "$experiment_started",
        "order_completed",
    }


def test_the_lexicon_tells_what_the_noise_is_and_who_hid_it(client: Client) -> None:
    """Hidden events are left out where names are listed."""
    rows = results(client, f"{DEFINITIONS}/events/", **{"name[]": "heartbeat"})
    assert [(row["hidden"], row["tags"], row["contacts"]) for row in rows] == [
        (True, ["Quality"], ["ada@northwind-trail.example"])
    ]
    (line,) = results(client, f"{DEFINITIONS}/events/heartbeat/history/")
    assert (line["changes"], line["user"]["name"]) == (
        {"hidden": {"from": False, "to": True}},
        "Ada Lindqvist",
    )
    names = client.get("/api/query/events/names").json()
    assert not {"heartbeat", "Debug Ping"} & set(names)


def test_personal_data_is_marked(client: Client) -> None:
    """Name and address of customers."""
    rows = results(client, f"{DEFINITIONS}/properties/", resourceType="User")
    assert [row["name"] for row in rows if row["sensitive"]] == ["$email", "$name"]


def test_the_plan_is_enforced_without_loss(client: Client) -> None:
    """What violates it is marked, and stored all the same."""
    config = results(client, f"{DEFINITIONS}/schema/", fields="ruleEvent,state,violations")
    assert config == {"ruleEvent": "Warn and Accept", "state": "planned", "violations": []}
