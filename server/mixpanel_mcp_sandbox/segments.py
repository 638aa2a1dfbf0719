"""Breakdowns: the SQL list of segments an event belongs to, and the names they are shown under."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .database import literal
from .plan import Breakdown, Buckets, CohortBreakdown
from .properties import UNDEFINED, Property
from .timeline import day_sql, iso, parse_day

Label = Callable[[str], str]
Extremes = Callable[[Property], Sequence[Any]]
MOST_AUTOMATIC = 10
NOT_NUMERIC = "(non-numeric values)"


@dataclass(frozen=True)
class Segmentation:
    """`sql` is a list of texts per event; `label` turns such a text into the shown name."""

    sql: str
    label: Label


def segmentation(breakdown: Breakdown, buckets: Buckets | None, timezone: str) -> Segmentation:
    """Return how a breakdown is computed; numbers need their buckets."""
    if isinstance(breakdown, CohortBreakdown):
        return Segmentation(_cohort(breakdown), str)
    if breakdown.item:
        part = segmentation(replace(breakdown, property=breakdown.item, item=None), None, timezone)
        return replace(part, sql=_items(breakdown.property, part.sql))
    if breakdown.kind == "number" and buckets:
        return Segmentation(_numbers(breakdown, buckets), _bucket_label(buckets))
    if breakdown.kind == "datetime":
        return Segmentation(_dates(breakdown.property, timezone), _date_label(timezone))
    return Segmentation(texts(breakdown), str)


def fitted(breakdown: Breakdown, extremes: Extremes, timezone: str) -> Segmentation:
    """Return how a breakdown is computed, numbers without buckets in automatic ones.

    `extremes` gives the row of `extremes_sql` for a property.
    """
    buckets = breakdown.buckets
    if breakdown.kind == "number" and buckets is None and breakdown.item is None:
        buckets = around(extremes(breakdown.property))
    return segmentation(breakdown, buckets, timezone)


def extremes_sql(owner: Property, source: str, conditions: str) -> str:
    """Return the statement for the least and greatest number and whether all are whole."""
    return extremes_of(f"number_in({owner.sql})", f"{source} where {conditions}")


def extremes_of(number: str, source: str) -> str:
    """Return the same statement for a SQL number."""
    return (
        f"select min({number}), max({number}), "
        f"coalesce(bool_and({number} = trunc({number})), true) from {source}"
    )


def around(extremes: Sequence[Any]) -> Buckets | None:
    """Return automatic buckets for the row of `extremes_sql`, None when there is no number."""
    least, most, whole = extremes
    return None if least is None else automatic(least, most, whole=whole)


def texts(breakdown: Breakdown) -> str:
    """Return the SQL list of the value's texts: each distinct item of a list once."""
    owner = breakdown.property
    value, items = owner.sql, owner.item_texts
    return (
        f"case kind({value}) when 'null' then "
        f"[case when {owner.present} then 'null' else '{UNDEFINED}' end] "
        f"when 'list' then case when len({items}) = 0 then ['{UNDEFINED}'] "
        f"else {items} end else [value_text({value})] end"
    )


def automatic(least: float, most: float, *, whole: bool) -> Buckets:
    """Return buckets of 1, 2 or 5 times a power of ten, at most ten of them."""
    exponent = 0 if whole else math.floor(math.log10(max(most - least, 1e-9) / MOST_AUTOMATIC)) - 1
    while True:
        for factor in (1, 2, 5):
            step = factor * 10.0**exponent
            if math.floor(most / step) - math.floor(least / step) < MOST_AUTOMATIC:
                return Buckets(step, math.floor(least / step) * step)
        exponent += 1


def spread(number: str, buckets: Buckets) -> Segmentation:
    """Return the segments of a SQL number that is never null."""
    return Segmentation(f"[{_bucket(number, buckets)}]", _bucket_label(buckets))


def _cohort(breakdown: CohortBreakdown) -> str:
    name = breakdown.property.name
    inside = f"[{literal(name)}]" if breakdown.inside else "[]"
    outside = f"[{literal(f'Not In {name}')}]" if breakdown.outside else "[]"
    return f"case when truth_in({breakdown.property.sql}) then {inside} else {outside} end"


def _numbers(breakdown: Breakdown, buckets: Buckets) -> str:
    number = f"number_in({breakdown.property.sql})"
    return (
        f"[case when kind({breakdown.property.sql}) = 'null' then '{UNDEFINED}' "
        f"when {number} is null then '{NOT_NUMERIC}' else {_bucket(number, buckets)} end]"
    )


def _bucket(number: str, buckets: Buckets) -> str:
    start, size = f"{float(buckets.start)!r}::double", f"{float(buckets.size)!r}::double"
    above = "" if buckets.end is None else f"when {number} >= {float(buckets.end)!r} then '>' "
    return (
        f"case when {number} < {start} then '<' {above}"
        f"else floor(({number} - {start}) / {size})::bigint::varchar end"
    )


def _bucket_label(buckets: Buckets) -> Label:
    def label(key: str) -> str:
        if key == "<":
            return f"< {_grouped(buckets.start)}"
        if key == ">":
            return f">= {_grouped(buckets.end or 0)}"
        if not key.isdecimal():
            return key
        low = buckets.start + int(key) * buckets.size
        high = low + buckets.size
        return (
            f"{_grouped(low)} - {_grouped(high if buckets.end is None else min(high, buckets.end))}"
        )

    return label


def _dates(value: Property, timezone: str) -> str:
    day = day_sql(f"moment_in({value.sql})", timezone)
    return f"[coalesce(({day})::varchar, '{UNDEFINED}')]"


def _items(value: Property, part: str) -> str:
    """Return the distinct segments over the items of a list; what is no list has none."""
    items = f"flatten(list_transform(scalars({value.sql}), lambda item: {part}))"
    return (
        f"case when kind({value.sql}) = 'list' and len(scalars({value.sql})) > 0 "
        f"then list_distinct({items}) else ['{UNDEFINED}'] end"
    )


def _date_label(timezone: str) -> Label:
    return lambda key: key if key == UNDEFINED else iso(parse_day(key), timezone)


def _grouped(number: float) -> str:
    rounded = round(float(number), 10)
    return f"{int(rounded):,}" if rounded.is_integer() else f"{rounded:,}"
