"""Times as files write them, as the numbers that Mixpanel takes. Pure."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.nearest import near_names
from mixpanel_mcp_core.problems import unfit

_MICROSECONDS_FROM = 10**14
_NANOSECONDS_FROM = 10**17


def wire_time(value: Any, zone: tzinfo) -> int:
    """Seconds since 1970, or milliseconds where the time has a fraction; ValueError for no time.

    Numbers, also as text, are seconds, milli-, micro- or nanoseconds by their size. Texts are ISO
    8601; without an offset they tell the time of `zone`.
    """
    if type(value) is int and abs(value) < MILLISECONDS_FROM:
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("no number and no text")
    if isinstance(value, str):
        text = value.strip()
        number = _number(text)
        if number is None:
            return _of_moment(datetime.fromisoformat(text), zone)
        value = number
    if isinstance(value, float) and not value.is_integer() and abs(value) < MILLISECONDS_FROM:
        return _of_milliseconds(round(value * 1000))
    value = round(value)
    if abs(value) >= _NANOSECONDS_FROM:
        return _of_milliseconds(value // 1_000_000)
    if abs(value) >= _MICROSECONDS_FROM:
        return _of_milliseconds(value // 1000)
    return _of_milliseconds(value) if abs(value) >= MILLISECONDS_FROM else value


def zone_named(name: str) -> ZoneInfo:
    """The zone that an argument names; InvalidInputError with the nearest names for none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = near_names(name, sorted(available_timezones()))
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise unfit("time_zone", f"there is no time zone {name!r}.{hint}") from error


def _number(text: str) -> int | float | None:
    # Eight digits are a day without hyphens.
    if text.isdecimal() and len(text) != 8:
        return int(text)
    try:
        return float(text) if not text.isdecimal() else None
    except ValueError:
        return None


def _of_moment(moment: datetime, zone: tzinfo) -> int:
    known = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return _of_milliseconds(round(known.timestamp() * 1000))


def _of_milliseconds(milliseconds: int) -> int:
    seconds, rest = divmod(milliseconds, 1000)
    return milliseconds if rest and milliseconds >= MILLISECONDS_FROM else seconds
