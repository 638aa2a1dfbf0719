"""Answers of the live query endpoints, and the tables drawn from them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from mixpanel_mcp_core.tables import Table

Number = int | float
Dates = dict[str, Number]
Series = dict[str, Dates]


class Days(BaseModel):
    """The days that every answer repeats of its question."""

    from_date: str
    to_date: str


class Ranged(Days):
    """The same with the one event that was asked about."""

    event: str


class Segmentation(Ranged):
    """Counts of an event over time, by segment."""

    unit: str
    segment_property: str | None
    total: Number
    series: Series

    def table(self) -> Table:
        """One row for each segment and date."""
        return _by_date(self.series, "segment")


class NumericSegmentation(Ranged):
    """Counts of an event over time, by buckets of a number."""

    property_expr: str
    unit: str
    series: Series

    def table(self) -> Table:
        """One row for each bucket and date."""
        return _by_date(self.series, "bucket")


class NumericSum(Ranged):
    """Sums of a number over time."""

    property_expr: str
    unit: str
    results: Dates
    computed_at: str | None = Field(default=None, exclude_if=lambda moment: moment is None)

    def table(self) -> Table:
        """One row for each date."""
        return Table(["date", "sum"], _pairs(self.results))


class NumericAverage(Ranged):
    """Averages of a number over time."""

    property_expr: str
    unit: str
    results: Dates

    def table(self) -> Table:
        """One row for each date."""
        return Table(["date", "average"], _pairs(self.results))


class EventCounts(Days):
    """Counts of several events over time."""

    events: list[str]
    unit: str
    type: str
    series: Series

    def table(self) -> Table:
        """One row for each event and date."""
        return _by_date(self.series, "event")


class PropertyCounts(Ranged):
    """Counts of an event over time, by the value of a property."""

    property_name: str
    unit: str
    type: str
    series: Series

    def table(self) -> Table:
        """One row for each value and date."""
        return _by_date(self.series, "value")


class FunnelStep(BaseModel):
    """A step of a funnel over all of its days, and its conversion from the step before."""

    event: str
    count: Number
    conversion_rate: float


class Funnel(Days):
    """A saved funnel over all of its days."""

    funnel_id: int
    funnel_name: str = ""
    conversion_rate: float
    steps: list[FunnelStep]

    def table(self) -> Table:
        """One row for each step."""
        rows = [
            [place, step.event, step.count, step.conversion_rate]
            for place, step in enumerate(self.steps, start=1)
        ]
        columns = ["step", "event", "count", "conversion_rate"]
        return Table(columns, rows, shares=("conversion_rate",))


class Cohort(BaseModel):
    """People born in the same period, and which part of them came back in each period since."""

    date: str
    size: Number
    retention: list[float]


class Retention(Days):
    """Retention by cohort."""

    born_event: str
    return_event: str
    unit: str
    cohorts: list[Cohort]

    def table(self) -> Table:
        """One row for each cohort."""
        lists = {(each.date, each.size): each.retention for each in self.cohorts}
        periods = [f"period_{k}" for k in range(_longest(lists))]
        rows = [[*cohort, *_padded(retention, len(periods))] for cohort, retention in lists.items()]
        return Table(["cohort_date", "cohort_size", *periods], rows, shares=tuple(periods))


class Frequency(Days):
    """How many people were active in at least 1, 2, 3, ... slots of each period."""

    event: str | None
    unit: str
    addiction_unit: str
    data: dict[str, list[int]]

    def table(self) -> Table:
        """One row for each period."""
        periods = [f"period_{k}" for k in range(1, _longest(self.data) + 1)]
        rows = [[date, *_padded(people, len(periods))] for date, people in self.data.items()]
        return Table(["date", *periods], rows)


def _by_date(series: Series, name: str) -> Table:
    rows = [
        [day, segment, count] for segment, days in series.items() for day, count in days.items()
    ]
    return Table(["date", name, "count"], rows)


def _pairs(dates: Dates) -> list[list[Any]]:
    return [[day, number] for day, number in dates.items()]


def _longest(lists: Mapping[Any, list[Any]]) -> int:
    return max(map(len, lists.values()), default=0)


def _padded(cells: list[Any], length: int) -> list[Any]:
    return [*cells, *[None] * (length - len(cells))]
