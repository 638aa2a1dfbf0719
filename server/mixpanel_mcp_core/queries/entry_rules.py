"""The rules on single entries of a compiled bookmark: filters and breakdowns."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .operators import OPERATORS
from .problems import Problem, word_problems
from .words import is_id

Node = Mapping[str, Any]

RESOURCE_TYPES = frozenset(
    ["all", "cohort", "cohorts", "event", "events", "formulas", "other", "people", "user"]
)
_TYPES = frozenset(["string", "number", "boolean", "datetime", "list", "object"])
# A frequency may also be compared for equality.
_OPERATORS = frozenset(operator.wire for operator in OPERATORS.values()) | {"is equal to"}
_IDENTIFICATION = ("value", "propertyName", "customPropertyId", "customProperty")
_MOST_VALUES = 1000


def filter_problems(entry: Node, path: str) -> Iterator[Problem]:
    """What is wrong with one entry of a list of filters."""
    yield from _word_problems(entry, path)
    if "customPropertyId" in entry and not is_id(entry["customPropertyId"]):
        yield _custom_property_problem(entry, path)
    elif not any(entry.get(key) for key in _IDENTIFICATION):
        message = 'A filter needs the name of a property, e.g. "country".'
        yield Problem("B18_MISSING_FILTER_PROPERTY", path, message)
    if _names_cohorts(entry.get("filterValue")) and entry.get("value") != "$cohorts":
        message = 'The value of a cohort filter is "$cohorts".'
        yield Problem("B25_COHORT_FILTER_VALUE", f"{path}.value", message)
    yield from _value_problems(entry.get("filterValue"), f"{path}.filterValue")


def group_problems(entry: Node, path: str) -> Iterator[Problem]:
    """What is wrong with one breakdown."""
    if "cohorts" in entry and not entry["cohorts"]:
        message = "A breakdown by cohorts needs at least one cohort."
        yield Problem("B26_EMPTY_COHORTS", f"{path}.cohorts", message)
    if "customPropertyId" in entry and not is_id(entry["customPropertyId"]):
        yield _custom_property_problem(entry, path)
    yield from _warned(entry, path, "resourceType", "B16_INVALID_RESOURCE_TYPE", RESOURCE_TYPES)
    yield from _warned(entry, path, "propertyType", "B17_INVALID_PROPERTY_TYPE", _TYPES)


def _word_problems(entry: Node, path: str) -> Iterator[Problem]:
    if (kind := entry.get("filterType")) is not None:
        yield from word_problems("B14_INVALID_FILTER_TYPE", f"{path}.filterType", kind, _TYPES)
    yield from _warned(entry, path, "filterOperator", "B15_INVALID_FILTER_OPERATOR", _OPERATORS)
    yield from _warned(entry, path, "resourceType", "B16_INVALID_RESOURCE_TYPE", RESOURCE_TYPES)


def _warned(
    entry: Node, path: str, key: str, code: str, valid: frozenset[str]
) -> Iterator[Problem]:
    if (word := entry.get(key)) is not None:
        yield from word_problems(code, f"{path}.{key}", word, valid, "warning")


def _custom_property_problem(entry: Node, path: str) -> Problem:
    message = f"customPropertyId must be a positive number, got {entry['customPropertyId']!r}."
    return Problem("B18B_INVALID_CP_ID", f"{path}.customPropertyId", message)


def _names_cohorts(value: Any) -> bool:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return any(isinstance(item, Mapping) and "cohort" in item for item in items)


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
