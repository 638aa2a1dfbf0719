"""`GET /api/2.0/export`: raw events as JSON lines, streamed with flat memory."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .calls import Call
from .database import literal
from .errors import wrong
from .expressions import condition
from .scan import holdings
from .timeline import DAY, day_start, parse_day

BATCH = 5_000
# Sorting the whole range at once would hold all of it in memory.
SLICE = 7 * DAY
MOST_LINES = 100_000
LONGEST_RANGE = 100

# The JSON text is put together by the database: Python only joins lines.
LINES = """
select '{{"event":' || to_json(e.event)::varchar || ',"properties":{{' {fields}
    || case when e.props::json::varchar = '{{}}' then '}}' else
       ',' || substr(e.props::json::varchar, 2) end || '}}'
from {source} where {conditions} order by e.t, e.seq {limit}
"""


@dataclass(frozen=True)
class Export:
    """A parsed request; `limit` 0 is none, `start` and `end` in milliseconds."""

    source: str
    conditions: str
    fields: str
    start: int
    end: int
    limit: int

    def slices(self) -> Iterator[tuple[int, int]]:
        """Give stretches short enough to be sorted in memory."""
        for start in range(self.start, self.end, SLICE):
            yield start, min(start + SLICE, self.end)

    def sql(self, start: int, end: int, most: int) -> str:
        """Return the statement for a stretch whose only column is the lines."""
        return LINES.format(
            source=self.source,
            conditions=f"e.t >= {start} and e.t < {end} and {self.conditions}",
            fields=self.fields,
            limit=f"limit {most}" if self.limit else "",
        )


def read_export(call: Call) -> Export:
    """Return the parsed request; 400 for a bad range or filter."""
    start, end = _range(call)
    held = holdings(call)
    scope = held.scope()
    conditions = ["true"]
    if call.query.get("event"):
        conditions.append(f"e.event in ({', '.join(map(literal, call.texts('event')))})")
    if where := call.query.get("where"):
        conditions.append(condition(where, scope))
    return Export(
        source=held.raw(scope.properties),
        conditions=" and ".join(conditions),
        fields=_fields(milliseconds=call.query.get("time_in_ms") in ("true", "1")),
        start=start,
        end=end,
        limit=call.number("limit", 0, MOST_LINES),
    )


def lines(call: Call) -> Iterator[bytes]:
    """Give the lines in chunks; nothing is read before the first is asked for."""
    export = read_export(call)
    left = export.limit
    for start, end in export.slices():
        call.database.run(export.sql(start, end, left))
        while rows := call.database.batch(BATCH):
            left -= len(rows)
            yield ("\n".join(row[0] for row in rows) + "\n").encode()
        if export.limit and left <= 0:
            return


def records_of(call: Call, predicate: str) -> Iterator[str]:
    """Give every record up to now that meets a condition of SQL, as the export writes it."""
    end = call.now_ms + 1
    source = holdings(call).raw([])
    whole = Export(source, predicate, _fields(milliseconds=False), start=0, end=end, limit=0)
    call.database.run(whole.sql(0, end, 0))
    while rows := call.database.batch(BATCH):
        yield from (row[0] for row in rows)


def zipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress chunks into one gzip stream."""
    stream = zlib.compressobj(level=1, wbits=31)
    for chunk in chunks:
        if data := stream.compress(chunk):
            yield data
    yield stream.flush()


def _range(call: Call) -> tuple[int, int]:
    first, last = (parse_day(call.required(name)) for name in ("from_date", "to_date"))
    if last < first:
        raise wrong("to_date must not be before from_date")
    if (last - first).days >= LONGEST_RANGE:
        raise wrong(f"the date range exceeds {LONGEST_RANGE} days")
    # Days of the export are UTC days, whatever the project's time zone.
    return day_start(first, "UTC"), day_start(date.fromordinal(last.toordinal() + 1), "UTC")


def _fields(*, milliseconds: bool) -> str:
    time = "e.t" if milliseconds else "e.t // 1000"
    return f"""|| '"time":' || ({time})
        || ',"distinct_id":' || to_json(coalesce(l.user_id, e.distinct_id))::varchar
        || case when l.user_id is not null
           then ',"$distinct_id_before_identity":' || to_json(e.distinct_id)::varchar else '' end
        || case when e.insert_id is not null
           then ',"$insert_id":' || to_json(e.insert_id)::varchar else '' end"""
