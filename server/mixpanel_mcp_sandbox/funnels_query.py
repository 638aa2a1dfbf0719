"""Bookmarks of funnel reports to a plan."""

from typing import cast

from .bookmarks import (
    display_options,
    listed,
    mapping,
    only,
    only_linear,
    read_limit,
    read_property,
    read_range,
    sections,
)
from .calls import Context, Json
from .clauses import read_filters, read_groups, read_selection
from .database import Database
from .errors import not_emulated, wrong
from .plan import Exclusion, Funnel, Step
from .properties import Property

WINDOWS = {
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 7 * 86_400_000,
    "month": 30 * 86_400_000,
}
UNIQUE = {
    "conversion_rate_unique": True,
    "unique": True,
    "conversion_rate": True,
    "conversion_rate_total": False,
    "total": False,
    "general": False,
}
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
    steps = _steps(behavior, context.database)
    return Funnel(
        steps=steps,
        window=_window(behavior),
        range=read_range(section, context),
        unique=_unique(mapping(clause.get("measurement") or {}, "measurement")),
        filters=read_filters(section.get("filter"), context.database),
        breakdowns=read_groups(section, context.database),
        exclusions=_exclusions(behavior, len(steps), context.database),
        constant=_constant(behavior),
        trends=chart == "line",
        limit=read_limit(body),
    )


def _check(behavior: Json) -> None:
    if behavior.get("id") is not None:
        raise not_emulated("saved funnels")
    steps = [mapping(step, "step") for step in listed(behavior.get("behaviors"), "behaviors")]
    if "any" in [behavior.get("funnelOrder"), *(step.get("funnelOrder") for step in steps)]:
        raise not_emulated("funnels in any order")
    if behavior.get("filter"):
        raise not_emulated("filters of a whole funnel behavior")
    if behavior.get("funnelReentryMode") not in (None, "default"):
        raise not_emulated(f"the re-entry mode {behavior['funnelReentryMode']!r}")


def _steps(behavior: Json, database: Database) -> tuple[Step, ...]:
    entries = [mapping(step, "step") for step in behavior["behaviors"]]
    if not 2 <= len(entries) <= MOST_STEPS:
        raise wrong(f"A funnel needs 2 to {MOST_STEPS} steps.")
    selections = [read_selection(entry, database) for entry in entries]
    return tuple(
        Step(str(entry.get("renamed") or selection.event), selection)
        for entry, selection in zip(entries, selections, strict=True)
    )


def _window(behavior: Json) -> int:
    count = behavior.get("conversionWindowDuration", 14)
    unit = str(behavior.get("conversionWindowUnit", "day"))
    if unit == "session":
        raise not_emulated("conversion windows of sessions")
    if unit not in WINDOWS or not isinstance(count, int) or count < 1:
        raise wrong(f"The conversion window {count} {unit} is not valid.")
    return count * WINDOWS[unit]


def _unique(measurement: Json) -> bool:
    math = str(measurement.get("math", "conversion_rate_unique"))
    if measurement.get("property") or math not in UNIQUE:
        raise not_emulated(f"the funnel math {math!r}")
    return UNIQUE[math]


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


def _constant(behavior: Json) -> tuple[Property, ...]:
    entries = listed(behavior.get("aggregateBy") or [], "aggregateBy")
    if len(entries) > MOST_HELD:
        raise wrong(f"At most {MOST_HELD} properties can be held constant.")
    return tuple(
        read_property(cast("Json", entry), mapping(entry, "aggregateBy").get("value"))
        for entry in entries
    )
