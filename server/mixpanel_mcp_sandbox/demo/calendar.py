"""The demo's calendar: eighteen weeks, of which the last one is the week of "now"."""

from datetime import UTC, date, datetime, timedelta

WEEKS_BEFORE = 17


def week(now: datetime) -> date:
    """Give the Monday of now's week in UTC.

    Raises:
        ValueError: now has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    today = now.astimezone(UTC).date()
    return today - timedelta(days=today.weekday())


def epoch(now: datetime) -> datetime:
    """Give the midnight UTC at which the demo's day 0 begins."""
    return datetime.combine(
        week(now) - timedelta(weeks=WEEKS_BEFORE), datetime.min.time(), tzinfo=UTC
    )


def at(now: datetime, day: int, hour: int = 0) -> datetime:
    """Give the instant of a day (0-125) and hour of the demo."""
    return epoch(now) + timedelta(days=day, hours=hour)


def instant(now: datetime, day: int) -> str:
    """Give nine in the morning of a day of the demo, as the App API writes it."""
    return at(now, day, hour=9).strftime("%Y-%m-%dT%H:%M:%S")
