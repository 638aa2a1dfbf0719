"""Filters of a step in the encoding that only flows still use: symbols, and numbers as text."""

import math
from typing import Any

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.operators import OPERATORS
from mixpanel_mcp_core.queries.suggestions import offer

# A symbol tells how the operand relates to the value: a date is greater than what was before it.
_SYMBOLS: dict[str, dict[str, str]] = {
    "string": {
        "equals": "==",
        "not_equals": "!=",
        "contains": "in",
        "not_contains": "not in",
        "is_set": "set",
        "is_not_set": "not set",
    },
    "number": {
        "greater_than": ">",
        "less_than": "<",
        "at_least": ">=",
        "at_most": "<=",
        "between": "><",
        "not_between": "!><",
    },
    "datetime": {
        "on": "==",
        "not_on": "!=",
        "before": ">",
        "since": "<",
        "in_the_last": ">",
        "not_in_the_last": ">",
        "date_between": "><",
        "date_not_between": "!><",
    },
}
_UNKNOWN = {"string": "SG1_UNKNOWN_STRING_OPERATOR", "datetime": "SG3_UNKNOWN_DATETIME_OPERATOR"}
_SOURCES = {"events": "properties", "people": "user"}


def step_filter_clause(condition: Filter) -> dict[str, Any]:
    """One entry of `property_filter_params_list`, keys in wire order.

    Raises ParamValidationError for a filter that has no form in this encoding.
    """
    kind = OPERATORS[condition.operator].type
    comparison = _comparison(condition, kind)
    if not isinstance(condition.property, str):
        message = "The filters of a flow's step take plain property names only."
        raise ParamValidationError(message)
    source = _SOURCES[condition.resource_type]
    return {
        "property": {"name": condition.property, "source": source, "type": kind},
        "type": kind,
        "selected_property_type": kind,
        "filter": comparison,
    }


def _comparison(condition: Filter, kind: str) -> dict[str, Any]:
    if kind == "boolean":
        return {"operand": OPERATORS[condition.operator].wire}
    return {"operator": _symbol(condition.operator, kind), **_operand(condition)}


def _symbol(operator: str, kind: str) -> str:
    if kind not in _SYMBOLS:
        message = f"A step cannot be filtered with {operator!r}; put it into where."
        raise ParamValidationError(message, code="SG4_UNSUPPORTED_PROPERTY_TYPE")
    symbols = _SYMBOLS[kind]
    if operator not in symbols:
        message = f"A step cannot be filtered with {operator!r}. {offer(operator, symbols)}"
        raise ParamValidationError(message, code=_UNKNOWN[kind])
    return symbols[operator]


def _operand(condition: Filter) -> dict[str, Any]:
    value = condition.operand()
    match OPERATORS[condition.operator].operand:
        case "nothing":
            return {"operand": ""}
        case "number":
            return {"operand": _numeral(value)}
        case "range":
            return {"operand": [_numeral(number) for number in value]}
        case "day":
            return {"operand": _american(value)}
        case "days":
            return {"operand": [_american(day) for day in value]}
        case "recent":
            return {"operand": value, "unit": f"{condition.date_unit}s"}
        case _:
            return {"operand": value}


def _numeral(number: int | float) -> str:
    if isinstance(number, float) and not math.isfinite(number):
        message = f"A filter value must be finite, got {number}."
        raise ParamValidationError(message, code="B20B_FILTER_VALUE_NOT_FINITE")
    return str(number)


def _american(day: str) -> str:
    year, month, date = day.split("-")
    return f"{month}/{date}/{year}"
