"""The clauses of a bookmark that pick events: selections, filters and breakdowns."""

from dataclasses import replace
from typing import Any

from .bookmarks import listed, mapping, read_window
from .calls import Json
from .custom_events import custom_event, custom_event_number
from .database import Database
from .errors import not_emulated, wrong
from .frequencies import Frequency
from .membership import Membership, read_cohort
from .plan import Breakdown, Buckets, CohortBreakdown, Combinator, Selection, ValueKind
from .predicates import Condition, Filter, ItemFilter
from .properties import Property
from .property_entries import read_property
from .selections import session_ends

KINDS: dict[str, ValueKind] = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "datetime": "datetime",
    "list": "string",
    "object": "string",
}
COHORTS = "$cohorts"


def read_selection(
    behavior: Json, database: Database, inside: frozenset[int] = frozenset()
) -> Selection:
    """Return the events and their filters of a metric or a step.

    Args:
        behavior: of one event, of a custom event, or of a list of both.
        database: where custom events are found.
        inside: numbers of the custom events that are being read.
    """
    kind = behavior.get("type") or "event"
    if kind == "simple":
        return _union(behavior, database, inside)
    if kind not in ("event", "custom-event"):
        raise not_emulated(f"behaviors of type {kind!r}")
    if (number := custom_event_number(behavior)) is not None:
        return _custom_event(number, behavior, database, inside)
    name = behavior.get("name")
    if not isinstance(name, str) or not name:
        raise wrong("An event needs a name.")
    return Selection(name, *_filters_of(behavior, database))


def read_stored(behavior: Json, database: Database) -> Selection:
    """Return the same where the ends of sessions are not known; 400 when they are asked for."""
    selection = read_selection(behavior, database)
    if ends := session_ends(selection):
        raise not_emulated(f"{ends[0]} in this place")
    return selection


def read_filters(entries: object, database: Database) -> tuple[Condition, ...]:
    """Return the conditions of a filter list."""
    return tuple(_filter(mapping(e, "filter"), database) for e in listed(entries or [], "filter"))


def read_groups(section: Json, database: Database) -> tuple[Breakdown, ...]:
    """Return the breakdowns of `sections.group`."""
    entries = listed(section.get("group") or [], "group")
    return tuple(_group(mapping(entry, "group"), database) for entry in entries)


def in_cohort(cohort: Json, *, negated: bool) -> Filter:
    """Return the condition that a person is in a cohort, or is not."""
    return Filter(Membership(COHORTS, cohort=read_cohort(cohort)), "false" if negated else "true")


def _union(behavior: Json, database: Database, inside: frozenset[int]) -> Selection:
    entries = [mapping(e, "behavior") for e in listed(behavior.get("behaviors"), "behaviors")]
    if not entries:
        raise wrong("A list of events needs one at least.")
    selections = tuple(read_selection(entry, database, inside) for entry in entries)
    names = [str(e.get("renamed") or s.event) for e, s in zip(entries, selections, strict=True)]
    name = str(behavior.get("name") or " or ".join(names))
    return Selection(name, *_filters_of(behavior, database), selections)


def _custom_event(
    number: int, behavior: Json, database: Database, inside: frozenset[int]
) -> Selection:
    if number in inside:
        raise wrong(f"Custom event {number} refers to itself.")
    found = custom_event(number, database)
    within = inside | {number}
    selections = tuple(read_selection(a, database, within) for a in found["alternatives"])
    return Selection(str(found["name"]), *_filters_of(behavior, database), selections)


def _filters_of(behavior: Json, database: Database) -> tuple[tuple[Condition, ...], Combinator]:
    determiner = behavior.get("filtersDeterminer") or "all"
    if determiner not in ("all", "any"):
        raise wrong(f"filtersDeterminer must be all or any, not {determiner!r}")
    return read_filters(behavior.get("filters"), database), determiner


