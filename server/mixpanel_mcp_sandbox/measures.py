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
    "first_value": "arg_min(value, (t, seq))",
}
KNOWN_LATER = (
    "sessions",
    "most_frequent",
    "histogram",
    "numeric_summary",
    "multi_attribution",
)


@dataclass(frozen=True)
class Formula:
    """SQL of one math.

    Attributes:
        reads: what `value` is: nothing, the number, one row per text, or the text.
        value: aggregate of a bucket over uid, t, seq, value.
        rank: aggregate over the range by which segments are ordered.
    """

    reads: Literal["nothing", "number", "items", "text"]
    value: str
    rank: str


def formula(measure: Measure) -> Formula:
    """Return the SQL of a measure; 400 for an unknown math or a missing property."""
    math = measure.math
    if math in ROLLING or math == "unique":
        return Formula("nothing", PEOPLE, PEOPLE)
    if math == "total" and measure.property is None:
        return Formula("nothing", "count(*)", "count(*)")
    if math in KNOWN_LATER:
        raise not_emulated(f"the math {math!r}")
    if math not in (*AGGREGATES, *PERCENTILES, "custom_percentile", "unique_values"):
        raise wrong(f"Unknown math {math!r}")
    if measure.property is None:
        raise wrong(f"The math {math!r} needs a property.")
    if math == "unique_values":
        return Formula("items", "count(distinct value)", "count(distinct value)")
    if math == "first_value":
        return Formula("text", AGGREGATES[math], "count(value)")
    value = numeric(math, measure.percentile)
    return Formula("number", value, value if math in ("total", "min", "max") else "count(value)")


def numeric(math: str, percentile: float | None = None) -> str:
    """Return the aggregate of the numbers in `value`."""
    if math in AGGREGATES and math != "first_value":
        return AGGREGATES[math]
    if math == "custom_percentile":
        if percentile is None or not 0 <= percentile <= 100:
            raise wrong("custom_percentile needs a percentile from 0 to 100")
        return f"quantile_cont(value, {percentile / 100!r})"
    if math not in PERCENTILES:
        raise wrong(f"Unknown math {math!r}")
    return f"quantile_cont(value, {PERCENTILES[math]})"
