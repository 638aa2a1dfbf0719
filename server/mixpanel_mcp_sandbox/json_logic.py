"""JsonLogic, the rules by which feature flags look at properties of a request.

A rule is JSON: an object with one key is an operation on its values, anything else stands for
itself. The operations are those of https://jsonlogic.com that take no list apart.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from operator import add, mul
from typing import Any, cast

from .errors import not_emulated, wrong

Data = Mapping[str, Any]


def holds(rule: Any, data: Data) -> bool:
    """Return whether a rule is true of the data; 400 for a malformed one."""
    try:
        return bool(_value(rule, data))
    except (TypeError, RecursionError) as error:
        raise wrong(f"A runtime rule is malformed: {error}") from error


def _value(rule: Any, data: Data) -> Any:
    if isinstance(rule, list):
        return [_value(each, data) for each in cast("list[Any]", rule)]
    if not isinstance(rule, dict) or len(cast("dict[str, Any]", rule)) != 1:
        return rule
    ((name, given),) = cast("dict[str, Any]", rule).items()
    operands: list[Any] = given if isinstance(given, list) else [given]
    if name in LAZY:
        return LAZY[name](operands, data)
    if name not in EAGER:
        raise not_emulated(f"{name!r} in runtime rules of feature flags")
    return EAGER[name](*(_value(each, data) for each in operands))


def _variable(operands: Sequence[Any], data: Data) -> Any:
    path = _value(operands[0], data) if operands else ""
    default = _value(operands[1], data) if len(operands) > 1 else None
    found: Any = data
    for step in str(path).split(".") if path not in ("", None) else ():
        if isinstance(found, dict) and step in found:
            found = cast("dict[str, Any]", found)[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):  # pyright: ignore
            found = cast("list[Any]", found)[int(step)]
        else:
            return default
    return found


def _and(operands: Sequence[Any], data: Data) -> Any:
    value: Any = None
    for each in operands:
        value = _value(each, data)
        if not value:
            break
    return value


def _or(operands: Sequence[Any], data: Data) -> Any:
    value: Any = None
    for each in operands:
        value = _value(each, data)
        if value:
            break
    return value


def _if(operands: Sequence[Any], data: Data) -> Any:
    rest = list(operands)
    while len(rest) > 1:
        condition, outcome, *rest = rest
        if _value(condition, data):
            return _value(outcome, data)
    return _value(rest[0], data) if rest else None


def _alike(left: Any, right: Any) -> bool:
    """Equal as JavaScript's `==` has it for numbers and texts."""
    numbers = [_number(each) for each in (left, right)]
    if isinstance(left, str) is not isinstance(right, str) and None not in (left, right):
        return numbers[0] is not None and numbers[0] == numbers[1]
    return left == right


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def of(*values: Any) -> bool:
        if not all(isinstance(each, str) for each in values):
            values = tuple(_number(each) for each in values)
        return None not in values and all(compare(*pair) for pair in pairwise(values))

    return of


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    # A whole number may be larger than any float.
    except (TypeError, ValueError, OverflowError):
        return None


def _numbers(values: Sequence[Any]) -> list[float]:
    return [_number(each) or 0.0 for each in values]


def _inside(item: Any, where: Any) -> bool:
    if isinstance(where, str):
        return isinstance(item, str) and item in where
    return isinstance(where, list) and any(_same(item, each) for each in cast("list[Any]", where))


def _minus(*values: Any) -> float:
    first, *others = _numbers(values)
    return first - others[0] if others else -first


def _divided(left: Any, right: Any) -> float | None:
    below = _number(right)
    return (_number(left) or 0.0) / below if below else None


def _rest(left: Any, right: Any) -> float | None:
    below = _number(right)
    return (_number(left) or 0.0) % below if below else None


LAZY: Mapping[str, Callable[[Sequence[Any], Data], Any]] = {
    "var": _variable,
    "and": _and,
    "or": _or,
    "if": _if,
    "?:": _if,
}
EAGER: Mapping[str, Callable[..., Any]] = {
    "==": _alike,
    "!=": lambda left, right: not _alike(left, right),
    "===": _same,
    "!==": lambda left, right: not _same(left, right),
    "!": lambda value=None: not value,
    "!!": bool,
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": _inside,
    "cat": lambda *values: "".join(map(str, values)),
    "+": lambda *values: reduce(add, _numbers(values), 0.0),
    "*": lambda *values: reduce(mul, _numbers(values), 1.0),
    "-": _minus,
    "/": _divided,
    "%": _rest,
    "min": lambda *values: min(_numbers(values), default=None),
    "max": lambda *values: max(_numbers(values), default=None),
}
