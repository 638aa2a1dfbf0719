"""What the objects inside a property hold, told from a sample of its values. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from mixpanel_mcp_core.fields import PropertyType
from mixpanel_mcp_core.models.discovery import SubProperties, SubPropertyInfo

_MOST_SAMPLES = 5
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


def subproperties_in(texts: Sequence[str]) -> SubProperties:
    """The keys of all objects among the values, by name, each with its type and some values."""
    values: dict[str, list[Any]] = {}
    nested: set[str] = set()
    for key, value in (pair for text in texts for row in _rows(text) for pair in row.items()):
        seen = values.setdefault(key, [])
        if isinstance(value, dict | list):
            nested.add(key)
        elif value is not None:
            seen.append(value)
    found = [
        SubPropertyInfo(name=key, type=_type(seen), sample_values=_samples(seen))
        for key, seen in sorted(values.items())
        if seen
    ]
    return SubProperties(found=found, warnings=list(_warnings(values, nested)))


def _rows(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    for row in cast("list[Any]", value if isinstance(value, list) else [value]):
        if isinstance(row, dict):
            yield cast("Mapping[str, Any]", row)


def _type(values: Sequence[Any]) -> PropertyType:
    kinds: set[PropertyType] = {_kind(value) for value in values}
    if kinds == {"string"} and all(map(_is_date, values)):
        return "datetime"
    return kinds.pop() if len(kinds) == 1 else "string"


def _kind(value: Any) -> PropertyType:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def _is_date(text: str) -> bool:
    parts = _DATE.fullmatch(text)
    if parts is None:
        return False
    try:
        date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return False
    return True


def _samples(values: Sequence[Any]) -> list[Any]:
    # True and 1 are equal to Python, and two values to whoever reads them.
    distinct = {(type(value), value): value for value in values}
    return list(distinct.values())[:_MOST_SAMPLES]


def _warnings(values: Mapping[str, Sequence[Any]], nested: set[str]) -> Iterator[str]:
    for key, seen in sorted(values.items()):
        if len({_kind(value) for value in seen}) > 1:
            yield f"{key} has values of several types and counts as string"
        if seen and key in nested:
            yield f"{key} is an object or a list in some values"
        if not seen and key not in nested:
            yield f"{key} is always null"
