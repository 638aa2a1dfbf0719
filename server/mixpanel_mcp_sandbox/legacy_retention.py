"""`GET /api/query/retention`: cohorts of people by their first birth, from query parameters."""

from .calls import Call, Json
from .clauses import read_selection
from .counting import days_of
from .errors import not_emulated, one_of, wrong
from .expressed import stated
from .plan import Elapsed, Measure, Retention, Selection
from .retention import Report
from .retention_cohorts import Cohort
from .retention_query import MOST_BRACKETS, UNITS
from .scan import Holdings, holdings
from .selections import ALL

KINDS = ("birth", "compounded")
DEFAULT_COUNT = 1
MOST_DAYS = 90


def births(call: Call) -> Json:
    """Return how many people were born in each period and came back so many units later."""
    held = holdings(call)
    plan, days = _plan(call, held), _days(call)
    cohorts = Report(call, plan, held).computed()[0].get((), {})
    buckets = plan.range.buckets()
    empty = Cohort(0, [0] * len(plan.ends), [])
    return {
        periods[0].first.isoformat(): _together([cohorts.get(each.at, empty) for each in periods])
        for periods in (buckets[n : n + days] for n in range(0, len(buckets), days))
    }


def _plan(call: Call, held: Holdings) -> Retention:
    if call.query.get("on"):
        raise not_emulated("this retention by segments")
    born = read_selection({"name": call.required("born_event")}, call.database)
    event = call.query.get("event")
    returned = read_selection({"name": event}, call.database) if event else Selection(ALL)
    days = days_of(call, UNITS)
    unit: Elapsed = one_of(UNITS, days.unit, "unit")
    count = call.number("interval_count", DEFAULT_COUNT, MOST_BRACKETS - 1)
    step = _days(call)
    kind = one_of(KINDS, call.query.get("retention_type") or "birth", "retention_type")
    return Retention(
        name=born.event,
        born=_filtered(call, held, born, "born_where"),
        returned=_filtered(call, held, returned, "where"),
        range=days,
        unit=unit,
        alignment="birth",
        ends=tuple(range(step, (count + 1) * step + 1, step)),
        unbounded="carry_back" if call.query.get("unbounded_retention") == "true" else "none",
        measure=Measure("unique"),
        filters=(),
        breakdowns=(),
        limit=0,
        once=kind == "birth",
    )


def _days(call: Call) -> int:
    """Return of how many days a period is made where it is no unit of the calendar."""
    if not call.query.get("interval"):
        return 1
    if call.query.get("unit"):
        raise wrong("unit and interval both specified")
    days = call.number("interval", 1, MOST_DAYS)
    if days > 1 and call.query.get("retention_type") == "compounded":
        raise not_emulated("compounded retention by intervals")
    return days


def _filtered(call: Call, held: Holdings, selection: Selection, parameter: str) -> Selection:
    text = call.query.get(parameter)
    if not text:
        return selection
    return Selection("", (stated(text, held.scope()),), alternatives=(selection,))


def _together(cohorts: list[Cohort]) -> Json:
    """Return cohorts that have nobody in common as one."""
    counts = zip(*(cohort.counts for cohort in cohorts), strict=True)
    return {"first": sum(each.first for each in cohorts), "counts": list(map(sum, counts))}
