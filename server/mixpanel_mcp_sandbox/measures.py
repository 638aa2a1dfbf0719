"""Maths of insights: what a metric reads of each event, computes, and is ranked by."""

from dataclasses import dataclass
from typing import Literal

from .errors import not_emulated, wrong
from .plan import Measure

PEOPLE = "count(distinct case when uid <> 0 then uid end)"
PERCENTILES = {"median": 0.5, "p25": 0.25, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
# Days that a rolling count of users looks back, today included; 0: to the start of the range.
ROLLING = {"dau": 1, "wau": 7, "mau": 30, "cumulative_unique": 0}
AGGREGATES = {
    "total": "coalesce(sum(value), 0)",
    "average": "avg(value)",
    "min": "min(value)",
    "max": "max(value)",
}
# Of texts that are equally frequent the smallest counts.
MOST_FREQUENT = (
    "list_min(list_transform(map_entries(histogram(value)), "
    "lambda x: {'less': -(x.value::bigint), 'text': x.key})).text"
)
SUMMARY = {
    "count": "count(value)",
    "mean": "avg(value)",
    "var": "var_pop(value)",
    "sum_of_squares": "sum(value * value)",
}
TEXTS = {"first_value": "arg_min(value, (t, seq))", "most_frequent": MOST_FREQUENT}
# Maths whose results cannot be added up or averaged.
NO_NUMBER = (*TEXTS, "numeric_summary")
WITH_PROPERTY = (
    *AGGREGATES,
    *PERCENTILES,
    *TEXTS,
    "custom_percentile",
    "unique_values",
    "numeric_summary",
    "histogram",
)


@dataclass(frozen=True)
class Aggregation:
    """SQL of one math.

    Attributes:
        reads: what `value` is: nothing, the number, one row per text, the text, or the session.
        value: aggregate of a bucket over uid, t, seq, value.
        rank: aggregate over the range by which segments are ordered.
        nothing: what an empty bucket shows.
    """

    reads: Literal["nothing", "number", "items", "text", "session"]
    value: str
    rank: str
    nothing: object = 0


def aggregation(measure: Measure) -> Aggregation:
    """Return the SQL of a measure; 400 for an unknown math or a missing property."""
    math = measure.math
    if math in ROLLING or math == "unique":
        return Aggregation("nothing", PEOPLE, PEOPLE)
    if math == "total" and measure.property is None:
        return Aggregation("nothing", "count(*)", "count(*)")
    if math == "sessions":
        return Aggregation("session", "count(distinct value)", "count(distinct value)")
    if math == "multi_attribution":
        raise not_emulated(f"the math {math!r}")
    if math not in WITH_PROPERTY:
        raise wrong(f"Unknown math {math!r}")
    if measure.property is None:
        raise wrong(f"The math {math!r} needs a property.")
    if math == "unique_values":
        return Aggregation("items", "count(distinct value)", "count(distinct value)")
    if math in TEXTS:
        return Aggregation("text", TEXTS[math], "count(value)")
    if math == "numeric_summary":
        parts = ", ".join(f"'{name}': {value}" for name, value in SUMMARY.items())
        return Aggregation("number", f"{{{parts}}}", "count(value)", dict.fromkeys(SUMMARY, 0))
    if math == "histogram":
        return _histogram(measure)
    value = numeric(math, measure.percentile)
    return Aggregation(
        "number", value, value if math in ("total", "min", "max") else "count(value)"
    )


def _histogram(measure: Measure) -> Aggregation:
    if not measure.per_user:
        raise wrong("The math 'histogram' needs an aggregation per user.")
    return Aggregation("number", "count(*)", "count(*)")


def numeric(math: str, percentile: float | None = None) -> str:
    """Return the aggregate of the numbers in `value`."""
    if math in AGGREGATES:
        return AGGREGATES[math]
    if math == "custom_percentile":
        if percentile is None or not 0 <= percentile <= 100:
            raise wrong("custom_percentile needs a percentile from 0 to 100")
        return f"quantile_cont(value, {percentile / 100!r})"
    if math not in PERCENTILES:
        raise wrong(f"Unknown math {math!r}")
    return f"quantile_cont(value, {PERCENTILES[math]})"
