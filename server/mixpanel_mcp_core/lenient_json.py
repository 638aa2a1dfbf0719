"""JSON as events hold it: fast where it is well-formed, and nothing lost where it is odd. Pure."""

import json
from datetime import datetime
from typing import Any

import orjson


def parsed(text: bytes | str) -> Any:
    """The value of a JSON text; ValueError where it is none, or nested a thousand levels deep.

    NaN, half of a surrogate pair, broken UTF-8 and numbers beyond 64 bits are odd, but read.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text if isinstance(text, str) else text.decode(errors="replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def written(value: Any, option: int = 0) -> bytes:
    """A value as compact JSON, whatever text and numbers it holds."""
    try:
        return orjson.dumps(value, option=option)
    except orjson.JSONEncodeError:
        sort = bool(option & orjson.OPT_SORT_KEYS)
        text = json.dumps(value, separators=(",", ":"), sort_keys=sort, default=datetime.isoformat)
        return text.encode()
