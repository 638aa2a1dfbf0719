"""Insights by the letter of the rules: slow, over plain lists, sharing nothing with the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from insights_asked import Asked

REACH = {"dau": 1, "wau": 7, "mau": 30}
SHARES = {"median": "0.5", "p25": "0.25", "p75": "0.75", "p90": "0.9", "p99": "0.99"}


@dataclass(frozen=True)
class Event:
    """An event; nobody's when `person` is empty. `os` is a list of texts, or not set."""

    person: str
    name: str
    time: datetime
    os: list[str] | None = None
    amount: object = None


@dataclass(frozen=True)
class Reference:
    """The answer to a question over events.

    Understands a filter on `os` in `where` and a breakdown by it, and `amount` as what is measured.
    """

    asked: Asked
    events: list[Event]
    zone: ZoneInfo

    def node(self) -> dict[str, Any]:
        """What stands under the metric's name."""
        if not self.asked.groups:
            return self._line(self._matching())
        seen = [event for event in self._matching() if self._counts(event)]
        names = sorted({name for event in seen for name in segments(event)})
        lines = {
            name: self._line([e for e in self._matching() if name in segments(e)]) for name in names
        }
        return {"$overall": self._line(self._matching()), **lines}

    def _matching(self) -> list[Event]:
        wanted = [value for condition in self.asked.where for value in condition["filterValue"]]
        return [
            event
            for event in self.events
            if event.name == self.asked.event
            and (not wanted or any(value in wanted for value in event.os or []))
            and self._from() - timedelta(self._before()) <= self._day(event) <= self._to()
        ]

    def _counts(self, event: Event) -> bool:
        """Whether an event is in the range, or in the days that a number of it looks back on.

        Where values are told apart, or make one number for each person, events without a value
        do not count.
        """
        if self.asked.per_user and (not event.person or self._own(event) is None):
            return False
        if self.asked.math == "unique_values" and text(event) is None:
            return False
        ends = [self._clipped(each)[1] for each in self._buckets(self._from(), self._to())]
        reach = timedelta(days=REACH.get(self.asked.math, 0))
        day = self._day(event)
        return self._from() <= day <= self._to() or any(end - reach < day <= end for end in ends)

    def _line(self, events: list[Event]) -> dict[str, Any]:
        if self.asked.in_total:
            return {"all": self._value(events, self._from(), self._to())}
        buckets = self._buckets(self._from(), self._to())
        points = [self._value(events, *self._clipped(bucket)) for bucket in buckets]
        if self.asked.cumulative:
            points = [sum(points[: k + 1]) for k in range(len(points))]
        if self.asked.rolling:
            points = self._rolled(events, buckets[0], points)
        return dict(zip(map(self._key, buckets), points, strict=True))

    def _rolled(self, events: list[Event], first: date, points: list[float]) -> list[float]:
        """The mean of each point and those before it, reaching back before the range."""
        width, earlier, bucket = self.asked.rolling, list[float](), first
        for _ in range(width - 1):
            end = bucket - timedelta(days=1)
            bucket = start(end, self.asked.unit)
            earlier.insert(0, self._value(events, bucket, end))
        whole = earlier + points
        return [sum(whole[k : k + width]) / width for k in range(len(points))]

    def _value(self, events: list[Event], first: date, last: date) -> float:
        """The number of the days from `first` to `last`, both included."""
        math = self.asked.math
        if math == "cumulative_unique":
            first = self._from()
        if math in REACH:
            first = last - timedelta(days=REACH[math] - 1)
        inside = [event for event in events if first <= self._day(event) <= last]
        if self.asked.per_user is not None:
            return self._per_user(inside)
        if math == "total":
            numbers = [numeric(event) for event in inside]
            return sum(n for n in numbers if n is not None) if self.asked.measured else len(inside)
        if math == "unique_values":
            return len({text(event) for event in inside} - {None})
        if math in MEASURES or math in SHARES:
            return measure(math, [n for event in inside if (n := numeric(event)) is not None])
        return len({event.person for event in inside} - {""})

    def _per_user(self, inside: list[Event]) -> float:
        """The math over one number for each person that has any."""
        people = {event.person for event in inside} - {""}
        numbers: list[float] = []
        for person in people:
            own = [v for e in inside if e.person == person and (v := self._own(e)) is not None]
            if own:
                numbers.append(measure(str(self.asked.per_user), own))
        return measure(self.asked.math, numbers)

    def _own(self, event: Event) -> Any:
        """What an event adds to its person's number: distinct values may be texts too."""
        return text(event) if self.asked.per_user == "unique_values" else numeric(event)

    def _before(self) -> int:
        """How many days before the range may matter."""
        return REACH.get(self.asked.math, 0) + 31 * max(0, self.asked.rolling)

    def _buckets(self, first: date, last: date) -> list[date]:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return sorted({start(day, self.asked.unit) for day in days})

    def _clipped(self, bucket: date) -> tuple[date, date]:
        """The first and the last day of a bucket that lie in the range."""
        last = bucket
        while start(last + timedelta(days=1), self.asked.unit) == bucket:
            last += timedelta(days=1)
        return max(bucket, self._from()), min(last, self._to())

    def _key(self, bucket: date) -> str:
        return datetime.combine(bucket, time(), self.zone).isoformat()

    def _day(self, event: Event) -> date:
        return event.time.astimezone(self.zone).date()

    def _from(self) -> date:
        return date.fromisoformat(self.asked.first)

    def _to(self) -> date:
        return date.fromisoformat(self.asked.last)


def start(day: date, unit: str) -> date:
    """The first day of the week or month that a day lies in, or the day."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def segments(event: Event) -> set[str]:
    """The names that an event counts under."""
    return set(event.os or []) or {"undefined"}


def numeric(event: Event) -> float | None:
    """What an event measures, if that is a number."""
    value = event.amount
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def text(event: Event) -> str | None:
    """What an event measures, as text."""
    value = event.amount
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def measure(math: str, numbers: list[Any]) -> float:
    """One number for many; 0 for none."""
    if not numbers:
        return 0
    if math in SHARES:
        return interpolated(sorted(numbers), Fraction(SHARES[math]))
    return MEASURES[math](numbers)


def interpolated(ordered: list[float], share: Fraction) -> float:
    """The number at a share of the way from the first to the last, between neighbours."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


MEASURES: Mapping[str, Callable[[list[Any]], float]] = {
    "total": sum,
    "average": lambda numbers: sum(numbers) / len(numbers),
    "min": min,
    "max": max,
    "unique_values": lambda numbers: len(set(numbers)),
}
