"""Sessions: runs of a person's events without a rest, numbered in SQL, and their two ends.

A session ends with a rest (30 minutes, unless the project says otherwise), and at midnight in the
project's time zone. Hidden events, technical ones and those of nobody belong to none and neither
start nor extend one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .database import literal
from .properties import Property, looked_at
from .timeline import day_sql

START, END = "$session_start", "$session_end"
# Places before and behind every event of the same millisecond.
PLACES = {START: -1, END: 9_223_372_036_854_775_807}
COMPUTED = {
    "$duration_s": "(max(t) - min(t)) // 1000",
    "$event_count": "count(*)",
    "$origin_start": "first(event order by t, seq)",
    "$origin_end": "last(event order by t, seq)",
}
INHERITED = frozenset(
    [
        "$app_build_number",
        "$app_version_string",
        "$browser",
        "$city",
        "$country_code",
        "$current_url",
        "$device",
        "$manufacturer",
        "$os",
        "$region",
        "mp_country_code",
        "mp_lib",
        "mp_platform",
        "utm_campaign",
        "utm_content",
        "utm_source",
    ]
)


@dataclass(frozen=True)
class Sessions:
    """What a query asks of the sessions of its events.

    Attributes:
        start: a local midnight, before which nobody looks.
        end: another one, from which on nobody does.
        ends: which of `$session_start` and `$session_end` count as events.
    """

    start: int
    end: int
    ends: tuple[str, ...] = ()

    def among(
        self,
        rows: str,
        properties: Iterable[Property],
        hidden: Sequence[str],
        timezone: str,
        rest: int,
    ) -> str:
        """Return the statement that numbers the rows of another and puts ends among them."""
        kept = f"select * from ({rows}) where t >= {self.start} and t < {self.end}"
        within = numbered(kept, hidden, timezone, rest)
        if not self.ends:
            return within
        both = with_ends(self.ends, "numbered", properties)
        return f"with numbered as materialized ({within}) {both}"


def with_ends(names: Iterable[str], rows: str, properties: Iterable[Property]) -> str:
    """Return the statement for the rows of a relation and the ends of their sessions."""
    owners = list(properties)
    parts = (session_events(name, rows, owners) for name in names)
    return " union all by name ".join([f"from {rows}", *parts])


def numbered(rows: str, hidden: Sequence[str], timezone: str, rest: int) -> str:
    """Return the statement that adds `session` to the rows of another.

    Args:
        rows: a statement with the columns uid, t, seq and event; it must begin and end at a local
            midnight or hold whole persons, for a session that is cut counts as a shorter one.
        hidden: the events that take part in no session, technical ones among them.
        timezone: the project's.
        rest: milliseconds without an event that end a session.

    `session` counts the sessions of each person from 1; it is null where an event has none.
    """
    person = "partition by uid, counted order by t, seq"
    counted = f"uid <> 0 and event not in ({', '.join(map(literal, hidden))})"
    opens = (
        f"coalesce(t - lag(t) over ({person}) >= {rest} or day <> lag(day) over ({person}), true)"
    )
    return (
        "select * exclude (counted, day, opens), "
        f"case when counted then sum(opens::int) over ({person} rows unbounded preceding) end "
        f"as session from (select *, {opens} as opens from (select *, {counted} as counted, "
        f"{day_sql('t', timezone)} as day from ({rows})))"
    )


def session_events(name: str, rows: str, properties: Iterable[Property]) -> str:
    """Return the statement for one end of each session as an event of its own.

    Args:
        name: `$session_start` or `$session_end`.
        rows: a relation that `numbered` made of `Holdings.rows`.
        properties: those that the rows hold as columns; they get the values of the session.

    The columns are those of the rows, so that `union all by name` puts the ends among the events.
    """
    owners = [owner for owner in looked_at(properties) if owner.extracted]
    columns = "".join(f", {column}" for owner in owners for column in _columns(owner))
    return (
        f"select uid, {'min' if name == START else 'max'}(t) as t, {PLACES[name]}::bigint as seq, "
        f"{literal(name)} as event, null::varchar as insert_id, "
        f"any_value(distinct_id) as distinct_id, session{columns} "
        f"from {rows} where session is not null group by uid, session"
    )


def _columns(owner: Property) -> tuple[str, str]:
    value = _value(owner)
    return f"{value} as {owner.column}", f"({value} is not null) as {owner.column}_present"


def _value(owner: Property) -> str:
    if owner.name in COMPUTED:
        return f"({COMPUTED[owner.name]})::variant"
    if owner.name in INHERITED:
        known = f"kind({owner.column}) <> 'null'"
        return f"first({owner.column} order by t, seq) filter (where {known})"
    return "null::variant"
