"""Results of JQL, and the tables drawn from them."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

from mixpanel_mcp_core.models.live_query import Days, Ranged
from mixpanel_mcp_core.tables import Table

Row = Mapping[str, Any]


class JQLResult(BaseModel):
    """The rows that a script returned, as they are."""

    raw: list[Any]
    row_count: int

    def table(self) -> Table:
        """Groups with their keys and values in columns of their own, objects, or one column."""
        rows = _objects(self.raw)
        if len(self.raw) == 1 and isinstance(self.raw[0], list):
            rows = _objects(cast("list[Any]", self.raw[0]))
        if rows is None:
            return Table(["value"], [[each] for each in self.raw])
        return _columns(_ungrouped(rows) or rows)


class ValueCount(BaseModel):
    """How often a property had a value."""

    value: Any
    count: int
    percentage: float


class PropertyDistribution(Ranged):
    """The most frequent values of a property; `total_count` counts the others, too."""

    property_name: str
    total_count: int
    values: list[ValueCount]

    def table(self) -> Table:
        """One row for each value."""
        return _fields(["value", "count", "percentage"], self.values)

    def remarks(self) -> list[str]:
        """What the percentages are of."""
        return [f"{self.total_count:,} events have {self.property_name}"]


class NumericSummary(Ranged):
    """Figures of a numeric property, 0 where no event has a number; `percentiles` by their rank."""

    property_name: str
    count: int
    min: float
    max: float
    sum: float
    avg: float
    stddev: float
    percentiles: dict[str, float]


class DailyCount(BaseModel):
    """How often an event happened on a day."""

    date: str
    event: str
    count: int


class DailyCounts(Days):
    """Counts of events by day; a day without one has no entry."""

    events: list[str] | None
    counts: list[DailyCount]

    def table(self) -> Table:
        """One row for each day and event."""
        return _fields(["date", "event", "count"], self.counts)


class EngagementBucket(BaseModel):
    """How many users did about as many events."""

    bucket_min: int
    bucket_label: str
    user_count: int
    percentage: float


class EngagementDistribution(Days):
    """Users by the number of their events."""

    events: list[str] | None
    total_users: int
    buckets: list[EngagementBucket]

    def table(self) -> Table:
        """One row for each bucket that has users."""
        return _fields(["bucket_min", "bucket_label", "user_count", "percentage"], self.buckets)

    def remarks(self) -> list[str]:
        """What the percentages are of."""
        return [f"{self.total_users:,} users"]


class Coverage(BaseModel):
    """In how many events a property has a value."""

    property: str
    defined_count: int
    null_count: int
    coverage_percentage: float


class PropertyCoverage(Ranged):
    """In which part of an event's records each of some properties has a value."""

    total_events: int
    coverage: list[Coverage]

    def table(self) -> Table:
        """One row for each property."""
        columns = ["property", "defined_count", "null_count", "coverage_percentage"]
        return _fields(columns, self.coverage)

    def remarks(self) -> list[str]:
        """What the percentages are of."""
        return [f"{self.total_events:,} events"]


def read_distribution(rows: Sequence[Row], limit: int) -> dict[str, Any]:
    """`total_count` of all rows, and the first of them with their part of it."""
    total = sum(row["count"] for row in rows)
    values = [{**row, "percentage": percentage(row["count"], total)} for row in rows[:limit]]
    return {"total_count": total, "values": values}


def read_summary(rows: Sequence[Any]) -> dict[str, Any]:
    """The figures of the one row there is, zeros without it."""
    figures, percentiles, least, greatest = rows[0] if rows else ({}, [], 0, 0)
    named = ("count", "sum", "avg", "stddev")
    return {
        **{name: figures.get(name) or 0 for name in named},
        "min": least or 0,
        "max": greatest or 0,
        "percentiles": {
            str(each["percentile"]): each["value"]
            for each in percentiles
            if each["value"] is not None
        },
    }


def read_engagement(rows: Sequence[Row], boundaries: Sequence[int]) -> dict[str, Any]:
    """The buckets with their labels and their part of all users."""
    total = sum(row["user_count"] for row in rows)
    buckets = [
        {
            "bucket_min": row["bucket_min"],
            "bucket_label": bucket_label(row["bucket_min"], boundaries),
            "user_count": row["user_count"],
            "percentage": percentage(row["user_count"], total),
        }
        for row in rows
    ]
    return {"total_users": total, "buckets": buckets}


def read_coverage(rows: Sequence[Row], names: Iterable[str]) -> dict[str, Any]:
    """How many of all events have each property, in the order that was asked for."""
    counted: Row = rows[0] if rows else {"total": 0, "properties": {}}
    total: int = counted["total"]
    defined = [(name, counted["properties"].get(name, 0)) for name in names]
    coverage = [
        {
            "property": name,
            "defined_count": count,
            "null_count": total - count,
            "coverage_percentage": percentage(count, total),
        }
        for name, count in defined
    ]
    return {"total_events": total, "coverage": coverage}


def percentage(part: float, whole: float) -> float:
    """A part in percent, 0 of nothing."""
    return part / whole * 100 if whole else 0.0


def bucket_label(low: int, boundaries: Sequence[int]) -> str:
    """How a bucket is called that begins at `low` and ends before the next boundary."""
    place = bisect_right(boundaries, low)
    if low not in boundaries or place == len(boundaries):
        return f"{low}+"
    last = boundaries[place] - 1
    return str(low) if last == low else f"{low}-{last}"


def _objects(values: Sequence[Any]) -> list[Row] | None:
    """The values if all of them are objects."""
    return list(values) if all(isinstance(each, dict) for each in values) else None


def _ungrouped(rows: Sequence[Row]) -> list[Row] | None:
    """Groups with a column for each key and each value, if all rows are groups of one form."""
    if not all(isinstance(row.get("key"), list) and "value" in row for row in rows):
        return None
    if len({isinstance(row["value"], list) for row in rows}) > 1:
        return None
    return [
        {
            **{name: value for name, value in row.items() if name not in ("key", "value")},
            **{f"key_{place}": key for place, key in enumerate(row["key"])},
            **_values(row["value"]),
        }
        for row in rows
    ]


def _values(value: Any) -> Row:
    if not isinstance(value, list):
        return {"value": value}
    return {f"value_{place}": each for place, each in enumerate(cast("list[Any]", value))}


def _columns(rows: Sequence[Row]) -> Table:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return Table(columns, [[row.get(name) for name in columns] for row in rows])


def _fields(columns: list[str], rows: Iterable[BaseModel]) -> Table:
    return Table(columns, [[getattr(row, name) for name in columns] for row in rows])
