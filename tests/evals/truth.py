"""The answers by plain SQL over the demo's file, without a line of the server or its queries."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from mixpanel_mcp_sandbox import demo

from .questions import Question

Answer = float | str

_WEEK = 604_800_000
# "day" counts from the demo's first. Copies of one record are kept apart, in superseded_events.
_TABLES = f"""
create temp view happened as
select uid, t, event, props, (t - $epoch) // 86400000 as day,
    strftime(make_timestamp(t * 1000), '%Y-%m-%d') as date,
    strftime(make_timestamp((t - (t - $epoch) % {_WEEK}) * 1000), '%Y-%m-%d') as week
from events where t < $now;
create temp table customers as
select s.uid, s.day, s.t, s.props.source::varchar as source, p.props ->> 'plan' as plan,
    (p.props ->> 'wishlists')::boolean as wishlists
from happened as s join profiles as p on s.uid = hash(p.distinct_id)
where event = 'Account Created';
create temp table returns as
select distinct c.uid, (h.t - c.t) // {_WEEK} as week
from customers as c join happened as h using (uid)
where h.event = 'Session Opened' and h.t >= c.t;
create temp table orders as
select uid, t from happened where event = 'Order Completed';
create temp table carts as
select day, props.platform::varchar as platform, variant_typeof(props.price) as price_type
from happened where event = 'Add to Cart';
create temp table payments as
select uid, h.t, day, props.app_version::varchar as version, props.platform::varchar as platform,
    coalesce(bool_or(o.t between h.t and h.t + {_WEEK}), false) as paid
from happened as h left join orders as o using (uid) where event = 'Payment Added' group by all;
create temp table exposures as
select uid, h.t, day, props."Variant name"::varchar as variant,
    coalesce(bool_or(o.t between h.t and h.t + {_WEEK}), false) as ordered
from happened as h left join orders as o using (uid) where event = '$experiment_started'
    and props."Experiment name"::varchar = 'one_page_checkout' group by all;
"""


def truths(base: Path, asked: Iterable[Question]) -> dict[str, Answer]:
    """The answer to each question, from the file that the demo was built into."""
    now = datetime.now(UTC)
    moments = {"epoch": demo.epoch(now), "now": now}
    statements = _TABLES
    for name, moment in moments.items():
        statements = statements.replace(f"${name}", str(int(moment.timestamp() * 1000)))
    with duckdb.connect(str(base), read_only=True) as database:
        database.execute(statements)
        return {each.name: _answer(database, each.truth) for each in asked}


def _answer(database: duckdb.DuckDBPyConnection, statement: str) -> Answer:
    [[value]] = database.execute(statement).fetchall()
    return _plain(value)


def _plain(value: Any) -> Answer:
    return value if isinstance(value, str) else float(value)
