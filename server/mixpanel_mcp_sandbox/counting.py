"""Events of one selection in buckets of time: what the older counting endpoints share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from .calls import Call, Json
from .clauses import read_selection
from .errors import one_of
from .expressions import Scope, condition
from .plan import Selection
from .scan import Holdings, holdings
from .selections import properties_of, selected, sessions_of
from .timeline import Range, Unit, checked, parse_day
from .trees import OVERALL, Cell, plain, tree

PEOPLE = "count(distinct case when uid <> 0 then uid end)"
KINDS = {
    "general": "count(*)",
    "unique": PEOPLE,
    "average": f"case when {PEOPLE} = 0 then 0 else count(*) / {PEOPLE} end",
}
UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month")
Dates = dict[str, float]


@dataclass(frozen=True)
class Matching:
    """The events that a request is about.

    Attributes:
        scope: knows what expressions look at, so all must be compiled before `source` is read.
        where: a SQL condition beside the selection.
    """

    call: Call
    selection: Selection
    days: Range
    held: Holdings
    scope: Scope
    where: str

    @property
    def source(self) -> str:
        """The FROM and the WHERE of a statement over the events `e`."""
        days, clock = self.days, self.held.clock
        tests = (
            f"e.t >= {days.start} and e.t < {days.end}",
            selected(self.selection, self.held.hidden, clock),
            self.where,
        )
        sessions = sessions_of([self.selection], days.start, days.end - 1, clock)
        owners = [*self.scope.properties, *properties_of(self.selection)]
        return f"{self.held.scan(owners, sessions=sessions)} where {' and '.join(tests)}"

    def dates(self) -> dict[object, str]:
        """Return the wire's name of every bucket."""
        return dates_of(self.days)

    def points(self, value: str, number: str = "null") -> Dates:
        """Return a figure by date; its SQL may look at `uid` and at `number`."""
        rows = self.call.database.rows(
            f"select bucket, {value} from ({self._columns(f'{number} as number')}) group by bucket"
        )
        return _filled(self.dates(), rows)

    def segments(
        self, value: str, lists: str, limit: int, label: Callable[[str], str] = str
    ) -> dict[str, Dates]:
        """Return a figure by segment and date; `lists` is the SQL list of an event's segments."""
        rows = self.call.database.rows(
            f"with source as ({self._columns(f'unnest({lists}) as segment')}) "
            f"select segment, bucket, {value}, null from source group by segment, bucket "
            "union all select segment, null, null, count(*) from source group by segment"
        )
        cells = (Cell((label(segment),), at, number, rank) for segment, at, number, rank in rows)
        node = tree(cells, 1, self.dates(), limit)
        return {segment: points for segment, points in node.items() if segment != OVERALL}

    def _columns(self, last: str) -> str:
        bucket = self.days.bucket_sql("e.t")
        return f"select e.uid, {bucket} as bucket, {last} from {self.source}"


def matching(call: Call, selection: Selection, units: tuple[Unit, ...] = UNITS) -> Matching:
    """Return the events of a selection by the parameters that all of these requests have."""
    held = holdings(call)
    scope = held.scope()
    text = call.query.get("where")
    test = condition(text, scope) if text else "true"
    return Matching(call, selection, days_of(call, units), held, scope, test)


def named(call: Call, event: str) -> Matching:
    """Return the events of a name, which may be that of a custom event."""
    return matching(call, read_selection({"name": event}, call.database))


def kind_of(call: Call) -> str:
    """Return the SQL of what is counted."""
    return KINDS[one_of(KINDS, call.query.get("type") or "general", "type")]


def days_of(call: Call, units: tuple[Unit, ...] = UNITS) -> Range:
    """Return the days of a request and their unit."""
    unit = one_of(units, call.query.get("unit") or "day", "unit")
    first, last = parse_day(call.required("from_date")), parse_day(call.required("to_date"))
    return checked(Range(first, last, unit, call.project.timezone))


def dates_of(days: Range) -> dict[object, str]:
    """Return the name that these endpoints have for every bucket."""
    if days.unit == "hour":
        return {bucket.at: bucket.key[:19].replace("T", " ") for bucket in days.buckets()}
    return {bucket.at: bucket.key[:10] for bucket in days.buckets()}


def charted(dates: Iterable[str], values: Mapping[str, Dates]) -> Json:
    """Return the answer of the endpoints that count by segment."""
    return {
        "data": {"series": list(dates), "values": cast("Json", values)},
        "legend_size": len(values),
    }


def _filled(dates: Mapping[object, str], rows: Iterable[tuple[object, ...]]) -> Dates:
    found = dict(cast("Iterable[tuple[object, float]]", rows))
    return {date: plain(found.get(at, 0)) for at, date in dates.items()}
