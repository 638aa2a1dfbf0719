"""The parts that all bookmarks share: time, filters, groups, selections."""

from collections.abc import Sequence
from typing import Any, cast

from .calls import Context, Json
from .errors import not_emulated, wrong
from .membership import Membership, read_cohort
from .plan import Breakdown, Buckets, CohortBreakdown, Selection, ValueKind
from .predicates import Filter
from .properties import Property, Source
from .timeline import UNITS, Range, Unit, checked, last_days, parse_day, today

SOURCES: dict[str, Source] = {
    "events": "events",
    "event": "events",
    "people": "people",
    "user": "people",
}
KINDS: dict[str, ValueKind] = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "datetime": "datetime",
    "list": "string",
    "object": "string",
}
COHORTS = "$cohorts"
WINDOW_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
DEFAULT_LIMIT = 3000
MOST_SEGMENTS = 50_000


def sections(bookmark: Json) -> Json:
    """Return the sections of a bookmark; 400 for what the sandbox cannot compute."""
    result = mapping(bookmark.get("sections"), "sections")
    if result.get("globalDataGroupId"):
        raise not_emulated("group analytics")
    display = mapping(bookmark.get("displayOptions") or {}, "displayOptions")
    if display.get("timeComparison"):
        raise not_emulated("time comparison")
    if display.get("analysis", "linear") != "linear":
        raise not_emulated(f"the analysis {display['analysis']!r}")
    return result


def read_range(section: Json, context: Context) -> Range:
    """Return the range of `sections.time`."""
    entry = mapping(only(listed(section.get("time"), "time"), "time"), "time")
    unit = entry.get("unit", "day")
    if unit not in UNITS:
        raise wrong(f"Unknown time unit {unit!r}")
    return checked(_range(entry, unit, context))


def read_filters(entries: object) -> tuple[Filter, ...]:
    """Return the conditions of a filter list."""
    return tuple(_filter(mapping(e, "filter")) for e in listed(entries or [], "filter"))


def read_groups(section: Json) -> tuple[Breakdown, ...]:
    """Return the breakdowns of `sections.group`."""
    return tuple(_group(mapping(e, "group")) for e in listed(section.get("group") or [], "group"))


def read_selection(behavior: Json) -> Selection:
    """Return the event and its filters of a metric or a step."""
    if behavior.get("type", "event") != "event":
        raise not_emulated(f"behaviors of type {behavior.get('type')!r}")
    name = behavior.get("name")
    if not isinstance(name, str) or not name:
        raise wrong("An event needs a name.")
    if name.startswith("$custom_event:"):
        raise not_emulated("custom events")
    if name in ("$session_start", "$session_end"):
        raise not_emulated("sessions")
    determiner = behavior.get("filtersDeterminer") or "all"
    if determiner not in ("all", "any"):
        raise wrong(f"filtersDeterminer must be all or any, not {determiner!r}")
    return Selection(name, read_filters(behavior.get("filters")), determiner)


def in_cohort(cohort: Json, *, negated: bool) -> Filter:
    """Return the condition that a person is in a cohort, or is not."""
    return Filter(Membership(COHORTS, cohort=read_cohort(cohort)), "false" if negated else "true")


def read_property(entry: Json, name: object) -> Property:
    """Return the property of a filter, group or measurement entry."""
    if entry.get("customPropertyId") is not None:
        raise not_emulated("saved custom properties")
    if custom := entry.get("customProperty"):
        return _borrowed_name(mapping(custom, "customProperty"))
    if not isinstance(name, str) or not name:
        raise wrong("A property needs a name.")
    source = SOURCES.get(str(entry.get("resourceType", "events")))
    if source is None:
        raise not_emulated(f"properties of {entry.get('resourceType')!r}")
    return Property(name, source)


def read_limit(body: Json) -> int:
    """Return the most segments that are wanted."""
    limit = mapping(body.get("queryLimits") or {}, "queryLimits").get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or not 1 <= limit <= MOST_SEGMENTS:
        raise wrong(f"queryLimits.limit must be a number from 1 to {MOST_SEGMENTS}")
    return limit


def mapping(value: object, name: str) -> Json:
    """Return an object of the bookmark; 400 for anything else."""
    if not isinstance(value, dict):
        raise wrong(f"{name} must be an object")
    return cast("Json", value)


def listed(value: object, name: str) -> list[Any]:
    """Return a list of the bookmark; 400 for anything else."""
    if not isinstance(value, list):
        raise wrong(f"{name} must be a list")
    return cast("list[Any]", value)


