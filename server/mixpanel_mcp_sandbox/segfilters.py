"""Step filters of flows, in their own encoding, to the entries that all other filters are.

The encoding loses information. A date with `>` is "before" and one with `<` is "since", as they
are written; a number of days with `>` may be "in the last" or "not in the last", which are
written alike: it is read as "in the last".
"""

import math
from datetime import datetime
from typing import Any

from .bookmarks import listed, mapping
from .calls import Json
from .errors import not_emulated, wrong

TEXTS = {
    "==": "equals",
    "!=": "does not equal",
    "in": "contains",
    "not in": "does not contain",
    "set": "is set",
    "not set": "is not set",
}
NUMBERS = {
    ">": "is greater than",
    "<": "is less than",
    "==": "equals",
    "!=": "does not equal",
    ">=": "is at least",
    "<=": "is at most",
    "><": "is between",
    "!><": "not between",
    "is set": "is set",
    "is not set": "is not set",
}
DATES = {
    "==": "was on",
    "!=": "was not on",
    ">": "was before",
    "<": "was since",
    "><": "was between",
    "!><": "was not between",
}
RELATIVE = {">": "was in the"}
SET = ("is set", "is not set")
SOURCES = {"properties": "events", "user": "people"}
FORM = "%m/%d/%Y"


def filter_entry(segfilter: Json) -> Json:
    """Return the filter entry that a step filter stands for; 400 for one of no known form."""
    owner = mapping(segfilter.get("property"), "property")
    source = SOURCES.get(str(owner.get("source")))
    if source is None:
        raise not_emulated(f"step filters on {owner.get('source')!r}")
    kind = segfilter.get("type")
    read = READERS.get(str(kind))
    if read is None:
        raise not_emulated(f"step filters of type {kind!r}")
    condition = read(mapping(segfilter.get("filter"), "filter"))
    entry = {"value": owner.get("name"), "resourceType": source, "filterType": kind}
    return {**entry, **condition}


def _text(condition: Json) -> Json:
    operator = _operator(condition, TEXTS)
    return _condition(operator, None if operator in SET else condition.get("operand"))


def _number(condition: Json) -> Json:
    operator, operand = _operator(condition, NUMBERS), condition.get("operand")
    if operator in SET:
        return _condition(operator, None)
    if isinstance(operand, list):
        return _condition(operator, [_quantity(each) for each in listed(operand, "operand")])
    return _condition(operator, _quantity(operand))


def _boolean(condition: Json) -> Json:
    operand = str(condition.get("operand")).lower()
    if operand not in ("true", "false") or condition.get("operator") not in (None, "=="):
        raise wrong('A step filter of type boolean needs the operand "true" or "false".')
    return _condition(operand, None)


def _date(condition: Json) -> Json:
    operand, unit = condition.get("operand"), condition.get("unit")
    if unit is not None:
        span = {"filterDateUnit": str(unit).removesuffix("s")}
        return _condition(_operator(condition, RELATIVE), operand) | span
    operator = _operator(condition, DATES)
    if isinstance(operand, list):
        return _condition(operator, [_day(each) for each in listed(operand, "operand")])
    return _condition(operator, _day(operand))


READERS = {"string": _text, "number": _number, "boolean": _boolean, "datetime": _date}


def _condition(operator: str, value: Any) -> Json:
    return {"filterOperator": operator, "filterValue": value}


def _operator(condition: Json, words: dict[str, str]) -> str:
    word = condition.get("operator")
    if word not in words:
        raise wrong(f"Unknown operator {word!r} of a step filter; known are {', '.join(words)}.")
    return words[word]


def _quantity(operand: object) -> float:
    try:
        number = float(str(operand))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise wrong(f"{operand!r} is not a number")
    return number


def _day(operand: object) -> str:
    try:
        return datetime.strptime(str(operand), FORM).date().isoformat()
    except ValueError as error:
        raise wrong(f"{operand!r} is not a date of the form MM/DD/YYYY") from error
