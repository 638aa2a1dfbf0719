"""The demo's generator: what it fills, and that it always fills the same."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import duckdb
import pytest
from small_demo import FRIDAY, built

from mixpanel_mcp_sandbox import demo, schema

TUESDAY = datetime(2026, 2, 3, 10, 30, tzinfo=UTC)
PEOPLE = 300

CONTENT = """
select md5(string_agg(hash(e)::varchar, ',' order by rowid)) from (
    select rowid, uid, t, event, insert_id, seq, distinct_id, props::varchar as props from events
) as e
"""


@pytest.fixture(scope="module")
def database() -> Any:
    """A small demo, built on a Friday."""
    with built(FRIDAY, people=PEOPLE) as connection:
        yield connection


RECORDS = "from events union all from superseded_events"


def test_no_property_is_null(database: duckdb.DuckDBPyConnection) -> None:
    """What is not set is missing, so that the sandbox need not look for nulls."""
    assert one(database, f"select count(*) from ({RECORDS}) where props::json like '%:null%'") == 0


def every(connection: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement).fetchall()


def one(connection: duckdb.DuckDBPyConnection, statement: str) -> Any:
    """The only row, or its only value."""
    [row] = every(connection, statement)
    first, *others = row
    return row if others else first


def milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def test_the_number_of_threads_changes_nothing(database: duckdb.DuckDBPyConnection) -> None:
    """Two builds with different threads hold the same rows in the same physical order."""
    with built(FRIDAY, threads=1, people=PEOPLE) as other:
        assert one(other, CONTENT) == one(database, CONTENT)
        for table in ("links", "profiles"):
            assert every(other, f"from {table}") == every(database, f"from {table}")


def test_the_past_stays_when_the_week_goes_on(database: duckdb.DuckDBPyConnection) -> None:
    """All days before Tuesday are the same on Tuesday and on Friday."""
    midnight = milliseconds(datetime(2026, 2, 3, tzinfo=UTC))
    before = f"""select uid, t, event, insert_id, seq, distinct_id, props::varchar from events
                 where t < {midnight} order by uid, t, seq"""

    with built(TUESDAY, people=PEOPLE) as earlier:
        assert every(earlier, before) == every(database, before)


def test_another_week_tells_the_same_stories(database: duckdb.DuckDBPyConnection) -> None:
    """A build four weeks later is the same demo, moved by four weeks."""
    month = 28 * 86_400_000
    rows = "select uid, t - {}, event, insert_id, seq, props::varchar from events order by seq"

    with built(FRIDAY + timedelta(weeks=4), people=PEOPLE) as later:
        assert every(later, rows.format(month)) == every(database, rows.format(0))


def test_nothing_happens_after_now() -> None:
    """The newest event is minutes old, the oldest one is of the first day."""
    with built(TUESDAY, people=PEOPLE) as connection:
        first, last = one(connection, "select min(t), max(t) from events")

    assert first >= milliseconds(demo.epoch(TUESDAY))
    assert first < milliseconds(demo.at(TUESDAY, day=1))
    assert milliseconds(TUESDAY) - 3_600_000 < last <= milliseconds(TUESDAY)


def test_events_lie_ordered_by_person_and_time(database: duckdb.DuckDBPyConnection) -> None:
    """One person's events are neighbours, but for prices that are text: they lie behind all."""
    text = "coalesce(event = 'Add to Cart' and variant_typeof(props.price) = 'VARCHAR', false)"
    stored = every(database, f"select {text}, uid, t, seq from events order by rowid")

    assert stored == sorted(stored)


def test_arrival_numbers_follow_time(database: duckdb.DuckDBPyConnection) -> None:
    """seq counts all records from 1 in the order in which they happened."""
    arrivals = every(database, f"select seq, t from ({RECORDS}) order by seq")

    assert [seq for seq, _ in arrivals] == list(range(1, len(arrivals) + 1))
    assert [t for _, t in arrivals] == sorted(t for _, t in arrivals)


def test_one_record_in_two_hundred_is_a_retry(database: duckdb.DuckDBPyConnection) -> None:
    """A retry equals its event in everything but the arrival number; else ids are unique.

    The earlier of two copies is superseded, so that queries need not look for it.
    """
    counts = every(
        database,
        f"""select n, same, later, count(*) from (
               select insert_id, count(*) as n,
                   count(distinct (uid, t, event, distinct_id, props::varchar)) as same,
                   max(seq) in (select seq from events) as later
               from ({RECORDS}) group by insert_id)
           group by all order by all""",
    )
    total = one(database, "select count(*) from events")

    assert [row[:3] for row in counts] == [(1, 1, True), (2, 1, True)]
    assert one(database, "select count(*) from superseded_events") == counts[1][3]
    assert counts[1][3] == pytest.approx(total * 0.005, rel=0.3)


def test_insert_ids_obey_the_rules_of_ingestion(database: duckdb.DuckDBPyConnection) -> None:
    """1 to 36 letters, digits and hyphens."""
    assert one(
        database,
        "select bool_and(regexp_full_match(insert_id, '[A-Za-z0-9-]{1,36}')) from events",
    )


def test_a_person_is_the_hash_of_the_canonical_id(database: duckdb.DuckDBPyConnection) -> None:
    """uid follows $user_id, else the device's owner, else the device; nobody is 0."""
    wrong = one(
        database,
        """select count(*) from events left join links
               on device_id = props."$device_id"::varchar
           where uid <> case when distinct_id = '' then 0
               else hash(coalesce(props."$user_id"::varchar, user_id, distinct_id)) end""",
    )

    assert wrong == 0


