"""`GET /api/query/funnels`: a saved funnel, once for each stretch of the days asked for."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from .attempts import Attempt
from .calls import Call, Endpoint, Json
from .errors import one_of
from .expressed import Expressed
from .expressions import Scope, condition, value
from .funnel_figures import figures
from .funnels import Query, by_segment, stretches
from .funnels_query import WINDOWS, read_funnel
from .funnels_sql import Statement
from .plan import Breakdown, Funnel
from .predicates import Clock
from .saved_definitions import with_saved_definitions
from .saved_reports import saved, saved_bookmark
from .scan import holdings
from .timeline import DAY, Range, Unit, checked, day_start, parse_day
from .windows import TimeWindow, Window

UNITS: tuple[Unit, ...] = ("day", "week", "month")
DEFAULT_LIMIT = 255
MOST_SEGMENTS = 10_000
MOST_DAYS = 90


def funnels(call: Call) -> object:
    """Return the steps of a saved funnel by the date of entry, by segment where `on` is given."""
    held = holdings(call)
    scope = held.scope()
    clock = Clock(call.now_ms, call.project.timezone)
    plan = _plan(call, scope)
    where = condition(call.query["where"], scope) if call.query.get("where") else "true"
    statement = Statement(plan, held, clock, where, frozenset(scope.properties))
    dates = _stretches(call, plan.range)
    found = Query(call, plan, clock, statement).by_entry(list(dates.values()))
    leaf = _steps if plan.breakdowns else _analysed
    data = {day: by_segment(plan, f, leaf) for day, f in zip(dates, found, strict=True)}
    return {
        "computed_at": call.now.isoformat(),
        "meta": {"dates": list(data)},
        "data": data,
    }


def funnel_list(call: Call) -> object:
    """Return number and name of every saved funnel."""
    reports = (report for report in saved(call).all() if report.get("type") == "funnels")
    return [{"funnel_id": report["id"], "name": report.get("name")} for report in reports]


def _plan(call: Call, scope: Scope) -> Funnel:
    saved_params = saved_bookmark(call, "funnels", "funnel_id")
    body = {"bookmark": with_saved_definitions(call.database, saved_params)}
    plan = read_funnel(body, call.context)
    first, last = parse_day(call.required("from_date")), parse_day(call.required("to_date"))
    unit = one_of(UNITS, call.query.get("unit") or "day", "unit")
    days = Range(first, last, unit, call.project.timezone)
    return replace(
        plan,
        range=checked(days),
        window=_window(call) or plan.window,
        count="unique",
        measure=None,
        breakdowns=_breakdowns(call, scope),
        trends=True,
        limit=call.number("limit", DEFAULT_LIMIT, MOST_SEGMENTS),
    )


def _window(call: Call) -> Window | None:
    if not call.query.get("length"):
        return None
    unit = one_of(WINDOWS, call.query.get("length_unit") or "day", "length_unit")
    most = MOST_DAYS * DAY // WINDOWS[unit]
    return TimeWindow(call.number("length", 1, most) * WINDOWS[unit])


def _breakdowns(call: Call, scope: Scope) -> tuple[Breakdown, ...]:
    if not call.query.get("on"):
        return ()
    term = value(call.query["on"], scope)
    known = term.present if term.kind == "any" else f"({term.sql}) is not null"
    return (Breakdown(Expressed(call.query["on"], value=term.sql, known=known), "string"),)


def _stretches(call: Call, days: Range) -> dict[str, tuple[int, int]]:
    """Return the ends of every bucket by its first day, of `interval` days where that is given."""
    if not call.query.get("interval"):
        firsts = [bucket.first.isoformat() for bucket in days.buckets()]
        return dict(zip(firsts, stretches(days), strict=True))
    step = call.number("interval", 1, MOST_DAYS)
    firsts = [days.first + timedelta(days=n) for n in range(0, days.days, step)]
    starts = [day_start(first, days.timezone) for first in firsts]
    ends = pairwise([*starts, days.end])
    return {first.isoformat(): pair for first, pair in zip(firsts, ends, strict=True)}


def _analysed(plan: Funnel, tries: list[Attempt]) -> Json:
    steps = _steps(plan, tries)
    # The first step has nothing to convert from.
    worst = min(range(1, len(steps)), key=lambda place: steps[place]["step_conv_ratio"])
    analysis = {
        "completion": steps[-1]["count"],
        "starting_amount": steps[0]["count"],
        "steps": len(steps),
        "worst": worst,
    }
    return {"steps": steps, "analysis": analysis}


def _steps(plan: Funnel, tries: list[Attempt]) -> list[Json]:
    columns = figures(plan, tries)
    for column in ("avg_time", "avg_time_from_start"):
        columns[column] = [None if n is None else round(n) for n in columns[column]]
    names = {
        "goal": [step.name for step in plan.steps],
        "event": [step.selection.event for step in plan.steps],
    }
    rows = zip(*(columns | names).values(), strict=True)
    return [dict(zip(columns | names, row, strict=True)) for row in rows]


ENDPOINTS = (
    Endpoint("GET", "/api/query/funnels", funnels),
    Endpoint("GET", "/api/query/funnels/list", funnel_list),
)
