"""The dates of a chart: how they stand at its axis, and which of them are not whole."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

_DAY = timedelta(days=1)
_UNITS = (
    ("hour", timedelta(hours=1), timedelta(hours=1)),
    ("day", _DAY, _DAY),
    ("week", 7 * _DAY, 7 * _DAY),
    ("month", 28 * _DAY, 31 * _DAY),
    ("quarter", 90 * _DAY, 92 * _DAY),
)
_STEPS = {"hour": (1, 2, 3, 6, 12, 24, 48, 72, 168), "day": (1, 2, 3, 7, 14, 28, 56, 91, 182, 364)}
_OTHER_STEPS = (1, 2, 3, 6, 12, 24, 52)
_LENGTHS = {name: longest for name, _, longest in _UNITS}


class Days(NamedTuple):
    """The days that a chart is about, and when its numbers were counted; "" where unknown.

    Until `window` has gone by, what began on a day may still be finished.
    """

    from_date: str = ""
    to_date: str = ""
    computed_at: str = ""
    window: timedelta = timedelta()

    def told(self) -> str:
        """The days in words."""
        known = self.from_date and self.to_date
        return f"{self.from_date[:10]} to {self.to_date[:10]}" if known else ""


UNKNOWN = Days()


def day(text: str) -> str:
    """A date of the wire without its midnight and zone."""
    return text[:10] if text[10:19] in ("", "T00:00:00") else text[:16].replace("T", " ")


def unit_of(dates: Sequence[str]) -> str:
    """What lies between the dates, e.g. week; "" where that cannot be told."""
    # What clocks showed: with their zones one day has 23 hours, and without them one hour none.
    shown = sorted({moment.replace(tzinfo=None) for moment in _moments(dates)})
    gap = min((after - before for before, after in pairwise(shown)), default=None)
    if gap is None:
        return ""
    return next((name for name, least, most in _UNITS if least <= gap <= most), "")


def steps_of(dates: Sequence[str]) -> list[int]:
    """At which distances the dates can be labelled so that one can reckon with them."""
    return list(_STEPS.get(unit_of(dates), _OTHER_STEPS))


def labels(dates: Sequence[str]) -> list[str]:
    """Each date as short as the others let it be."""
    moments = _moments(dates)
    if len(moments) < len(dates):
        return list(dates)
    several = len({moment.year for moment in moments}) > 1
    form = _form(unit_of(dates), several, any(moment.hour for moment in moments))
    return [form.format(moment, moment.day) for moment in moments]


def _form(unit: str, several_years: bool, hours: bool) -> str:
    if unit in ("month", "quarter"):
        return "{0:%b %Y}"
    if hours or unit == "hour":
        return "{0:%b} {1} {0:%H:%M}"
    return "{0:%b} {1}, {0:%Y}" if several_years else "{0:%b} {1}"


def begun(dates: Sequence[str], days: Days) -> list[str]:
    """The dates without those that were still to come when the numbers were counted."""
    counted = _moment(days.computed_at)
    return [date for date in dates if counted is None or not _after(_moment(date), counted)]


def cut(dates: Sequence[str], days: Days) -> list[int]:
    """The places of the dates that the days of the chart cut, or that were not over."""
    unit, moments = unit_of(dates), _moments(dates)
    if days == UNKNOWN or not unit or len(moments) < len(dates):
        return []
    ends = [*moments[1:], _next(moments[-1], unit)]
    first, last = _moment(days.from_date), _moment(days.to_date)
    counted = _moment(days.computed_at)
    return [
        place
        for place, (begin, end) in enumerate(zip(moments, ends, strict=True))
        if (first and _after(first, begin))
        or (last and _after(end, last.replace(hour=0, minute=0, second=0) + _DAY))
        or (counted and _after(end, counted - days.window))
    ]


def still_running(born: str, cells: Sequence[object], units: tuple[str, str], days: Days) -> int:
    """How many of a cohort's last cells are not over for all of it, by when it was counted.

    `units` are how long the cohort was born, and how long a cell is.
    """
    begin, counted = _moment(born), _moment(days.computed_at)
    first, each = (_LENGTHS.get(unit) for unit in units)
    if not (begin and counted and first and each):
        return 0
    known = [place for place, cell in enumerate(cells) if cell is not None]
    return sum(_after(begin + first + (place + 1) * each, counted) for place in known)


def _next(moment: datetime, unit: str) -> datetime:
    after = moment + _LENGTHS[unit]
    return after.replace(day=1) if unit in ("month", "quarter") and moment.day == 1 else after


def _after(one: datetime | None, other: datetime) -> bool:
    """Whether a moment is later than another; without a zone in both, by what clocks showed."""
    if one is None:
        return False
    if one.tzinfo is None or other.tzinfo is None:
        return one.replace(tzinfo=None) > other.replace(tzinfo=None)
    return one > other


def _moments(dates: Sequence[str]) -> list[datetime]:
    return [moment for moment in map(_moment, dates) if moment is not None]


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
