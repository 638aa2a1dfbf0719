"""Retention as rows for programs, and as the grid that a person draws."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from mixpanel_mcp_core.tables import Table

Cohort = Mapping[str, Any]
Block = tuple[str, Cohort, Mapping[str, Cohort]]

_AVERAGE = "average"


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


def retention_grid(blocks: Sequence[Block], params: Mapping[str, Any]) -> Table:
    """The average of each segment, then cohort after cohort; cells in the measure asked for.

    A block is a segment: its name, its average, its cohorts. The names are shown where there is
    more than one.
    """
    measure, unit = _measure(params), _unit(params)
    averages = [(name, _AVERAGE, average) for name, average, _ in blocks if average]
    cohorts = [(name, day, cells[day]) for name, _, cells in blocks for day in sorted(cells)]
    lines = [*averages, *cohorts]
    width = max((len(_cells(cohort, measure)) for _, _, cohort in lines), default=0)
    buckets = [f"{unit} {bucket}" for bucket in range(width)]
    named = len(blocks) > 1
    columns = [*(["segment"] if named else []), "cohort", "users", *buckets]
    rows = [
        [
            *([name] if named else []),
            day,
            cohort.get("first"),
            *_padded(_cells(cohort, measure), width),
        ]
        for name, day, cohort in lines
    ]
    return Table(columns, rows)


def _cells(cohort: Cohort, measure: str) -> list[Any]:
    values = cohort.get(measure) or cohort.get("counts") or ()
    return [round(value, 4) if isinstance(value, float) else value for value in values]


def _padded(cells: list[Any], width: int) -> Iterable[Any]:
    return chain(cells, [None] * (width - len(cells)))


def _measure(params: Mapping[str, Any]) -> str:
    math = _clause(params).get("measurement", {}).get("math", "retention_rate")
    return {"retention_rate": "rates", "unique": "counts"}.get(math, "values")


def _unit(params: Mapping[str, Any]) -> str:
    behavior = _clause(params).get("behavior", {})
    return (
        "bucket"
        if behavior.get("retentionCustomBucketSizes")
        else behavior.get("retentionUnit", "bucket")
    )


def _clause(params: Mapping[str, Any]) -> Mapping[str, Any]:
    shown: Sequence[Mapping[str, Any]] = params.get("sections", {}).get("show") or ({},)
    return shown[0]
