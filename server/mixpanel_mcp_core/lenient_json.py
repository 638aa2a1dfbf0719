"""JSON as events hold it: fast where it is well-formed, and nothing lost where it is odd. Pure."""

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any, cast

import orjson

# What is nested deeper cannot be written again by every library that it comes to.
_DEEPEST = 200


def parsed(text: bytes | str) -> Any:
    """The value of a JSON text; ValueError where it is none, or nested more than 200 levels deep.

    NaN, half of a surrogate pair, broken UTF-8 and numbers beyond 64 bits are odd, but read.
    """
    value = _read(text)
    if _opened(text) > _DEEPEST and _depth(value) > _DEEPEST:
        raise ValueError("nested too deep")
    return value


def _opened(text: bytes | str) -> int:
    """How many lists and objects a text holds at most, which is fast to tell."""
    if isinstance(text, str):
        return text.count("[") + text.count("{")
    return text.count(b"[") + text.count(b"{")


def _read(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text if isinstance(text, str) else text.decode(errors="replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _depth(value: Any) -> int:
    """How many levels of lists and objects a value has."""
    levels, level = 0, [value]
    while level := list(chain.from_iterable(map(_inner, level))):
        levels += 1
    return levels


def _inner(value: Any) -> Iterable[Any]:
    """What a list or an object holds."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()


def written(value: Any, option: int = 0) -> bytes:
    """A value as compact JSON, whatever text and numbers it holds."""
    try:
        return orjson.dumps(value, option=option)
    except orjson.JSONEncodeError:
        sort = bool(option & orjson.OPT_SORT_KEYS)
        text = json.dumps(value, separators=(",", ":"), sort_keys=sort, default=datetime.isoformat)
        return text.encode()
