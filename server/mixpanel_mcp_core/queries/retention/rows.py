"""Retention as rows for programs, and as the grid that a person draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from mixpanel_mcp_core.tables import Table

Cohort = Mapping[str, Any]
Block = tuple[str, Cohort, Mapping[str, Cohort]]

_AVERAGE = "average"
_MEASURES = {"retention_rate": "rates", "unique": "counts"}
_DAYS = {"day": 1, "week": 7, "month": 30}


def cohort_rows(cohorts: Mapping[str, Cohort]) -> list[list[Any]]:
    """Date, bucket, count and rate of every bucket of every cohort, by date."""
    return [
        [date, bucket, count, rate]
        for date in sorted(cohorts)
        for bucket, (count, rate) in enumerate(_buckets(cohorts[date]))
    ]


def _buckets(cohort: Cohort) -> list[tuple[Any, Any]]:
    counts, rates = list(cohort.get("counts") or ()), list(cohort.get("rates") or ())
    rates += [0.0] * (len(counts) - len(rates))
    return list(zip(counts, rates, strict=False))


def retention_grid(
    blocks: Sequence[Block], params: Mapping[str, Any], computed_at: str = ""
) -> Table:
    """The average of each segment, then cohort after cohort; cells in the measure asked for.

    A block is a segment: its name, its average, its cohorts. The names are shown where there is
    more than one. A bucket that no user had reached at `computed_at` is empty, not 0.
    """
    plan = _Plan.of(params, computed_at)
    averages = [(name, _AVERAGE, average) for name, average, _ in blocks if average]
    cohorts = [(name, day, cells[day]) for name, _, cells in blocks for day in sorted(cells)]
    lines = [
        (name, day, cohort.get("first"), plan.cells(day, cohort))
        for name, day, cohort in [*averages, *cohorts]
    ]
    width = max((len(cells) for *_, cells in lines), default=0)
    buckets = [f"{plan.unit} {bucket}" for bucket in range(width)]
    named = len(blocks) > 1
    rows = [
        [*([name] if named else []), day, size, *cells, *[None] * (width - len(cells))]
        for name, day, size, cells in lines
    ]
    columns = [*(["segment"] if named else []), "cohort", "users", *buckets]
    return Table(columns, rows, tuple(buckets) if plan.measure == "rates" else ())


@dataclass(frozen=True)
class _Plan:
    """What the cells of a grid are, and which of them were still to come."""

    measure: str
    unit: str
    first_day: Callable[[int], int] | None
    today: date | None

    @classmethod
    def of(cls, params: Mapping[str, Any], computed_at: str) -> Self:
        shown: Sequence[Mapping[str, Any]] = params.get("sections", {}).get("show") or ({},)
        behavior: Mapping[str, Any] = shown[0].get("behavior") or {}
        math = (shown[0].get("measurement") or {}).get("math", "retention_rate")
        own = bool(behavior.get("retentionCustomBucketSizes"))
        unit = "bucket" if own else str(behavior.get("retentionUnit", "bucket"))
        calendar = behavior.get("retentionAlignmentType") == "interval_start"
        first_day = _first_day(unit, calendar) if unit in _DAYS else None
        return cls(_MEASURES.get(math, "values"), unit, first_day, _day(computed_at))

    def cells(self, day: str, cohort: Cohort) -> list[Any]:
        """The buckets of a cohort, without those at the end that had not begun."""
        values = cohort.get(self.measure) or cohort.get("counts") or ()
        cells = [round(each, 4) if isinstance(each, float) else each for each in values]
        while cells and not cells[-1] and self._is_to_come(day, len(cells) - 1):
            cells.pop()
        return cells

    def _is_to_come(self, day: str, bucket: int) -> bool:
        born = _day(day)
        if born is None or self.today is None or self.first_day is None:
            return False
        return born + timedelta(days=self.first_day(bucket)) > self.today


def _first_day(unit: str, calendar: bool) -> Callable[[int], int]:
    """How many days after the birth a bucket begins; of a calendar unit, at the earliest."""
    if calendar:
        shortest = 28 if unit == "month" else _DAYS[unit]
        return lambda bucket: shortest * (bucket - 1)
    return lambda bucket: _DAYS[unit] * bucket


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
