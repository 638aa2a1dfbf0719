"""Data volume anomalies: days on which an event arrived far more or less often than expected.

They are worked out from the data whenever somebody asks; what was decided about one is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from statistics import median
from typing import Any, NamedTuple, cast

from .calls import Call, Endpoint, Json, ok
from .definitions import EVENTS
from .entities import Entities
from .errors import missing, one_of, wrong
from .timeline import day_start, today

DAYS = 30
WEEKS = 8
FEWEST_WEEKS = 4
# Smaller series jump for no reason.
LEAST_COUNT = 100
SPREAD = 3 * 1.4826
LEAST_SPREAD = 0.1
MARGIN = 0.5
STATUSES = ("open", "dismissed")
CLASSES = ("Event", "Property", "PropertyTypeDrift", "Metric")
DAILY = """
select event, (timezone($zone, make_timestamptz(t * 1000)))::date as day, count(*)
from all_events where t >= $start and t < $end group by all
"""

Counts = Mapping[date, int]


class Expected(NamedTuple):
    """The range in which the count of a day should lie."""

    lower: float
    upper: float

    def excess(self, count: int) -> float | None:
        """Return by which share a count lies outside, None where it is not far enough."""
        if count > self.upper * (1 + MARGIN):
            return count / self.upper - 1 if self.upper else 1.0
        if count < self.lower * (1 - MARGIN):
            return count / self.lower - 1
        return None


def listed(call: Call) -> object:
    """Return the anomalies of the last thirty whole days, newest first.

    They are all of events: whoever asks for those of a property gets none.
    """
    status, event = call.query.get("status"), call.query.get("event_id")
    if status:
        one_of(STATUSES, status, "status")
    kept = [
        row
        for row in ([] if call.query.get("prop_id") else _anomalies(call))
        if (not status or row["status"] == status) and (not event or str(row["event"]) == event)
    ]
    return ok({"anomalies": kept[: call.number("limit", 100, 10_000)]})


def change(call: Call) -> object:
    """Dismiss an anomaly or open it again."""
    body = call.json()
    return ok(_decided(call, [body], body.get("status"))[0])


def change_many(call: Call) -> object:
    """Dismiss several anomalies or open them again; all or none."""
    body = call.json()
    entries: object = body.get("anomalies")
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in cast("Any", entries)):
        raise wrong("anomalies must be a list of objects")
    changed = _decided(call, cast("list[Json]", entries), body.get("status"))
    return ok({"updated": len(changed)})


def _decided(call: Call, entries: Sequence[Json], status: object) -> list[Json]:
    word = one_of(STATUSES, status, "status")
    known = {row["id"]: row for row in _anomalies(call)}
    for entry in entries:
        kind = one_of(CLASSES, entry.get("anomalyClass"), "anomalyClass")
        found = known.get(entry.get("id"))
        if found is None or found["anomalyClass"] != kind:
            raise missing(f"Anomaly {entry.get('id')} of class {kind} not found")
    return [_decisions(call).put({"id": entry["id"], "status": word}) for entry in entries]


def _anomalies(call: Call) -> list[Json]:
    last = today(call.now, call.project.timezone) - timedelta(days=1)
    statuses = {row["id"]: row["status"] for row in _decisions(call).all()}
    rows = [
        row
        for event, counts in sorted(_daily(call, last).items())
        for row in _of_event(call, event, counts, last)
    ]
    told = [{**row, "status": statuses.get(row["id"], "open")} for row in rows]
    return sorted(told, key=lambda row: row["timestamp"], reverse=True)


def _daily(call: Call, last: date) -> dict[str, dict[date, int]]:
    zone = call.project.timezone
    span = {
        "zone": zone,
        "start": day_start(last - timedelta(days=2 * DAYS, weeks=WEEKS), zone),
        "end": day_start(last + timedelta(days=1), zone),
    }
    counts: dict[str, dict[date, int]] = {}
    for event, day, count in call.database.rows(DAILY, span):
        counts.setdefault(event, {})[day] = count
    return counts


def _of_event(call: Call, event: str, counts: Counts, last: date) -> Iterator[Json]:
    first = min(counts)
    for back in range(DAYS):
        day = last - timedelta(days=back)
        expected = _expected(counts, day, first)
        count = counts.get(day, 0)
        if expected is None or (excess := expected.excess(count)) is None:
            continue
        yield {
            "id": int.from_bytes(sha256(f"{event}/{day}".encode()).digest()[:6]),
            "timestamp": f"{day}T00:00:00",
            "actualCount": count,
            "predictedUpper": round(expected.upper),
            "predictedLower": round(expected.lower),
            "percentVariance": f"{excess:+.0%}",
            "project": call.project.id,
            "event": EVENTS.number(event),
            "eventName": event,
            "anomalyClass": "Event",
        }


def _expected(counts: Counts, day: date, first: date) -> Expected | None:
    """Return the range for a day, None where the series is too small or too young."""
    month = [counts.get(day - timedelta(days=back), 0) for back in range(1, DAYS + 1)]
    if sum(count >= LEAST_COUNT for count in month) * 2 < DAYS:
        return None
    days = [day - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    before = [counts.get(each, 0) for each in days if each >= first]
    if len(before) < FEWEST_WEEKS:
        return None
    middle = median(before)
    deviation = median(abs(each - middle) for each in before)
    reach = max(SPREAD * deviation, LEAST_SPREAD * middle)
    return Expected(max(middle - reach, 0), middle + reach)


def _decisions(call: Call) -> Entities:
    return Entities(call.database, "anomaly_decisions", "Anomaly")


PATH = "/api/app/{scope}/data-definitions/data-volume-anomalies/"
ENDPOINTS = (
    Endpoint("GET", PATH, listed),
    Endpoint("PATCH", PATH, change, writes=True),
    Endpoint("PATCH", f"{PATH}bulk/", change_many, writes=True),
)
