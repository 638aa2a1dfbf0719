"""Which kinds of value each property has: what a column's type is decided by."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

NULL, BOOLEAN, WHOLE, FLOAT, TEXT, NESTED, LARGE = (1 << bit for bit in range(7))

_KIND: Mapping[type, int] = {
    type(None): NULL,
    bool: BOOLEAN,
    int: WHOLE,
    float: FLOAT,
    str: TEXT,
    list: NESTED,
    dict: NESTED,
}
_TYPES: Mapping[int, str] = {
    0: "VARCHAR",
    BOOLEAN: "BOOLEAN",
    WHOLE: "BIGINT",
    FLOAT: "DOUBLE",
    WHOLE | FLOAT: "DOUBLE",
    TEXT: "VARCHAR",
}
# Whole numbers beyond are not exact as a double, and soon not as a BIGINT.
_EXACT = 1 << 53
_MOST_SHAPES = 1000

Shape = tuple[tuple[str, ...], tuple[type, ...]]


class Kinds:
    """Kinds of the properties of many records, as bits."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {}
        self._shapes: dict[Shape, None] = {}

    def line(self, own: Any, properties: Mapping[str, Any]) -> bytes:
        """A record as a line of JSON for columns: `o`, its own field, and `p`, its properties."""
        # Most records look like one before: only their shape is noted.
        self._shapes[tuple(properties), tuple(map(type, properties.values()))] = None
        if len(self._shapes) > _MOST_SHAPES:
            self.settled()
        record = {"o": own, "p": properties}
        try:
            return orjson.dumps(record, option=orjson.OPT_STRICT_INTEGER)
        except orjson.JSONEncodeError:
            return self._odd(record)

    def _odd(self, record: Mapping[str, Any]) -> bytes:
        """A record with whole numbers that no double holds, or text that is no Unicode."""
        for name, value in record["p"].items():
            if isinstance(value, int) and abs(value) >= _EXACT:
                self._found[name] = self._found.get(name, 0) | LARGE
        try:
            return orjson.dumps(record)
        except orjson.JSONEncodeError:
            return repaired(record)

    def settled(self) -> dict[str, int]:
        """The kinds of each property, in first-seen order."""
        for names, types in self._shapes:
            for name, each in zip(names, types, strict=True):
                self._found[name] = self._found.get(name, 0) | _KIND[each]
        self._shapes.clear()
        return self._found


def repaired(record: Mapping[str, Any]) -> bytes:
    """A record with text that is no Unicode, as a line of JSON.

    Half a surrogate pair has no place in a column: a question mark stands in for it.
    """
    text = json.dumps(record, ensure_ascii=False, default=str).encode(errors="replace")
    return json.dumps(json.loads(text, parse_constant=_none)).encode()


def _none(_: str) -> None:
    """NaN and the infinities are no JSON."""


def together(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The kinds of all parts, in first-seen order."""
    whole: dict[str, int] = {}
    for part in parts:
        for name, bits in part.items():
            whole[name] = whole.get(name, 0) | bits
    return whole


def kind_of(python_type: type) -> int:
    """The kind of values of a Python type, in which anything unknown is text."""
    return _KIND.get(python_type, TEXT)


def column_type(bits: int) -> str:
    """The narrowest type that holds values of these kinds and tells them apart."""
    return _TYPES.get(bits & ~NULL, "JSON")
