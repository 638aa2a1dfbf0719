"""Each story planted in the demo is found by plain SQL, near the figures that it was given."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from small_demo import demo_file

from mixpanel_mcp_sandbox import demo

NOW = datetime(2026, 2, 5, 12, tzinfo=UTC)

# Retries are merged, as every query does; "day" counts from the demo's epoch.
VIEWS = f"""
create temp view happened as
select distinct on (insert_id) uid, t, event, props,
    (t - {int(demo.epoch(NOW).timestamp() * 1000)}) // 86400000 as "day"
from base.events where insert_id is not null and t <= {int(NOW.timestamp() * 1000)};
create temp table customers as
select s.uid, s."day", s.t, s.props.source::varchar as source, p.props ->> 'plan' as plan,
    (p.props ->> 'wishlists')::boolean as wishlists
from happened as s join base.profiles as p on s.uid = hash(p.distinct_id)
where event = 'Account Created';
create temp table returns as
select c.uid, (h.t - c.t) // 604800000 as week
from customers as c join happened as h using (uid)
where h.event = 'Session Opened' and h.t >= c.t group by all;
create temp table payments as
select h.uid, "day", props.app_version::varchar as version, props.platform::varchar as platform,
    exists (from happened as o where o.uid = h.uid and o.event = 'Order Completed'
        and o.t between h.t and h.t + 604800000) as paid
from happened as h where event = 'Payment Added';
"""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The whole demo, as it lies in a cache folder."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo_file(NOW)}' as base (read_only)")
        connection.execute(VIEWS)
        yield connection


def rows(database: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[Any, ...]]:
    return database.execute(statement).fetchall()


def near(value: float) -> Any:
    return pytest.approx(value, abs=0.02)


def retention(database: duckdb.DuckDBPyConnection, week: int, who: str) -> float:
    """The share of the customers chosen who come back in a week that has wholly passed."""
    [[share]] = rows(
        database,
        f"""select avg((r.uid is not null)::int) from customers as c
            left join returns as r on r.uid = c.uid and r.week = {week}
            where c."day" + 7 * {week + 1} <= 122 and {who}""",
    )
    return share


def test_the_size_is_that_of_a_real_shop(database: duckdb.DuckDBPyConnection) -> None:
    """About 8,800 customers and 3,000 visitors leave about 340,000 events in 18 weeks."""
    counts = dict(rows(database, "select event, count(*) from happened group by 1"))

    assert counts == {
        event: pytest.approx(number, rel=0.1, abs=12)
        for event, number in {
            "Session Opened": 68_700,
            "Product Viewed": 170_000,
            "Search": 28_500,
            "Add to Cart": 19_800,
            "Checkout Started": 11_592,
            "Payment Added": 9_489,
            "Order Completed": 7_504,
            "Payment Failed": 781,
            "Order Refunded": 286,
            "Account Created": 8_750,
            "Wishlist Updated": 5_950,
            "$experiment_started": 6_798,
            "order_completed": 19,
            "Debug Ping": 300,
            "heartbeat": 300,
            "$mp_session_record": 318,
        }.items()
    }


def test_android_4_2_0_breaks_card_payments(database: duckdb.DuckDBPyConnection) -> None:
    """Only a breakdown by version shows that 4.2.0 turns half of the payments away."""
    by_version = rows(
        database,
        "select version, avg(paid::int) from payments where platform = 'Android' group by 1",
    )
    by_platform = rows(
        database,
        "select platform, avg(paid::int) from payments where platform <> 'Android' group by 1",
    )

    assert dict(by_version) == {"4.1.3": near(0.790), "4.2.0": near(0.421), "4.2.1": near(0.822)}
    assert dict(by_platform) == {"iOS": near(0.82), "web": near(0.82)}


def test_the_android_trouble_is_blurred_without_the_version(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """By platform alone, Android falls by a quarter while 4.2.0 is the newest release."""
    by_period = rows(
        database,
        """select "day" >= 84, avg(paid::int) from payments
           where platform = 'Android' and "day" < 95 group by 1""",
    )

    assert dict(by_period) == {False: near(0.789), True: near(0.547)}


def test_the_time_out_of_3ds_occurs_on_4_2_0_only(database: duckdb.DuckDBPyConnection) -> None:
    """The error code of the failed payments names the culprit."""
    versions = rows(
        database,
        """select props.app_version::varchar, count(*) from happened
           where event = 'Payment Failed' and props.error_code::varchar = '3DS_TIMEOUT' group by 1
        """,
    )

    assert versions == [("4.2.0", pytest.approx(159, abs=20))]


def test_wishlists_lift_retention(database: duckdb.DuckDBPyConnection) -> None:
    """Customers with wishlists who sign up after the launch come back more often."""
    shares = {
        (week, flag): retention(database, week, f'c."day" >= 56 and wishlists = {flag}')
        for week in (1, 2, 4)
        for flag in (False, True)
    }

    assert shares == {
        (1, False): near(0.613),
        (1, True): near(0.683),
        (2, False): near(0.482),
        (2, True): near(0.570),
        (4, False): near(0.343),
        (4, True): near(0.419),
    }


def test_wishlists_change_nothing_before_their_launch(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """The same customers' first weeks before day 56 look alike."""
    shares = [
        retention(database, 1, f'c."day" < 49 and wishlists = {flag}') for flag in (False, True)
    ]

    assert shares == [near(0.608), near(0.606)]


