"""`/api/query/retention/addiction`: in how many hours or days of a period people were active."""

from calendar import monthrange
from collections import defaultdict
from itertools import accumulate
from typing import cast

from .calls import Call, Endpoint
from .clauses import read_selection
from .counting import Matching, matching
from .errors import not_emulated, one_of
from .plan import Selection
from .selections import ALL
from .timeline import Bucket, Unit, day_sql

UNITS: tuple[Unit, ...] = ("day", "week", "month")
SLOTS = {"hour": 24, "day": 1}


def addiction(call: Call) -> object:
    """Return for every period how many people were active in at least 1, 2, ... slots of it."""
    slot = one_of(SLOTS, call.query.get("addiction_unit") or "hour", "addiction_unit")
    if call.query.get("on"):
        raise not_emulated("a frequency by segments")
    event = call.query.get("event")
    chosen = read_selection({"name": event}, call.database) if event else Selection(ALL)
    found = matching(call, chosen, UNITS)
    people = _people(found, slot)
    dates = found.dates()
    return {
        "data": {
            dates[bucket.at]: _at_least(people[bucket.at], _days(bucket, found) * SLOTS[slot])
            for bucket in found.days.buckets()
        }
    }


def _people(found: Matching, slot: str) -> dict[object, dict[int, int]]:
    """Return by period and number of active slots how many people have that number."""
    days = found.days
    hour = f"(e.t - {days.start}) // 3600000"
    place = hour if slot == "hour" else day_sql("e.t", days.timezone)
    rows = found.call.database.rows(
        "select bucket, active, count(*) from ("
        f"select {days.bucket_sql('e.t')} as bucket, e.uid as person, "
        f"count(distinct {place}) as active from {found.source} and e.uid <> 0 "
        "group by bucket, person) group by bucket, active"
    )
    people: dict[object, dict[int, int]] = defaultdict(dict)
    for bucket, active, number in rows:
        people[bucket][active] = number
    return people


def _at_least(people: dict[int, int], slots: int) -> list[int]:
    # The day on which clocks are put back has an hour more than the list has places.
    exact = [people.get(active, 0) for active in range(1, slots)]
    exact.append(sum(number for active, number in people.items() if active >= slots))
    return list(accumulate(reversed(exact)))[::-1]


def _days(bucket: Bucket, found: Matching) -> int:
    if found.days.unit == "month":
        return monthrange(bucket.first.year, bucket.first.month)[1]
    return {"day": 1, "week": 7}[cast("str", found.days.unit)]


ENDPOINTS = (Endpoint("GET", "/api/query/retention/addiction", addiction),)
