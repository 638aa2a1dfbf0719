"""Bookmarks of funnel reports to a plan."""

from typing import cast, get_args

from .bookmarks import (
    display_options,
    listed,
    mapping,
    only,
    only_linear,
    read_limit,
    read_range,
    sections,
)
from .calls import Context, Json
from .clauses import read_filters, read_groups, read_selection
from .database import Database
from .errors import not_emulated, one_of, wrong
from .measures import PERCENTILES
from .plan import Count, Exclusion, Funnel, Measure, Reentry, Step
from .properties import Property
from .property_entries import read_property
from .timeline import UNIT_MS
from .windows import SessionWindow, TimeWindow, Window

WINDOWS = {"second": 1000, "minute": 60_000, **UNIT_MS}
COUNTS: dict[str, Count] = {
    "conversion_rate_unique": "unique",
    "unique": "unique",
    "conversion_rate": "unique",
    "conversion_rate_total": "total",
    "total": "total",
    "general": "total",
    "conversion_rate_session": "session",
    "session": "session",
}
MEASURED = ("total", "average", "min", "max", *PERCENTILES)
ORDERS = {"loose": False, "any": True}
REENTRIES: tuple[Reentry, ...] = get_args(Reentry)
CHARTS = ("funnel-steps", "line", "table")
MOST_STEPS = 60
MOST_HELD = 3


def read_funnel(body: Json, context: Context) -> Funnel:
    """Return the plan of a funnel request; 400 for what is wrong or not emulated."""
    bookmark = mapping(body.get("bookmark"), "bookmark")
    section = sections(bookmark)
    clause = mapping(only(listed(section.get("show"), "show"), "show"), "show")
    behavior = mapping(clause.get("behavior"), "behavior")
    _check(behavior)
    only_linear(bookmark)
    chart = display_options(bookmark).get("chartType", "funnel-steps")
    if chart not in CHARTS:
        raise not_emulated(f"the chart type {chart!r}")
    steps, window = _steps(behavior, context.database), _window(behavior)
    measure = _measure(mapping(clause.get("measurement") or {}, "measurement"), context.database)
    # A property is measured over all attempts.
    count: Count = "total" if measure.property else COUNTS[measure.math]
    if count == "session" and not isinstance(window, SessionWindow):
        raise wrong("Counting by session needs a conversion window of sessions.")
    return Funnel(
        steps=steps,
        window=window,
        range=read_range(section, context),
        count=count,
        reentry=_reentry(behavior, count),
        measure=measure if measure.property else None,
        filters=read_filters(section.get("filter"), context.database),
        breakdowns=read_groups(section, context.database),
        exclusions=_exclusions(behavior, len(steps), context.database),
        constant=_constant(behavior, context.database),
        trends=chart == "line",
        limit=read_limit(body),
    )


def _check(behavior: Json) -> None:
    if behavior.get("filter"):
        raise not_emulated("filters of a whole funnel behavior")


def _steps(behavior: Json, database: Database) -> tuple[Step, ...]:
    entries = [mapping(step, "step") for step in listed(behavior.get("behaviors"), "behaviors")]
    if not 2 <= len(entries) <= MOST_STEPS:
        raise wrong(f"A funnel needs 2 to {MOST_STEPS} steps.")
    selections = [read_selection(entry, database) for entry in entries]
    return tuple(
        Step(str(entry.get("renamed") or selection.event), selection, _free(entry, behavior))
        for entry, selection in zip(entries, selections, strict=True)
    )


def _free(entry: Json, behavior: Json) -> bool:
    order = entry.get("funnelOrder") or behavior.get("funnelOrder") or "loose"
    return ORDERS[one_of(ORDERS, order, "funnelOrder")]


def _window(behavior: Json) -> Window:
    count = behavior.get("conversionWindowDuration", 14)
    unit = str(behavior.get("conversionWindowUnit", "day"))
    if unit not in (*WINDOWS, "session") or not isinstance(count, int) or count < 1:
        raise wrong(f"The conversion window {count} {unit} is not valid.")
    return SessionWindow(count) if unit == "session" else TimeWindow(count * WINDOWS[unit])


def _measure(measurement: Json, database: Database) -> Measure:
    math = str(measurement.get("math", "conversion_rate_unique"))
    if math == "histogram":
        raise not_emulated("histograms of funnels")
    if math not in (*COUNTS, *MEASURED):
        raise wrong(f"Unknown funnel math {math!r}")
    if not measurement.get("property"):
        if math not in COUNTS:
            raise wrong(f"The funnel math {math!r} needs a property.")
        return Measure(math)
    if math not in MEASURED:
        raise wrong(f"The funnel math {math!r} takes no property.")
    entry = mapping(measurement["property"], "measurement.property")
    return Measure(math, read_property(entry, entry.get("name"), database))


def _reentry(behavior: Json, count: Count) -> Reentry:
    mode = one_of(REENTRIES, behavior.get("funnelReentryMode") or "default", "funnelReentryMode")
    if mode != "default" and count == "session":
        raise not_emulated(f"the re-entry mode {mode!r} together with counting by session")
    if mode == "optimized" and count != "unique":
        raise not_emulated("the re-entry mode 'optimized' together with counting all attempts")
    return mode


def _exclusions(behavior: Json, steps: int, database: Database) -> tuple[Exclusion, ...]:
    entries = listed(behavior.get("exclusions") or [], "exclusions")
    return tuple(_exclusion(mapping(entry, "exclusion"), steps, database) for entry in entries)


def _exclusion(entry: Json, steps: int, database: Database) -> Exclusion:
    stretch = mapping(entry.get("steps") or {}, "exclusion.steps")
    after, before = stretch.get("from", 1), stretch.get("to", steps)
    places = isinstance(after, int) and isinstance(before, int)
    if not places or not 1 <= after < before <= steps:
        raise wrong("An exclusion needs an event and two steps in order.")
    return Exclusion(read_selection({"name": entry.get("event")}, database), after, before)


def _constant(behavior: Json, database: Database) -> tuple[Property, ...]:
    entries = listed(behavior.get("aggregateBy") or [], "aggregateBy")
    if len(entries) > MOST_HELD:
        raise wrong(f"At most {MOST_HELD} properties can be held constant.")
    return tuple(
        read_property(cast("Json", entry), mapping(entry, "aggregateBy").get("value"), database)
        for entry in entries
    )