def test_the_sign_up_ends_anonymity(database: duckdb.DuckDBPyConnection) -> None:
    """Before it events carry the device only; with it and after it, both ids."""
    kinds = every(
        database,
        """with signed as (
               select uid, min(t) as signed_up from events
               where event = 'Account Created' group by uid)
           select sign(t - signed_up)::int, distinct_id like '$device:%',
               variant_exists(props, '$user_id'), variant_exists(props, '$device_id')
           from events join signed using (uid) group by all order by all""",
    )

    assert kinds == [
        (-1, True, False, True),
        (0, False, True, True),
        (1, False, True, True),
    ]


def test_each_device_has_one_owner(database: duckdb.DuckDBPyConnection) -> None:
    """links holds every customer who has signed up, with the device of the sign-up."""
    signed = """select distinct props."$device_id"::varchar, props."$user_id"::varchar from events
                where event = 'Account Created' order by 2"""

    assert every(database, "from links order by user_id") == every(database, signed)


def test_visitors_never_sign_up(database: duckdb.DuckDBPyConnection) -> None:
    """A third as many devices as customers come once and have no profile."""
    visitors, customers = one(
        database,
        """select count(distinct uid) filter (device_only), count(distinct uid) from (
               select uid, bool_and(distinct_id like '$device:%') as device_only from events
               where uid <> 0 group by uid)""",
    )

    assert visitors == pytest.approx(PEOPLE / 3, rel=0.1)
    assert customers - visitors == one(database, "select count(*) from profiles")


def test_properties_keep_their_types(database: duckdb.DuckDBPyConnection) -> None:
    """Amounts are numbers, words are text, and what is absent is absent instead of null."""
    types = every(
        database,
        """select distinct variant_typeof(props.revenue), variant_typeof(props.items),
               variant_typeof(props.category) from events where event = 'Order Completed'""",
    )
    nulls = one(
        database,
        """select count(*) from events, unnest(variant_keys(props)) as k(key)
           where (props::json -> ('/' || key))::varchar = 'null'""",
    )

    assert types == [("DOUBLE", "UINT64", "VARCHAR")]
    assert nulls == 0


def test_columns_are_not_repeated_in_the_properties(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """distinct_id, time and $insert_id are columns, and only that."""
    keys = {key for (key,) in every(database, "select unnest(variant_keys(props)) from events")}

    assert keys.isdisjoint({"distinct_id", "time", "$insert_id", "event"})


def test_campaigns_mark_the_first_session_only(database: duckdb.DuckDBPyConnection) -> None:
    """utm properties stand on events of the session of the sign-up and nowhere else."""
    late = one(
        database,
        """select count(*) from events join (
               select uid, min(t) as first from events group by uid) using (uid)
           where variant_exists(props, 'utm_source') and event <> 'Order Refunded'
               and t > first + 7200000""",
    )

    assert late == 0


def test_carts_hold_what_was_just_viewed(database: duckdb.DuckDBPyConnection) -> None:
    """The product put into the cart is one that the same person viewed minutes before."""
    unseen = one(
        database,
        """select count(*) from events as c where event = 'Add to Cart' and not exists (
               from events as v where v.uid = c.uid and v.event = 'Product Viewed'
                   and v.t between c.t - 300000 and c.t
                   and v.props.sku::varchar = c.props.sku::varchar)""",
    )

    assert unseen == 0


def test_only_customers_check_out(database: duckdb.DuckDBPyConnection) -> None:
    """Checkouts, payments and orders come after the sign-up, never from a mere device."""
    events = ["Checkout Started", "Payment Added", "Order Completed", "Payment Failed"]

    assert (
        every(
            database,
            f"""select distinct event from events
            where distinct_id like '$device:%' and event in {tuple(events)}""",
        )
        == []
    )


def test_a_profile_sums_up_its_events(database: duckdb.DuckDBPyConnection) -> None:
    """Orders, revenue and last_seen of every profile are those of the person's events."""
    profiles = """select distinct_id, (props ->> 'lifetime_orders')::int,
                      (props ->> 'lifetime_value')::double, last_seen
                  from profiles order by 1"""
    sums = """with unique_events as (select distinct on (insert_id) * from events)
              select user_id, count(*) filter (event = 'Order Completed'),
                  round(coalesce(sum(props.revenue::double) filter (event = 'Order Completed'), 0),
                      2), max(t)
              from unique_events join links on uid = hash(user_id) group by 1 order by 1"""

    assert every(database, profiles) == every(database, sums)


def test_staging_tables_are_gone(database: duckdb.DuckDBPyConnection) -> None:
    """Only the store's own tables remain."""
    tables = "select table_name from duckdb_tables() order by 1"

    with duckdb.connect() as empty:
        schema.create_tables(empty)
        assert every(database, tables) == every(empty, tables)


def test_a_failed_build_leaves_nothing() -> None:
    """Without its tables the build fails as a whole."""
    with duckdb.connect() as connection:
        schema.create_tables(connection)
        connection.execute("drop table profiles")
        with pytest.raises(duckdb.CatalogException):
            demo.build(connection, now=FRIDAY, people=20)

        assert one(connection, "select count(*) from events") == 0


def test_the_week_begins_on_monday_in_utc() -> None:
    """The name of a cached demo follows the UTC week, whatever the caller's zone."""
    tokyo = timezone(timedelta(hours=9))

    assert demo.week(TUESDAY) == demo.week(FRIDAY) == TUESDAY.date() - timedelta(days=1)
    assert demo.week(datetime(2026, 2, 9, 8, tzinfo=tokyo)) == demo.week(FRIDAY)
    assert demo.epoch(FRIDAY) == datetime(2025, 10, 6, tzinfo=UTC)


def test_now_needs_a_time_zone() -> None:
    """A naive now would make the demo depend on the machine's zone."""
    with pytest.raises(ValueError, match="time zone"):
        demo.week(datetime(2026, 2, 3))
