"""The compared period of a report: the same bookmark over other days."""

from dataclasses import replace
from datetime import date, timedelta

from .bookmarks import display_options, mapping, read_range
from .calls import Context, Json
from .errors import wrong
from .timeline import Range, moved_back, parse_day

UNITS = ("day", "week", "month", "quarter", "year")


def compared(bookmark: Json, context: Context) -> Json | None:
    """Return the bookmark over the period to compare with, None when it compares nothing."""
    display = display_options(bookmark)
    if not display.get("timeComparison"):
        return None
    section = mapping(bookmark.get("sections"), "sections")
    comparison = mapping(display["timeComparison"], "timeComparison")
    days = _shifted(read_range(section, context), comparison)
    return bookmark | {"sections": section | {"time": [_between(days)]}}


def _shifted(days: Range, comparison: Json) -> Range:
    kind, value = comparison.get("type"), comparison.get("value")
    length = timedelta(days=days.days - 1)
    if kind == "relative":
        return replace(days, first=_back(days.first, value), last=_back(days.last, value))
    if kind == "absolute-start":
        first = parse_day(value)
        return replace(days, first=first, last=first + length)
    if kind == "absolute-end":
        last = parse_day(value)
        return replace(days, first=last - length, last=last)
    raise wrong(f"Unknown type of time comparison {kind!r}")


def _back(day: date, unit: object) -> date:
    if unit not in UNITS:
        raise wrong(f"A relative time comparison needs one of {', '.join(UNITS)}, not {unit!r}")
    return moved_back(day, unit)


def _between(days: Range) -> Json:
    ends = [days.first.isoformat(), days.last.isoformat()]
    return {"dateRangeType": "between", "unit": days.unit, "value": ends}
