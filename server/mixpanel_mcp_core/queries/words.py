"""How strictly an argument is held to its published type while it is read.

Some words and numbers are judged later, by a rule with its own code that can
say more than a schema; those are let through here.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, LiteralString, cast, get_args

from pydantic import BeforeValidator, PlainValidator, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from .suggestions import offer

_NUMERAL = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def refusal(code: str, message: str) -> PydanticCustomError:
    """One problem of an argument's type, for pydantic to collect with its place."""
    return PydanticCustomError(cast("LiteralString", code), "{text}", {"text": message})


def _pass_words(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return value if isinstance(value, str) else read(value)


judged_later = WrapValidator(_pass_words)
"""Publishes the closed set, accepts every string: a rule names the nearest words."""


def closed(words: Any) -> BeforeValidator:
    """Accept only the words of this Literal; a refusal names the nearest ones."""
    valid: tuple[str, ...] = get_args(words)

    def read(value: object) -> object:
        if value is None or value in valid:
            return value
        raise refusal("unknown_word", f"{value!r} is not a valid word here. {offer(value, valid)}")

    return BeforeValidator(read)


def to_number(value: object) -> int | float:
    """An int or float as it is, a numeral as the number it spells; ValueError for all else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMERAL.fullmatch(value):
        return float(value) if set(value) & set(".eE") else int(value)
    raise ValueError(f"expected a number such as 10 or 2.5, got {value!r}")


def to_whole(value: object) -> int:
    """A whole number; ValueError for fractions, booleans and all else."""
    number = to_number(value)
    if number != number or number in (float("inf"), float("-inf")) or number != int(number):
        raise ValueError(f"expected a whole number such as 7, got {value!r}")
    return int(number)


def is_whole(value: object) -> bool:
    """A whole number as JSON knows it: neither a boolean nor a fraction."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_id(value: Any) -> bool:
    """A positive whole number, as all of Mixpanel's ids are."""
    return is_whole(value) and value > 0


def _read_with(convert: Callable[[object], Any], code: str, what: str) -> Callable[[Any], Any]:
    def read(value: object) -> Any:
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError:
            raise refusal(code, f"Expected {what}, got {value!r}.") from None

    return read


Whole = Annotated[
    int,
    PlainValidator(
        _read_with(to_whole, "whole_number", "a whole number such as 7"),
        json_schema_input_type=int,
    ),
]


def _whole_if_it_is_one(value: object) -> object:
    try:
        return to_whole(value)
    except ValueError:
        return value


JudgedWhole = Annotated[Any, PlainValidator(_whole_if_it_is_one, json_schema_input_type=int)]
"""Published as a whole number; anything else is let through to a rule with its own code."""

Number = Annotated[
    int | float,
    PlainValidator(
        _read_with(to_number, "number", "a number such as 10 or 2.5"), json_schema_input_type=float
    ),
]
