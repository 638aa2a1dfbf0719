"""The parts that all bookmarks share: sections, time, properties, and the shapes of values."""

from collections.abc import Sequence
from typing import Any, cast

from .calls import Context, Json, parse_json
from .errors import not_emulated, wrong
from .timeline import UNITS, Range, Unit, checked, last_days, parse_day, today

WINDOW_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
DEFAULT_LIMIT = 3000
# A logarithmic axis shows the same numbers.
LINEAR = ("linear", "logarithmic")
MOST_SEGMENTS = 50_000


def read_params(params: object) -> Json:
    """Return the bookmark of a saved report: an object, or the JSON text of one."""
    value = parse_json(params) if isinstance(params, str) else params
    return mapping(value or {}, "params")


def sections(bookmark: Json) -> Json:
    """Return the sections of a bookmark; 400 for what the sandbox cannot compute."""
    result = mapping(bookmark.get("sections"), "sections")
    if result.get("globalDataGroupId"):
        raise not_emulated("group analytics")
    return result


def only_linear(bookmark: Json) -> None:
    """Refuse a bookmark that asks for another analysis than the plain numbers."""
    analysis = display_options(bookmark).get("analysis") or LINEAR[0]
    if analysis not in LINEAR:
        raise not_emulated(f"the analysis {analysis!r} in this kind of report")


def display_options(bookmark: Json) -> Json:
    """Return the display options of a bookmark, empty without any."""
    return mapping(bookmark.get("displayOptions") or {}, "displayOptions")


def read_range(section: Json, context: Context) -> Range:
    """Return the range of `sections.time`."""
    entry = mapping(only(listed(section.get("time"), "time"), "time"), "time")
    unit = entry.get("unit", "day")
    if unit not in UNITS:
        raise wrong(f"Unknown time unit {unit!r}")
    return checked(_range(entry, unit, context))


def read_window(entry: object) -> int:
    """Return the number of days of a window that ends with a day."""
    window = mapping(entry, "window")
    count, step = window.get("value"), str(window.get("unit", "day"))
    if not isinstance(count, int) or not 1 <= count <= 4000:
        raise wrong("window.value must be a number from 1 to 4000")
    if step not in WINDOW_DAYS:
        raise not_emulated(f"a range of the last {count} {step}s")
    return count * WINDOW_DAYS[step]


def read_limit(body: Json) -> int:
    """Return the most segments that are wanted."""
    limit = mapping(body.get("queryLimits") or {}, "queryLimits").get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or not 1 <= limit <= MOST_SEGMENTS:
        raise wrong(f"queryLimits.limit must be a number from 1 to {MOST_SEGMENTS}")
    return limit


def mapping(value: object, name: str) -> Json:
    """Return an object; 400 for anything else."""
    if not isinstance(value, dict):
        raise wrong(f"{name} must be an object")
    return cast("Json", value)


def listed(value: object, name: str) -> list[Any]:
    """Return a list; 400 for anything else."""
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
        return last_days(read_window(entry.get("window")), context.now, unit, zone)
    raise wrong(f"Unknown dateRangeType {kind!r}")
