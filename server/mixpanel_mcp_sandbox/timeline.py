"""Days, buckets and ranges in the project's time zone."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from .errors import wrong

Unit = Literal["hour", "day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
HOUR = 3_600_000
DAY = 24 * HOUR
# What a length of time is where no calendar says it better.
UNIT_MS = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY}
MOST_HOURLY_DAYS = 31


@dataclass(frozen=True)
class Bucket:
    """One point of a series: its wire key and its days; `at` is what SQL gives back."""

    at: object
    key: str
    first: date
    last: date


@dataclass(frozen=True)
class Range:
    """Local days, both included, cut into buckets of `unit`."""

    first: date
    last: date
    unit: Unit
    timezone: str = "UTC"

    @property
    def start(self) -> int:
        """The first millisecond."""
        return day_start(self.first, self.timezone)

    @property
    def end(self) -> int:
        """The first millisecond after the range."""
        return day_start(self.last + timedelta(days=1), self.timezone)

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def reaching_back(self, count: int) -> "Range":
        """Return the range with `count` whole buckets more before it."""
        if not count:
            return self
        if self.unit == "hour":
            return replace(self, first=self.first - timedelta(days=-(-count // 24)))
        first = bucket_start(self.first, self.unit)
        for _ in range(count):
            first = bucket_start(first - timedelta(days=1), self.unit)
        return replace(self, first=first)

    def buckets(self) -> list[Bucket]:
        """Return every bucket that has a part in the range, in order."""
        if self.unit == "hour":
            return [_hour(at, self.timezone) for at in range(self.start, self.end, HOUR)]
        return [
            Bucket(day, iso(day, self.timezone), day, min(following - timedelta(days=1), self.last))
            for day, following in self._days()
        ]

    def bucket_ends(self) -> list[int]:
        """Return for every bucket the first millisecond after its part of the range."""
        if self.unit == "hour":
            return [at + HOUR for at in range(self.start, self.end, HOUR)]
        days = [bucket.last + timedelta(days=1) for bucket in self.buckets()]
        return [day_start(day, self.timezone) for day in days]

    def bucket_sql(self, time_sql: str) -> str:
        """Return the SQL that puts a time in milliseconds into `Bucket.at`."""
        if self.unit == "hour":
            return f"({self.start} + ({time_sql} - {self.start}) // {HOUR} * {HOUR})"
        day = day_sql(time_sql, self.timezone)
        return day if self.unit == "day" else f"date_trunc('{self.unit}', {day})::date"

    def _days(self) -> Iterator[tuple[date, date]]:
        day = bucket_start(self.first, self.unit)
        while day <= self.last:
            following = next_start(day, self.unit)
            yield day, following
            day = following


def parse_day(text: object) -> date:
    """Return the day of a `YYYY-MM-DD` text (a time behind it is ignored); 400 otherwise."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError as error:
        raise wrong(f"{text!r} is not a date of the form YYYY-MM-DD") from error


def today(now: datetime, timezone: str) -> date:
    """Return the local day of a moment."""
    return now.astimezone(ZoneInfo(timezone)).date()


def last_days(count: int, now: datetime, unit: Unit, timezone: str) -> Range:
    """Return the range of `count` local days that ends today."""
    end = today(now, timezone)
    return Range(end - timedelta(days=count - 1), end, unit, timezone)


def checked(days: Range) -> Range:
    """Return the range; 400 when it is reversed, too long for its unit or at the end of time."""
    if days.first.year == MINYEAR or days.last.year == MAXYEAR:
        raise wrong(f"Dates must lie in the years {MINYEAR + 1} to {MAXYEAR - 1}.")
    if days.last < days.first:
        raise wrong("The end of the date range lies before its start.")
    if days.unit == "hour" and days.days > MOST_HOURLY_DAYS:
        raise wrong(f"Hourly queries may span at most {MOST_HOURLY_DAYS} days.")
    return days


def day_start(day: date, timezone: str) -> int:
    """Return local midnight in milliseconds."""
    return int(datetime.combine(day, time(), ZoneInfo(timezone)).timestamp()) * 1000


def whole_days(start: int, end: int, timezone: str) -> tuple[int, int]:
    """Return the local midnights between which both milliseconds lie."""
    first, last = (today(datetime.fromtimestamp(at / 1000, UTC), timezone) for at in (start, end))
    return day_start(first, timezone), day_start(last + timedelta(days=1), timezone)


def written(at: int) -> str:
    """Return a moment in milliseconds as the App API writes it, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def day_sql(time_sql: str, timezone: str) -> str:
    """Return the SQL for the local date of a time in milliseconds."""
    moment = f"make_timestamp(({time_sql}) * 1000)"
    if timezone == "UTC":
        return f"{moment}::date"
    return f"(({moment} at time zone 'UTC') at time zone '{timezone}')::date"


def bucket_start(day: date, unit: Unit) -> date:
    """Return the first day of the bucket a day lies in."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "year":
        return day.replace(month=1, day=1)
    return day


def next_start(day: date, unit: Unit) -> date:
    """Return the first day of the bucket after the one that starts at `day`."""
    span = {"day": 1, "hour": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[unit]
    return bucket_start(day + timedelta(days=span), unit)


def moved_back(day: date, unit: Unit) -> date:
    """Return the day one unit before: for months and longer the same number, if there is one."""
    if unit in ("hour", "day", "week"):
        return day - timedelta(days=7 if unit == "week" else 1)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def iso(day: date, timezone: str) -> str:
    """Return local midnight as ISO text with offset."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).isoformat()


def _hour(at: int, timezone: str) -> Bucket:
    moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(timezone))
    return Bucket(at, moment.isoformat(), moment.date(), moment.date())
