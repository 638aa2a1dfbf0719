"""Retention by the letter of the rules: slow, over plain lists, sharing nothing with the engine."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from retention_asked import Asked

UNIT = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Event:
    """An event, the `place`-th to arrive; `os` is a list of texts, None where it is not set."""

    place: int
    person: str
    name: str
    time: datetime
    os: list[str] | None = None
    amount: float | None = None


@dataclass(frozen=True)
class Reference:
    """The answer to a question over events.

    Understands a filter on `os` in `where` and a breakdown by it, and `amount` as what is measured.
    """

    asked: Asked
    events: list[Event]
    now: datetime
    zone: ZoneInfo

    def node(self) -> dict[str, Any]:
        """Return what stands under the metric's name."""
        born = [e for e in self.events if self._is_born(e)]
        if not self.asked.groups:
            return self._cohorts(born)
        names = sorted({name for e in born for name in segments(e)})
        shown = {name: self._cohorts([e for e in born if name in segments(e)]) for name in names}
        return {"$overall": self._cohorts(born), **shown}

    def _is_born(self, event: Event) -> bool:
        wanted = [value for condition in self.asked.where for value in condition["filterValue"]]
        passes = not wanted or any(value in wanted for value in event.os or [])
        return event.name == self.asked.born and passes and self._day(event) in self._days()

    def _is_return(self, event: Event) -> bool:
        return self.asked.returned in ("$any_event", event.name) and event.time <= self.now

    def _cohorts(self, born: list[Event]) -> dict[str, Any]:
        buckets = sorted({start(day, self.asked.unit) for day in self._days()})
        births = {bucket: self._births(born, bucket) for bucket in buckets}
        cohorts = {self._key(bucket): self._cohort(births[bucket]) for bucket in buckets}
        return {**cohorts, "$average": self._average(births)}

    def _births(self, born: list[Event], bucket: date) -> list[Event]:
        """The first born event of everybody in the bucket."""
        inside = [e for e in born if start(self._day(e), self.asked.unit) == bucket]
        people = {e.person for e in inside}
        return [
            min((e for e in inside if e.person == person), key=self._order) for person in people
        ]

    def _cohort(self, births: list[Event]) -> dict[str, Any]:
        first = len(births)
        counts = [sum(self._counts(birth, k) for birth in births) for k in self._brackets()]
        rates = [count / first if first else 0 for count in counts]
        cohort = {"first": first, "counts": counts, "rates": rates}
        if self.asked.math == "total":
            cohort["values"] = [self._measured(births, k) for k in self._brackets()]
        if self.asked.math == "average":
            sums = [self._measured(births, k) for k in self._brackets()]
            cohort["values"] = [total / first if first else 0 for total in sums]
        return cohort

    def _measured(self, births: list[Event], k: int) -> float:
        low, high = self._bounds()[k]
        returns = [e for b in births for e in self._returns(b) if low <= self._offset(b, e) < high]
        return sum(e.amount or 0 for e in returns) if self.asked.measured else len(returns)

    def _counts(self, birth: Event, k: int) -> bool:
        """Whether a birth is retained in bracket k."""
        offsets = [self._offset(birth, event) for event in self._returns(birth)]
        came = [any(low <= n < high for n in offsets) for low, high in self._bounds()]
        low, high = self._bounds()[k]
        match "carry_forward" if self.asked.cumulative else self.asked.mode:
            case "carry_back":
                return any(n >= low for n in offsets)
            case "carry_forward":
                return any(n < high for n in offsets)
            case "consecutive_forward":
                same = self.asked.born == self.asked.returned
                return all([came[0] or same, *came[1 : k + 1]])
            case _:
                return came[k]

    def _returns(self, birth: Event) -> list[Event]:
        """What the person did after the birth that counts as a return."""
        after = [e for e in self.events if self._order(e) > self._order(birth)]
        return [e for e in after if e.person == birth.person and self._is_return(e)]

    def _offset(self, birth: Event, event: Event) -> int:
        """How many units lie between the birth and a return."""
        unit = self.asked.retention_unit
        if self.asked.alignment == "birth":
            return (event.time - birth.time) // UNIT[unit]
        before, after = start(self._day(birth), unit), start(self._day(event), unit)
        if unit == "month":
            return (after.year - before.year) * 12 + after.month - before.month
        return (after - before) // UNIT[unit]

    def _bounds(self) -> list[tuple[int, int]]:
        """The units from which and before which each bracket reaches."""
        days = len(self._days())
        units = -(-days // UNIT[self.asked.retention_unit].days)
        sizes = list(self.asked.sizes) or [1] * (min(60, units) + 1)
        return [(sum(sizes[:k]), sum(sizes[: k + 1])) for k in range(len(sizes))]

    def _brackets(self) -> range:
        return range(len(self._bounds()))

    def _average(self, births: dict[date, list[Event]]) -> dict[str, Any] | None:
        """Each bracket over the cohorts for which it is over; sizes weigh."""
        over = [self._over(births, k) for k in self._brackets()]
        if not over[0]:
            return None
        average: dict[str, Any] = {
            "first": weighed(over[0], "first"),
            "counts": [weighed(cohorts, "counts", k) for k, cohorts in enumerate(over)],
            "rates": [by_people(cohorts, "counts", k) for k, cohorts in enumerate(over)],
        }
        if self.asked.math == "total":
            average["values"] = [weighed(c, "values", k) for k, c in enumerate(over)]
        if self.asked.math == "average":
            average["values"] = [by_people(c, "sums", k) for k, c in enumerate(over)]
        return average

    def _over(self, births: dict[date, list[Event]], k: int) -> list[dict[str, Any]]:
        units = self._bounds()[k][1] * UNIT[self.asked.retention_unit]
        inhabited = {bucket: people for bucket, people in births.items() if people}
        settled = [p for b, p in inhabited.items() if self._end(b) + units <= self.now]
        sums = [[self._measured(people, j) for j in self._brackets()] for people in settled]
        return [self._cohort(p) | {"sums": s} for p, s in zip(settled, sums, strict=True)]

    def _end(self, bucket: date) -> datetime:
        day = bucket
        while start(day, self.asked.unit) == bucket:
            day += timedelta(days=1)
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _key(self, bucket: date) -> str:
        return datetime.combine(bucket, time(), self.zone).isoformat()

    def _day(self, event: Event) -> date:
        return event.time.astimezone(self.zone).date()

    def _days(self) -> list[date]:
        first, last = date.fromisoformat(self.asked.first), date.fromisoformat(self.asked.last)
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _order(self, event: Event) -> tuple[datetime, int]:
        return event.time, event.place


def start(day: date, unit: str) -> date:
    """Return the first day of the week or month that a day lies in, or the day."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def segments(event: Event) -> set[str]:
    """Return the names that an event counts under."""
    return set(event.os or []) or {"undefined"}


def weighed(cohorts: list[dict[str, Any]], column: str, k: int | None = None) -> float | None:
    """Return the sum of size times number, divided by the sum of sizes."""
    people = sum(cohort["first"] for cohort in cohorts)
    return total(cohorts, column, k) / people if cohorts else None


def by_people(cohorts: list[dict[str, Any]], column: str, k: int) -> float | None:
    """Return the sum of size times number, divided by the sum of squared sizes."""
    squares = sum(cohort["first"] ** 2 for cohort in cohorts)
    return total(cohorts, column, k) / squares if cohorts else None


def total(cohorts: list[dict[str, Any]], column: str, k: int | None) -> float:
    """Return the sum of size times number."""
    return sum(c["first"] * (c[column] if k is None else c[column][k]) for c in cohorts)
