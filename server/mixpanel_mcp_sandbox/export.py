"""`GET /api/2.0/export`: raw events as JSON lines, streamed with flat memory."""

import zlib
from collections.abc import Iterator
from datetime import date

from .calls import Call, parse_json
from .database import Database, literal
from .errors import wrong
from .expressions import Scope, condition
from .scan import holdings
from .timeline import day_start, parse_day

BATCH = 5_000
MOST_LINES = 100_000
LONGEST_RANGE = 100

# The JSON text is put together by the database: Python only joins lines.
LINES = """
select '{{"event":' || to_json(e.event)::varchar || ',"properties":{{' {fields}
    || case when e.props::json::varchar = '{{}}' then '}}' else
       ',' || substr(e.props::json::varchar, 2) end || '}}'
from {source} where {conditions} order by e.t, e.seq {limit}
"""


def statement(call: Call) -> str:
    """Return the SQL whose only column is the lines; 400 for a bad range or filter."""
    start, end = _range(call)
    scope = Scope(call.project.timezone, call.now_ms)
    conditions = [f"e.t >= {start}", f"e.t < {end}"]
    if text := call.query.get("event"):
        names = parse_json(text)
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise wrong("event must be a JSON array of names")
        conditions.append(f"e.event in ({', '.join(literal(str(n)) for n in names)})")
    if where := call.query.get("where"):
        conditions.append(condition(where, scope))
    limit = call.number("limit", 0, MOST_LINES)
    return LINES.format(
        source=holdings(call).raw(scope.properties),
        conditions=" and ".join(conditions),
        limit=f"limit {limit}" if limit else "",
        fields=_fields(milliseconds=call.query.get("time_in_ms") in ("true", "1")),
    )


def lines(database: Database) -> Iterator[bytes]:
    """Give the rows of the last statement as chunks of lines."""
    while rows := database.batch(BATCH):
        yield ("\n".join(row[0] for row in rows) + "\n").encode()


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
