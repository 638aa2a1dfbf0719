"""Bookmarks of flows to a plan. They are flat: no sections, and an encoding of their own."""

from typing import cast, get_args

from .bookmarks import listed, mapping, read_range
from .calls import Context, Json
from .clauses import in_cohort, read_filters, read_groups, read_selection
from .custom_events import custom_event_number
from .database import Database
from .errors import not_emulated, one_of, wrong
from .plan import Anchor, Combinator, Count, Flow, FlowShape, Selection
from .predicates import Condition
from .segfilters import filter_entry
from .sessions import END, START
from .timeline import DAY, Range

SHAPES: tuple[FlowShape, ...] = get_args(FlowShape)
COUNTS: tuple[Count, ...] = get_args(Count)
SESSION_EVENTS = {"start": START, "end": END}
COMBINATORS: dict[object, Combinator] = {"and": "all", "or": "any"}
# Milliseconds and the most of each unit.
WINDOWS = {"day": (DAY, 366), "week": (7 * DAY, 52), "month": (30 * DAY, 12)}
DEFAULT_WINDOW = {"unit": "day", "value": 7}
DEFAULT_CARDINALITY, MOST_CARDINALITY = 3, 50
MOST_STEPS = 5
# What has a name here would change the numbers, so it is refused instead of being passed over.
LATER = {
    "data_group_id": "group analytics",
    "group_by": "the expansion of events by a property",
    "aggregate_by": "properties held constant in flows",
    "time_percentiles_enabled": "time percentiles of flows",
}


def read_flow(body: Json, context: Context) -> Flow:
    """Return the plan of a flows request; 400 for what is wrong or not emulated."""
    bookmark = mapping(body.get("bookmark"), "bookmark")
    for key, thing in LATER.items():
        if bookmark.get(key):
            raise not_emulated(thing)
    shape = one_of(SHAPES, body.get("query_type"), "query_type")
    count = one_of(COUNTS, bookmark.get("count_type", "unique"), "count_type")
    return Flow(
        anchors=_anchors(bookmark, context.database),
        range=_range(bookmark, context),
        count=count,
        window=_window(bookmark, count),
        cardinality=_number(
            bookmark, "cardinality_threshold", DEFAULT_CARDINALITY, 1, MOST_CARDINALITY
        ),
        collapsed=bool(bookmark.get("collapse_repeated")),
        hidden=_names(bookmark, "hidden_events"),
        excluded=_names(bookmark, "exclusions"),
        filters=_filters(bookmark, context.database),
        breakdowns=read_groups({"group": bookmark.get("segments")}, context.database),
        shape=shape,
    )


def _anchors(bookmark: Json, database: Database) -> tuple[Anchor, ...]:
    steps = listed(bookmark.get("steps"), "steps")
    anchors = tuple(_anchor(mapping(step, "step"), database) for step in steps)
    if not anchors:
        raise wrong("A flow needs at least one step.")
    if not any(anchor.forward or anchor.reverse for anchor in anchors):
        raise wrong("A flow needs events to show before or behind one of its steps.")
    return anchors


def _anchor(step: Json, database: Database) -> Anchor:
    if step.get("custom_event") or custom_event_number({"name": step.get("event")}) is not None:
        raise not_emulated("custom events")
    return Anchor(
        _selection(step, database),
        _number(step, "forward", 0, 0, MOST_STEPS),
        _number(step, "reverse", 0, 0, MOST_STEPS),
    )


def _selection(step: Json, database: Database) -> Selection:
    combinator = COMBINATORS.get(step.get("bool_op", "and"))
    if combinator is None:
        raise wrong(f"bool_op must be and or or, not {step['bool_op']!r}")
    segfilters = listed(step.get("property_filter_params_list") or [], "step filters")
    filters = [filter_entry(mapping(each, "step filter")) for each in segfilters]
    if (name := _session_event(step)) is not None:
        return Selection(name, read_filters(filters, database), combinator)
    behavior = {"name": step.get("event"), "filters": filters, "filtersDeterminer": combinator}
    return read_selection(behavior, database)


def _session_event(step: Json) -> str | None:
    name, end = step.get("event"), step.get("session_event")
    if end is None:
        return name if name in (START, END) else None
    if SESSION_EVENTS.get(end) != name:
        raise wrong(f"session_event {end!r} does not belong to the event {name!r}")
    return SESSION_EVENTS[end]


def _range(bookmark: Json, context: Context) -> Range:
    dates = mapping(bookmark.get("date_range"), "date_range")
    kind, first, last = dates.get("type"), dates.get("from_date"), dates.get("to_date", "$now")
    entry: Json = {"dateRangeType": kind, "unit": "day", "value": [first, last], "window": first}
    if kind != "between" and last != "$now":
        raise wrong(f"A date range {kind!r} must end with $now")
    if kind == "since":
        entry["value"] = first
    return read_range({"time": [entry]}, context)


def _window(bookmark: Json, count: Count) -> int | None:
    window = mapping(bookmark.get("conversion_window", DEFAULT_WINDOW), "conversion_window")
    unit, value = window.get("unit"), window.get("value")
    if unit == "session" and value == 1:
        return None
    if count == "session":
        raise wrong("Counting by session needs a conversion window of one session.")
    length, most = WINDOWS.get(str(unit), (0, 0))
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise wrong(f"The conversion window {value} {unit} is not valid.")
    return value * length


def _filters(bookmark: Json, database: Database) -> tuple[Condition, ...]:
    condition = mapping(bookmark.get("filter_by_event") or {}, "filter_by_event")
    if condition.get("operator", "and") != "and":
        raise not_emulated(f"filter_by_event with the operator {condition['operator']!r}")
    filters = read_filters(condition.get("children"), database)
    if not bookmark.get("filter_by_cohort"):
        return filters
    cohort = mapping(bookmark["filter_by_cohort"], "filter_by_cohort")
    return (*filters, in_cohort(cohort, negated=bool(cohort.get("negated"))))


def _names(bookmark: Json, name: str) -> tuple[str, ...]:
    names = listed(bookmark.get(name) or [], name)
    if not all(isinstance(each, str) for each in names):
        raise wrong(f"{name} must hold names of events")
    return tuple(cast("list[str]", names))


def _number(holder: Json, name: str, default: int, least: int, most: int) -> int:
    value = holder.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise wrong(f"{name} must be a number from {least} to {most}")
    return value
