"""Bookmarks of retention reports to a plan."""

from dataclasses import replace
from itertools import accumulate
from typing import get_args

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
from .plan import Alignment, Elapsed, Measure, Retention, Selection, Unbounded
from .property_entries import read_property
from .selections import ALL
from .timeline import Range

ANY = "$any_event"
CHARTS = ("retention-curve", "line", "table")
UNITS: tuple[Elapsed, ...] = get_args(Elapsed)
ALIGNMENTS: tuple[Alignment, ...] = get_args(Alignment)
MODES: tuple[Unbounded, ...] = get_args(Unbounded)
UNIT_DAYS: dict[Elapsed, int] = {"day": 1, "week": 7, "month": 30}
# Whether a math takes a property.
MATHS = {"retention_rate": (False,), "unique": (False,), "total": (False, True), "average": (True,)}
MOST_UNITS = 60
MOST_BRACKETS = 730


def read_retention(body: Json, context: Context) -> Retention:
    """Return the plan of a retention request; 400 for what is wrong or not emulated."""
    bookmark = mapping(body.get("bookmark"), "bookmark")
    section = sections(bookmark)
    clause = mapping(only(listed(section.get("show"), "show"), "show"), "show")
    behavior = mapping(clause.get("behavior"), "behavior")
    measurement = mapping(clause.get("measurement") or {}, "measurement")
    _check(bookmark, behavior)
    born, returned = _selections(behavior, context.database)
    days = read_range(section, context)
    one_of(UNITS, days.unit, "time.unit")
    unit: Elapsed = one_of(UNITS, behavior.get("retentionUnit") or "week", "retentionUnit")
    return Retention(
        name=f"{born.event} and then {returned.event}",
        born=_every(born),
        returned=_every(returned),
        range=days,
        unit=unit,
        alignment=one_of(
            ALIGNMENTS,
            behavior.get("retentionAlignmentType") or "birth",
            "retentionAlignmentType",
        ),
        ends=_ends(behavior, days, unit),
        unbounded=_unbounded(behavior, measurement),
        measure=_measure(measurement, context.database),
        filters=read_filters(section.get("filter"), context.database),
        breakdowns=read_groups(section, context.database),
        limit=read_limit(body),
    )


def _check(bookmark: Json, behavior: Json) -> None:
    only_linear(bookmark)
    chart = display_options(bookmark).get("chartType", "retention-curve")
    if chart not in CHARTS:
        raise not_emulated(f"the chart type {chart!r}")
    if behavior.get("filter"):
        raise not_emulated("filters of a whole retention behavior")


def _selections(behavior: Json, database: Database) -> tuple[Selection, Selection]:
    entries = listed(behavior.get("behaviors"), "behaviors")
    if len(entries) != 2:
        raise wrong("Retention needs two events: the first one and the one to return with.")
    born, returned = (read_selection(mapping(e, "behaviors"), database) for e in entries)
    return born, returned


def _every(selection: Selection) -> Selection:
    return replace(selection, event=ALL) if selection.event == ANY else selection


def _ends(behavior: Json, days: Range, unit: Elapsed) -> tuple[int, ...]:
    sizes = listed(behavior.get("retentionCustomBucketSizes") or [], "retentionCustomBucketSizes")
    if not sizes:
        units = -(-days.days // UNIT_DAYS[unit])
        return tuple(range(1, min(MOST_UNITS, units) + 2))
    if len(sizes) > MOST_BRACKETS or not all(_is_size(size) for size in sizes):
        raise wrong(
            "retentionCustomBucketSizes must hold whole numbers above 0, "
            f"at most {MOST_BRACKETS} of them."
        )
    return tuple(accumulate(sizes))


def _is_size(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and size > 0


def _unbounded(behavior: Json, measurement: Json) -> Unbounded:
    mode: Unbounded = one_of(
        MODES, behavior.get("retentionUnboundedMode") or "none", "retentionUnboundedMode"
    )
    if not measurement.get("retentionCumulative"):
        return mode
    if mode not in ("none", "carry_forward"):
        raise not_emulated(f"cumulative retention together with {mode!r}")
    return "carry_forward"


def _measure(measurement: Json, database: Database) -> Measure:
    math = one_of(MATHS, measurement.get("math") or "retention_rate", "math")
    owner = measurement.get("property")
    if bool(owner) not in MATHS[math]:
        raise wrong(f"The math {math!r} {'takes no' if owner else 'needs a'} property.")
    entry = mapping(owner, "measurement.property") if owner else None
    return Measure(math, read_property(entry, entry.get("name"), database) if entry else None)
