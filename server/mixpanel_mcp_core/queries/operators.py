"""The operators of a filter: their words on the wire and the keys that they take."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from .suggestions import nearest, offer
from .words import refusal

FilterOperator = Literal[
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "is_set",
    "is_not_set",
    "greater_than",
    "less_than",
    "at_least",
    "at_most",
    "between",
    "not_between",
    "is_true",
    "is_false",
    "on",
    "not_on",
    "before",
    "since",
    "date_between",
    "date_not_between",
    "in_the_last",
    "not_in_the_last",
    "in_the_next",
    "list_contains",
    "in_cohort",
    "not_in_cohort",
]
Operand = Literal[
    "choice", "text", "number", "range", "nothing", "day", "days", "recent", "items", "cohort"
]


class Operator(NamedTuple):
    """One operator: wire word, wire type of the values it compares, and what it compares with."""

    wire: str
    type: str
    operand: Operand


OPERATORS: dict[str, Operator] = {
    "equals": Operator("equals", "string", "choice"),
    "not_equals": Operator("does not equal", "string", "choice"),
    "contains": Operator("contains", "string", "text"),
    "not_contains": Operator("does not contain", "string", "text"),
    "starts_with": Operator("starts with", "string", "text"),
    "ends_with": Operator("ends with", "string", "text"),
    "is_set": Operator("is set", "string", "nothing"),
    "is_not_set": Operator("is not set", "string", "nothing"),
    "greater_than": Operator("is greater than", "number", "number"),
    "less_than": Operator("is less than", "number", "number"),
    "at_least": Operator("is at least", "number", "number"),
    "at_most": Operator("is at most", "number", "number"),
    "between": Operator("is between", "number", "range"),
    "not_between": Operator("not between", "number", "range"),
    "is_true": Operator("true", "boolean", "nothing"),
    "is_false": Operator("false", "boolean", "nothing"),
    "on": Operator("was on", "datetime", "day"),
    "not_on": Operator("was not on", "datetime", "day"),
    "before": Operator("was before", "datetime", "day"),
    "since": Operator("was since", "datetime", "day"),
    "date_between": Operator("was between", "datetime", "days"),
    "date_not_between": Operator("was not between", "datetime", "days"),
    "in_the_last": Operator("was in the", "datetime", "recent"),
    "not_in_the_last": Operator("was not in the", "datetime", "recent"),
    "in_the_next": Operator("was in the next", "datetime", "recent"),
    "list_contains": Operator("true", "object", "items"),
    "in_cohort": Operator("contains", "list", "cohort"),
    "not_in_cohort": Operator("does not contain", "list", "cohort"),
}

REQUIRED_KEYS: dict[Operand, tuple[str, ...]] = {
    "choice": ("property", "value"),
    "text": ("property", "value"),
    "number": ("property", "value"),
    "range": ("property", "min_val", "max_val"),
    "nothing": ("property",),
    "day": ("property", "value"),
    "days": ("property", "from_date", "to_date"),
    "recent": ("property", "quantity", "date_unit"),
    "items": ("property",),
    "cohort": ("cohort",),
}
OPTIONAL_KEYS: dict[Operand, tuple[str, ...]] = {
    "items": ("equals", "item_filters", "quantifier", "resource_type"),
    "cohort": ("name",),
}
OPERAND_KEYS: dict[Operand, tuple[str, ...]] = {
    "range": ("min_val", "max_val"),
    "days": ("from_date", "to_date"),
    "recent": ("quantity",),
}
_OTHER_WORDS = {
    "=": "equals",
    "==": "equals",
    "eq": "equals",
    "is": "equals",
    "in": "equals",
    "!=": "not_equals",
    "ne": "not_equals",
    "neq": "not_equals",
    "is not": "not_equals",
    "not in": "not_equals",
    "not_in": "not_equals",
    ">": "greater_than",
    "gt": "greater_than",
    "<": "less_than",
    "lt": "less_than",
    ">=": "at_least",
    "gte": "at_least",
    "<=": "at_most",
    "lte": "at_most",
    "exists": "is_set",
    "not exists": "is_not_set",
}
# Every other spelling of an operator that can mean only one.
_ALIASES = {
    **{operator.wire: name for name, operator in reversed(OPERATORS.items())},
    **_OTHER_WORDS,
}


def keys_of(operator: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys that an operator needs, and those it may have besides."""
    operand = OPERATORS[operator].operand
    return REQUIRED_KEYS[operand], OPTIONAL_KEYS.get(operand, ("resource_type",))


def read_operator(value: object) -> object:
    """The operator, also from Mixpanel's own word or a symbol; a refusal names the nearest."""
    if isinstance(value, str):
        known = value if value in OPERATORS else _ALIASES.get(value.strip().lower())
        if known is not None:
            return known
    raise refusal("unknown_operator", f"{value!r} is not an operator. {_meant(str(value))}")


def operand_of(operator: object) -> Operand:
    """What an operator compares with, however it is spelled; nothing for what is none."""
    known = _ALIASES.get(str(operator).strip().lower(), str(operator))
    return OPERATORS[known].operand if known in OPERATORS else "nothing"


def _meant(word: str) -> str:
    near: Iterable[str] = nearest(word, [*OPERATORS, *_ALIASES])
    names = dict.fromkeys(_ALIASES.get(each, each) for each in near)
    if names:
        return f"Did you mean {' or '.join(map(repr, names))}?"
    return offer(word, OPERATORS)
