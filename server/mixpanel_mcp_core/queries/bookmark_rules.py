"""The rules on a compiled bookmark: words that the arguments left open, and filter values."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from .measures import FUNNEL_MATHS, FUNNEL_NEEDS_PROPERTY, MATHS, NEEDS_PROPERTY, PER_USER
from .problems import Problem, unknown_word

Report = Literal["insights", "funnel"]

_UNITS = frozenset(
    [
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "session",
        "hour_of_day",
        "day_of_week",
    ]
)
_IDENTIFICATION = ("value", "propertyName", "customPropertyId", "customProperty")
_PROPERTY_FIX = {"name": "<PROPERTY_NAME>", "type": "number", "resourceType": "events"}
_MOST_VALUES = 1000


def bookmark_problems(params: Mapping[str, Any], report: Report) -> Iterator[Problem]:
    """Everything that is wrong with a bookmark: measurements, time units, filters."""
    sections = params["sections"]
    for index, clause in enumerate(sections["show"]):
        if clause["type"] == "metric":
            yield from _metric_problems(clause, f"sections.show[{index}]", report)
    for index, entry in enumerate(sections["time"]):
        path = f"sections.time[{index}].unit"
        if entry["unit"] not in _UNITS:
            yield unknown_word("B12_INVALID_TIME_UNIT", path, "unit", entry["unit"], _UNITS)
    for index, entry in enumerate(sections["filter"]):
        yield from _filter_problems(entry, f"sections.filter[{index}]")


def _metric_problems(clause: Mapping[str, Any], path: str, report: Report) -> Iterator[Problem]:
    measured = f"{path}.measurement"
    yield from _math_problems(clause["measurement"], measured, report)
    per_user = clause["measurement"].get("perUserAggregation")
    if per_user is not None and per_user not in PER_USER:
        field, place = "perUserAggregation", f"{measured}.perUserAggregation"
        yield unknown_word("B11_INVALID_PER_USER", place, field, per_user, PER_USER)
    for index, entry in enumerate(clause["behavior"].get("filters", ())):
        yield from _filter_problems(entry, f"{path}.behavior.filters[{index}]")


def _math_problems(measurement: Mapping[str, Any], path: str, report: Report) -> Iterator[Problem]:
    valid = MATHS if report == "insights" else FUNNEL_MATHS
    needing = NEEDS_PROPERTY if report == "insights" else FUNNEL_NEEDS_PROPERTY
    word = measurement["math"]
    if word not in valid:
        yield unknown_word("B9_INVALID_MATH", f"{path}.math", "math", word, valid)
    elif word in needing and not measurement.get("property"):
        message = f"math {word!r} needs a property."
        yield Problem(
            "B10_MATH_MISSING_PROPERTY", f"{path}.property", message, "warning", fix=_PROPERTY_FIX
        )


def _filter_problems(entry: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if not any(entry.get(key) for key in _IDENTIFICATION):
        message = 'A filter needs the name of a property, e.g. "country".'
        yield Problem("B18_MISSING_FILTER_PROPERTY", path, message)
    yield from _value_problems(entry.get("filterValue"), f"{path}.filterValue")


def _value_problems(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield from _finite_problems(value, path)
        return
    values = cast("list[Any]", value)
    if not values:
        yield Problem("B20_EMPTY_FILTER_VALUE", path, "A list of values needs at least one.")
    if len(values) > _MOST_VALUES:
        message = f"At most {_MOST_VALUES} values, got {len(values)}."
        yield Problem("B21_FILTER_VALUE_TOO_MANY", path, message)
    for index, each in enumerate(values):
        yield from _finite_problems(each, f"{path}[{index}]")


def _finite_problems(value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, float) and not math.isfinite(value):
        yield Problem("B20B_FILTER_VALUE_NOT_FINITE", path, "A filter value must be finite.")
