"""How flows count: numbers, mostly written as text, within objects that may be anything."""

import logging
from typing import Any, cast

_log = logging.getLogger(__name__)


def count_of(value: object) -> int:
    """A count as a number; what is none counts 0, and leaves a warning unless it is null."""
    if isinstance(value, int):
        return value
    if value is None:
        return 0
    try:
        return int(value) if isinstance(value, str) else _unreadable(value)
    except ValueError:
        return _unreadable(value)


def _unreadable(value: object) -> int:
    _log.warning("A count in a flow is no whole number: %r", value)
    return 0


def objects_in(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
