"""The demo's recordings: whose sessions they are, and what carries their ids."""

from typing import Any

import duckdb
import pytest
from small_demo import FRIDAY, built

from mixpanel_mcp_sandbox import demo

FIRST_DAY = demo.at(FRIDAY, 96)


@pytest.fixture(scope="module")
def database() -> Any:
    """A demo with some recordings."""
    with built(people=2_000) as connection:
        connection.execute(
            """create temp view recorded as
               select *, props['$mp_replay_id']::varchar as replay from events
               where variant_exists(props, '$mp_replay_id')"""
        )
        yield connection


def every(database: duckdb.DuckDBPyConnection, statement: str, *values: object) -> list[Any]:
    """All rows of a statement."""
    return database.execute(statement, values).fetchall()


def test_every_web_payment_that_failed_of_late_was_recorded(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """So that it can be seen what a person did before the error."""
    failures = every(
        database,
        """select variant_exists(props, '$mp_replay_id'), count(*) from events
           where event = 'Payment Failed' and props.platform::varchar = 'web'
               and t >= epoch_ms(?::timestamptz) group by all""",
        FIRST_DAY,
    )
    [(is_recorded, count)] = failures
    assert is_recorded
    assert count > 5


def test_a_recording_begins_with_its_session_and_ends_within_hours(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Each has one record, of one person, on the web, kept for thirty days."""
    rows = every(
        database,
        """select count(*) filter (event = '$mp_session_record'), count(distinct uid),
               min(t) filter (event = '$mp_session_record') - min(t) as late,
               max(t) - min(t) < 6 * 3600000, list(distinct props.platform::varchar),
               max(props['$mp_replay_retention_period']::int)
           from recorded group by replay""",
    )
    assert len(rows) > 20
    assert set(map(str, rows)) == {str((1, 1, 0, True, ["web"], 30))}


def test_what_happens_days_later_is_not_recorded(database: duckdb.DuckDBPyConnection) -> None:
    """A refund belongs to the order, not to the recording."""
    events = {name for (name,) in every(database, "select distinct event from recorded")}
    assert "Order Refunded" not in events
    assert {"Session Opened", "Product Viewed", "Payment Failed"} <= events