def test_a_scraper_searches_for_a_day(database: duckdb.DuckDBPyConnection) -> None:
    """On day 111 forty ids from SG send 2,600 searches; users rise far less than searches."""
    scraped = rows(
        database,
        """select "day", count(*), count(distinct uid) from happened where event = 'Search'
           and props.country::varchar = 'SG' and props."$browser"::varchar = 'HeadlessChrome'
           group by 1""",
    )
    by_day = dict(
        rows(
            database,
            """select "day", count(*) from happened
               where event = 'Search' and "day" between 105 and 117 group by 1""",
        )
    )

    assert scraped == [(111, 2600, 40)]
    assert by_day.pop(111) == pytest.approx(3002, rel=0.02)
    assert max(by_day.values()) < 600


def test_ios_goes_silent_for_three_hours(database: duckdb.DuckDBPyConnection) -> None:
    """On day 101 nothing of iOS arrives from 13 to 16 h; the hours around are busy."""
    hours = dict(
        rows(
            database,
            """select t // 3600000 % 24, count(*) from happened
               where "day" = 101 and props.platform::varchar = 'iOS' group by 1""",
        )
    )

    assert [hours.get(hour, 0) for hour in (13, 14, 15)] == [0, 0, 0]
    assert min(hours[12], hours[16]) > 30


def test_the_new_web_cart_sends_prices_as_text(database: duckdb.DuckDBPyConnection) -> None:
    """From day 98 on 12 % of the web's prices in the cart are text, so sums are too low."""
    types = rows(
        database,
        """select variant_typeof(props.price), any_value(props.platform::varchar) filter
               (variant_typeof(props.price) = 'VARCHAR'), count(*), min("day") >= 98
           from happened where event = 'Add to Cart' group by 1 order by 1""",
    )

    assert types == [
        ("DOUBLE", None, pytest.approx(19_343, rel=0.05), False),
        ("VARCHAR", "web", pytest.approx(361, abs=30), True),
    ]


def test_one_order_in_a_hundred_has_no_number(database: duckdb.DuckDBPyConnection) -> None:
    """The property is absent, not null; a stray spelling of the event turns up on day 105."""
    missing = rows(
        database,
        """select count(*) from happened
           where event = 'Order Completed' and not variant_exists(props, 'order_id')""",
    )
    strays = rows(
        database, "select count(*), min(day) >= 105 from happened where event = 'order_completed'"
    )

    assert missing == [(pytest.approx(77, abs=10),)]
    assert strays == [(pytest.approx(19, abs=4), True)]


def test_the_one_page_checkout_wins_its_experiment(database: duckdb.DuckDBPyConnection) -> None:
    """More of the exposed customers buy with the new checkout; their orders are not larger."""
    variants = rows(
        database,
        """with exposed as (
               select uid, t, props."Variant name"::varchar as variant from happened
               where event = '$experiment_started'),
           spent as (
               select x.uid, variant, count(o.uid) as orders,
                   coalesce(sum(o.props.revenue::double), 0) as revenue
               from exposed as x left join happened as o
                   on o.uid = x.uid and o.event = 'Order Completed' and o.t >= x.t
                   and o."day" <= 118
               group by all)
           select variant, count(*), avg((orders > 0)::int), avg(revenue),
               sum(revenue) / sum(orders)
           from spent group by 1 order by 1""",
    )

    assert variants == [
        ("control", pytest.approx(3471, rel=0.05), near(0.283), *_around(64.2, 170.0)),
        ("one page", pytest.approx(3327, rel=0.10), near(0.333), *_around(74.1, 168.0)),
    ]


def _around(*values: float) -> list[Any]:
    return [pytest.approx(value, rel=0.12) for value in values]


def test_the_spring_sale_brings_many_who_do_not_stay(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Week 9 has two and a half times its neighbours' sign-ups, who come back less."""
    signups = dict(rows(database, 'select "day" // 7, count(*) from customers group by 1'))
    sale, neighbours = 'c."day" // 7 = 9', 'c."day" // 7 in (8, 10)'

    assert [signups[8], signups[9], signups[10]] == [*_around(480, 1250, 480)]
    assert [retention(database, 1, sale), retention(database, 1, neighbours)] == [
        near(0.556),
        near(0.650),
    ]
    assert [retention(database, 3, sale), retention(database, 3, neighbours)] == [
        near(0.360),
        near(0.447),
    ]


def test_the_sale_is_the_source_of_those_who_leave(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Within the week of the sale, only the customers whom it brought are unfaithful."""
    sale = retention(database, 1, "source = 'spring_sale'")
    others = retention(database, 1, "source <> 'spring_sale' and c.\"day\" // 7 = 9")

    assert others - sale > 0.1


def test_brazil_opens_on_day_77(database: duckdb.DuckDBPyConnection) -> None:
    """Nobody from Brazil signs up before, then some eighty a week."""
    weeks = dict(
        rows(
            database,
            """select "day" // 7, count(*) from happened where event = 'Account Created'
               and props.country::varchar = 'BR' group by 1""",
        )
    )

    assert weeks == {**{week: pytest.approx(80, abs=27) for week in range(11, 17)}, 17: weeks[17]}


def test_plus_members_pay_less_but_buy_far_more_often(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Ten per cent off the order, nearly twice the orders: the average order misleads."""
    plans = rows(
        database,
        """select plan, sum(o.props.revenue::double) / count(o.uid),
               count(o.uid) / count(distinct c.uid)
           from customers as c
           left join happened as o on o.uid = c.uid and o.event = 'Order Completed'
           group by 1 order by 1""",
    )

    assert plans == [
        ("free", pytest.approx(174.9, rel=0.03), pytest.approx(0.77, abs=0.05)),
        ("plus", pytest.approx(157.1, rel=0.03), pytest.approx(1.35, abs=0.05)),
    ]