def _filter(entry: Json, database: Database) -> Condition:
    if entry.get("value") == COHORTS:
        return _cohort_filter(entry)
    if entry.get("listItemFilters") or entry.get("filterType") == "object":
        return _item_filter(entry, database)
    frequency = _frequency(entry, database)
    name = entry.get("value") or entry.get("propertyName")
    return Filter(
        frequency or read_property(entry, name, database),
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


def _item_filter(entry: Json, database: Database) -> ItemFilter:
    quantifier = entry.get("listQuantifier") or "any"
    inner = listed(entry.get("listItemFilters"), "listItemFilters")
    if quantifier not in ("any", "all") or not inner:
        raise wrong("A filter on a list needs listItemFilters and the quantifier any or all.")
    filters = tuple(_of_item(mapping(each, "filter"), database) for each in inner)
    return ItemFilter(
        read_property(entry, entry.get("value"), database), filters, quantifier == "all"
    )


def _of_item(entry: Json, database: Database) -> Filter:
    condition = _filter(entry, database)
    if type(condition.property) is not Property or not isinstance(condition, Filter):
        raise not_emulated("such filters on the items of a list")
    return replace(condition, property=Property(condition.property.name, "items"))


def _group(entry: Json, database: Database) -> Breakdown:
    if entry.get("cohorts"):
        return _cohort_breakdown(listed(entry["cohorts"], "cohorts"))
    if frequency := _frequency(entry, database):
        return Breakdown(frequency, "number", _buckets(entry))
    name = entry.get("propertyName") or entry.get("value")
    owner = read_property(entry, name, database)
    if entry.get("listItemGroup"):
        part = mapping(entry["listItemGroup"], "listItemGroup")
        item = Property(read_property(part, part.get("propertyName"), database).name, "items")
        return Breakdown(owner, _kind(part), item=item)
    return Breakdown(owner, _kind(entry), _buckets(entry))


def _cohort_breakdown(values: list[Any]) -> CohortBreakdown:
    entries = [mapping(value, "cohort") for value in values]
    cohorts = {read_cohort(entry) for entry in entries}
    if len(cohorts) > 1:
        raise not_emulated("breakdowns by several cohorts at once")
    owner = Membership(str(entries[0].get("name") or ""), cohort=cohorts.pop())
    sides = [bool(entry.get("negated")) for entry in entries]
    return CohortBreakdown(owner, "boolean", inside=False in sides, outside=True in sides)


def _kind(entry: Json) -> ValueKind:
    kind = KINDS.get(str(entry.get("propertyType") or "string"))
    if kind is None:
        raise wrong(f"Unknown propertyType {entry.get('propertyType')!r}")
    return kind


def _frequency(entry: Json, database: Database) -> Frequency | None:
    """Read what a filter or a group says of the number of a person's events, if it does."""
    if not entry.get("behavior"):
        return None
    behavior = mapping(entry["behavior"], "behavior")
    operator = behavior.get("aggregationOperator") or "total"
    if behavior.get("behaviorType") != "$frequency" or operator != "total":
        raise not_emulated("filters and breakdowns by what else a person did")
    event = mapping(behavior.get("event"), "behavior.event")
    combinator = "any" if behavior.get("filtersOperator") == "or" else "all"
    step = {"name": event.get("value"), "filters": behavior.get("filters")}
    selection = read_stored(step | {"filtersDeterminer": combinator}, database)
    name = str(entry.get("value") or f"{selection.event} Frequency")
    window = mapping(behavior.get("dateRange") or {}, "dateRange").get("window")
    return Frequency(name, selection=selection, last=read_window(window) if window else None)


def _buckets(entry: Json) -> Buckets | None:
    bucket = entry.get("customBucket")
    if not bucket or mapping(bucket, "customBucket").get("disabled"):
        return None
    size, start, end = bucket.get("bucketSize"), bucket.get("min") or 0, bucket.get("max")
    numbers = [n for n in (size, start, end) if n is not None]
    if size is None or not all(isinstance(n, int | float) for n in numbers) or size <= 0:
        raise wrong("customBucket needs a positive bucketSize and numbers for min and max")
    return Buckets(size, start, end)
