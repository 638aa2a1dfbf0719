"""An object that is too large for an answer, shortened where a reader loses least."""

from collections.abc import Callable, Mapping
from typing import Any, cast


def shortened(
    content: Mapping[str, Any], fits: Callable[[Mapping[str, Any]], bool]
) -> tuple[Mapping[str, Any], list[str]]:
    """The object with its longest lists cut at whole items until it fits, and what was cut.

    The one that takes most room is halved first; where no list is left to cut, it stays too large.
    """
    shown = dict(content)
    while not fits(shown):
        name = _longest(shown)
        if name is None:
            break
        shown[name] = shown[name][: len(shown[name]) // 2]
    return shown, [
        f"{name}: shown {len(value):,} of {len(content[name]):,}"
        for name, value in shown.items()
        if isinstance(value, list) and len(cast("list[Any]", value)) < len(content[name])
    ]


def _longest(content: Mapping[str, Any]) -> str | None:
    sizes = {
        name: len(repr(value))
        for name, value in content.items()
        if isinstance(value, list) and len(cast("list[Any]", value)) > 1
    }
    return max(sizes, key=lambda name: sizes[name], default=None)
