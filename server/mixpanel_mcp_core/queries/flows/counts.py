"""How flows count: numbers, mostly written as text."""

import logging

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