def only(values: Sequence[Any], name: str) -> Any:
    """Return the one entry of a list; 400 for none or several."""
    if len(values) != 1:
        raise wrong(f"{name} must hold exactly one entry")
    return values[0]


def _range(entry: Json, unit: Unit, context: Context) -> Range:
    zone = context.project.timezone
    kind, value = entry.get("dateRangeType"), entry.get("value")
    if kind == "between":
        ends = listed(value, "time.value")
        if len(ends) != 2:
            raise wrong("time.value must hold two dates")
        return Range(parse_day(ends[0]), parse_day(ends[1]), unit, zone)
    if kind == "since":
        return Range(parse_day(value), today(context.now, zone), unit, zone)
    if kind == "in the last":
        window = mapping(entry.get("window"), "time.window")
        return _last(window, unit, context)
    raise wrong(f"Unknown dateRangeType {kind!r}")


def _last(window: Json, unit: Unit, context: Context) -> Range:
    count = window.get("value")
    if not isinstance(count, int) or not 1 <= count <= 4000:
        raise wrong("time.window.value must be a number from 1 to 4000")
    zone, step = context.project.timezone, str(window.get("unit", "day"))
    if step not in WINDOW_DAYS:
        raise not_emulated(f"a range of the last {count} {step}s")
    return last_days(count * WINDOW_DAYS[step], context.now, unit, zone)


def _filter(entry: Json) -> Filter:
    if entry.get("value") == COHORTS:
        return _cohort_filter(entry)
    if entry.get("behavior") or entry.get("behaviorType"):
        raise not_emulated("frequency filters")
    if entry.get("listItemFilters") or entry.get("filterType") == "object":
        raise not_emulated("filters on lists of objects")
    return Filter(
        read_property(entry, entry.get("value") or entry.get("propertyName")),
        str(entry.get("filterOperator")),
        entry.get("filterValue"),
        entry.get("filterDateUnit"),
    )


def _cohort_filter(entry: Json) -> Filter:
    values = listed(entry.get("filterValue"), "filterValue")
    if len(values) != 1:
        raise not_emulated("filters on several cohorts at once")
    if entry.get("filterOperator") not in ("contains", "does not contain"):
        raise wrong("A cohort filter's operator must be contains or does not contain.")
    cohort = mapping(mapping(values[0], "filterValue").get("cohort"), "cohort")
    return in_cohort(cohort, negated=entry["filterOperator"] != "contains")


def _cohort_breakdown(values: list[Any]) -> CohortBreakdown:
    entries = [mapping(value, "cohort") for value in values]
    cohorts = {read_cohort(entry) for entry in entries}
    if len(cohorts) > 1:
        raise not_emulated("breakdowns by several cohorts at once")
    owner = Membership(str(entries[0].get("name") or ""), cohort=cohorts.pop())
    sides = [bool(entry.get("negated")) for entry in entries]
    return CohortBreakdown(owner, "boolean", inside=False in sides, outside=True in sides)


def _group(entry: Json) -> Breakdown:
    if entry.get("cohorts"):
        return _cohort_breakdown(listed(entry["cohorts"], "cohorts"))
    if entry.get("behavior"):
        raise not_emulated("frequency breakdowns")
    if entry.get("listItemGroup") or entry.get("joinPropertyType"):
        raise not_emulated("breakdowns of lists of objects")
    name = entry.get("propertyName") or entry.get("value")
    kind = KINDS.get(str(entry.get("propertyType") or "string"))
    if kind is None:
        raise wrong(f"Unknown propertyType {entry.get('propertyType')!r}")
    return Breakdown(read_property(entry, name), kind, _buckets(entry))


def _buckets(entry: Json) -> Buckets | None:
    bucket = entry.get("customBucket")
    if not bucket or mapping(bucket, "customBucket").get("disabled"):
        return None
    size, start, end = bucket.get("bucketSize"), bucket.get("min") or 0, bucket.get("max")
    numbers = [n for n in (size, start, end) if n is not None]
    if size is None or not all(isinstance(n, int | float) for n in numbers) or size <= 0:
        raise wrong("customBucket needs a positive bucketSize and numbers for min and max")
    return Buckets(size, start, end)


def _borrowed_name(custom: Json) -> Property:
    """Read a custom property whose formula only names one of its inputs."""
    inputs = mapping(custom.get("composedProperties") or {}, "composedProperties")
    formula = str(custom.get("displayFormula")).strip()
    if formula not in inputs:
        raise not_emulated("custom properties")
    return read_property(inputs[formula], inputs[formula].get("value"))
