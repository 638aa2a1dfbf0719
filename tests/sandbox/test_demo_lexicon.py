"""The demo's Lexicon describes the demo's data."""

from typing import Any

import duckdb
import pytest
from small_demo import read_demo

from mixpanel_mcp_sandbox import demo


@pytest.fixture(scope="module")
def database() -> Any:
    """A demo large enough to hold every event and property."""
    with read_demo(people=1_000) as connection:
        yield connection


def names(database: duckdb.DuckDBPyConnection, statement: str) -> set[str]:
    return {name for (name,) in database.execute(statement).fetchall()}


def described(resource: str) -> set[str]:
    return {entry.name for entry in demo.PROPERTIES if entry.resource == resource}


def test_every_event_is_listed(database: duckdb.DuckDBPyConnection) -> None:
    """The Lexicon lists the events that occur, no more and no less."""
    assert {event.name for event in demo.EVENTS} == names(
        database, "select distinct event from events"
    )


def test_every_event_property_is_described(database: duckdb.DuckDBPyConnection) -> None:
    """The Lexicon describes the properties that events carry, no more and no less."""
    assert described("event") == names(
        database, "select distinct unnest(variant_keys(props)) from events"
    )


def test_every_profile_property_is_described(database: duckdb.DuckDBPyConnection) -> None:
    """The Lexicon describes the properties that profiles carry, no more and no less."""
    assert described("user") == names(
        database, "select distinct unnest(json_keys(props)) from profiles"
    )


def test_only_the_stray_event_is_undescribed() -> None:
    """order_completed stands out by its missing description."""
    assert [event.name for event in demo.EVENTS if event.description is None] == ["order_completed"]


def test_noise_is_hidden() -> None:
    """What machines send is hidden, all others are visible."""
    assert [event.name for event in demo.EVENTS if event.hidden] == [
        "Debug Ping",
        "heartbeat",
        "$mp_session_record",
    ]


def test_names_of_people_are_sensitive() -> None:
    """What identifies a person is marked, so that audits can find it."""
    assert [entry.name for entry in demo.PROPERTIES if entry.sensitive] == ["$name", "$email"]
