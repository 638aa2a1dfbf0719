"""A filter as the selector expression that Mixpanel's profile endpoints understand."""

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.operators import OPERATORS

_SCALARS = (str, int, float)
_SECONDS = {"hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000}
_LONGEST_SECONDS = 1_576_800_000
_COMPARISONS = {"greater_than": ">", "less_than": "<", "at_least": ">=", "at_most": "<="}
_NEAREST_WAYS = {
    "starts_with": "Use contains, and look at the beginnings of the values yourself",
    "ends_with": "Use contains, and look at the ends of the values yourself",
    "list_contains": "For a list of texts, contains finds one of its items",
    "not_in_cohort": "Save the opposite cohort and use in_cohort",
}


class Inexpressible(ValueError):
    """A filter that has no selector; the text says why, and what would do."""


def selector(condition: Filter) -> str:
    """The expression of one filter on a plain property; raises Inexpressible."""
    name = property_reference(str(condition.property))
    operator = condition.operator
    match OPERATORS[operator].operand:
        case "choice":
            return _choice(name, operator, condition.operand())
        case "text":
            return _text(name, operator, condition.operand())
        case "number":
            return f"{name} {_COMPARISONS[operator]} {_number(operator, condition.operand())}"
        case "range":
            return _range(name, operator, condition.operand())
        case "nothing":
            return _state(name, operator)
        case "day" | "days" | "recent":
            return _moment(f"datetime({name})", condition)
        case _:
            raise _no_equivalent(operator)


def dropped_values(condition: Filter) -> list[Any]:
    """The values in a filter's list that are no text and no number, and so have no selector."""
    value = condition.value if OPERATORS[condition.operator].operand == "choice" else None
    values = cast("list[Any]", value) if isinstance(value, list) else []
    return [each for each in values if not isinstance(each, _SCALARS)]


def property_reference(name: str) -> str:
    """`properties["name"]`."""
    return f"properties[{quoted(name)}]"


def quoted(text: str) -> str:
    """Text between double quotes, with backslashes and double quotes escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _choice(name: str, operator: str, value: Any) -> str:
    if not isinstance(value, list):
        raise Inexpressible(f"{operator} takes text or a list of values; write [{value!r}]")
    kept = [each for each in cast("list[Any]", value) if isinstance(each, _SCALARS)]
    if not kept:
        raise Inexpressible(f'{operator} needs at least one value, e.g. ["US"], got {value!r}')
    sign = "==" if operator == "equals" else "!="
    terms = [f"{name} {sign} {_scalar(operator, each)}" for each in kept]
    if operator == "not_equals":
        return " and ".join(terms)
    return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"


def _scalar(operator: str, value: str | float) -> str:
    if isinstance(value, str):
        return quoted(value)
    # A boolean among the values is printed like Python's, as the reference client does.
    return str(value) if isinstance(value, bool) else _number(operator, value)


def _number(operator: str, value: float) -> str:
    if not math.isfinite(value):
        raise Inexpressible(f"{operator} needs finite numbers, got {value}")
    return str(value)


def _text(name: str, operator: str, value: str) -> str:
    match operator:
        case "contains":
            return f"{quoted(value)} in {name}"
        case "not_contains":
            return f"not {quoted(value)} in {name}"
        case _:
            raise _no_equivalent(operator)


def _range(name: str, operator: str, bounds: Sequence[float]) -> str:
    low, high = (_number(operator, each) for each in bounds)
    if operator == "between":
        return f"{name} >= {low} and {name} <= {high}"
    return f"({name} < {low} or {name} > {high})"


def _state(name: str, operator: str) -> str:
    return {
        "is_set": f"defined({name})",
        "is_not_set": f"not defined({name})",
        "is_true": f"{name} == true",
        "is_false": f"{name} == false",
    }[operator]


def _moment(name: str, condition: Filter) -> str:
    return _MOMENTS[condition.operator](name, condition)


def _before(name: str, condition: Filter) -> str:
    return f"{name} < {_start_of(condition.value)}"


def _since(name: str, condition: Filter) -> str:
    return f"{name} >= {_start_of(condition.value)}"


def _within(name: str, condition: Filter) -> str:
    first, last = _days(condition)
    return f"{name} >= {_start_of(first)} and {name} <= {_end_of(last)}"


def _without(name: str, condition: Filter) -> str:
    first, last = _days(condition)
    return f"({name} < {_start_of(first)} or {name} > {_end_of(last)})"


def _in_the_last(name: str, condition: Filter) -> str:
    start = f"datetime(NOW - {_span(condition)})"
    return f"{name} >= {start} and {name} < datetime(NOW)"


def _not_in_the_last(name: str, condition: Filter) -> str:
    start = f"datetime(NOW - {_span(condition)})"
    return f"({name} < {start} or {name} >= datetime(NOW))"


def _in_the_next(name: str, condition: Filter) -> str:
    end = f"datetime(NOW + {_span(condition)})"
    return f"{name} >= datetime(NOW) and {name} < {end}"


_MOMENTS: dict[str, Callable[[str, Filter], str]] = {
    "on": _within,
    "not_on": _without,
    "before": _before,
    "since": _since,
    "date_between": _within,
    "date_not_between": _without,
    "in_the_last": _in_the_last,
    "not_in_the_last": _not_in_the_last,
    "in_the_next": _in_the_next,
}


def _days(condition: Filter) -> tuple[Any, Any]:
    operand = condition.operand()
    return (operand[0], operand[1]) if isinstance(operand, list) else (operand, operand)


def _start_of(day: str) -> str:
    return f'datetime("{day}T00:00:00")'


def _end_of(day: str) -> str:
    return f'datetime("{day}T23:59:59")'


def _span(condition: Filter) -> int:
    seconds = (condition.quantity or 0) * _SECONDS[str(condition.date_unit)]
    if seconds > _LONGEST_SECONDS:
        raise Inexpressible(
            f"{condition.operator} spans at most 50 years (18250 days), got "
            f"{condition.quantity} {condition.date_unit}s; for more, use before, since or "
            "date_between with days"
        )
    return seconds


def _no_equivalent(operator: str) -> Inexpressible:
    return Inexpressible(f"{operator} cannot be asked of profiles. {_NEAREST_WAYS[operator]}")
