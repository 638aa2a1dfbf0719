"""`GET /api/query/segmentation`: counts by time and by the value of an expression."""

from dataclasses import dataclass
from typing import cast

from .calls import Call, Endpoint, Json
from .clauses import read_selection
from .errors import one_of
from .expressions import condition, segments
from .predicates import Clock
from .scan import holdings
from .selections import properties_of, selected, sessions_of
from .timeline import Range, Unit, checked, parse_day
from .trees import Cell, tree

PEOPLE = "count(distinct case when uid <> 0 then uid end)"
KINDS = {
    "general": "count(*)",
    "unique": PEOPLE,
    "average": f"case when {PEOPLE} = 0 then 0 else count(*) / {PEOPLE} end",
}
UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month")
DEFAULT_LIMIT = 60
MOST_SEGMENTS = 10_000


@dataclass(frozen=True)
class Segmented:
    """A parsed request; `lists` is the SQL list of segments of an event."""

    days: Range
    value: str
    lists: str | None
    conditions: str
    source: str

    def sql(self) -> str:
        """Return the statement; rows are segment, bucket, value, rank."""
        lists = f"unnest({self.lists})" if self.lists else "''"
        return (
            f"with source as (select e.uid, {self.days.bucket_sql('e.t')} as bucket, "
            f"{lists} as segment from {self.source} "
            f"where {self.conditions}) "
            f"select segment, bucket, {self.value}, null from source group by segment, bucket "
            "union all select segment, null, null, count(*) from source group by segment"
        )


def segmentation(call: Call) -> object:
    """Return events, users or events per user by segment and date."""
    event = call.required("event")
    request = _request(call, event)
    keys = {bucket.at: _date(bucket.key, request.days) for bucket in request.days.buckets()}
    cells = [
        Cell((s,), at, value, rank) for s, at, value, rank in call.database.rows(request.sql())
    ]
    values = tree(cells, 1, keys, call.number("limit", DEFAULT_LIMIT, MOST_SEGMENTS))
    del values["$overall"]
    if request.lists is None:
        values = {event: values.get("", dict.fromkeys(keys.values(), 0))}
    return {
        "data": {"series": list(keys.values()), "values": cast("Json", values)},
        "legend_size": len(values),
    }


def _request(call: Call, event: str) -> Segmented:
    kind = one_of(KINDS, call.query.get("type") or "general", "type")
    held = holdings(call)
    scope = held.scope()
    clock = Clock(call.now_ms, call.project.timezone)
    days = _days(call)
    selection = read_selection({"name": event}, call.database)
    tests = [f"e.t >= {days.start} and e.t < {days.end}"]
    tests.append(selected(selection, held.hidden, clock))
    if where := call.query.get("where"):
        tests.append(condition(where, scope))
    on = call.query.get("on")
    lists = segments(on, scope) if on else None
    sessions = sessions_of([selection], days.start, days.end - 1, clock)
    source = held.scan([*scope.properties, *properties_of(selection)], sessions=sessions)
    return Segmented(days, KINDS[kind], lists, " and ".join(tests), source)


def _days(call: Call) -> Range:
    unit = one_of(UNITS, call.query.get("unit") or "day", "unit")
    first, last = parse_day(call.required("from_date")), parse_day(call.required("to_date"))
    return checked(Range(first, last, unit, call.project.timezone))


def _date(key: str, days: Range) -> str:
    return key[:19].replace("T", " ") if days.unit == "hour" else key[:10]


ENDPOINTS = (Endpoint("GET", "/api/query/segmentation", segmentation),)
