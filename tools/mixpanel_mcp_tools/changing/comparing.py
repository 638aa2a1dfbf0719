"""Whether two values say the same, however Mixpanel writes them. Pure."""

from collections.abc import Mapping
from typing import Any, cast

from mixpanel_mcp_core.lenient_json import parsed, written

_LONGEST_SHOWN = 60


def same(one: Any, other: Any) -> bool:
    """Whether two values of a field are one: nothing is nothing, JSON text is what it says."""
    return _of_a_field(one) == _of_a_field(other)


def within(part: Any, whole: Any) -> bool:
    """Whether all that `part` says is in `whole`, to which Mixpanel may have added."""
    return _within(_of_a_field(part), _of_a_field(whole))


def shown(value: Any) -> str:
    """A value as a list of changes has room for it."""
    if _is_blank(value):
        return "nothing" if value is None or value == "" else written(value).decode()
    text = value if isinstance(value, str) else written(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _is_blank(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


def _of_a_field(value: Any) -> Any:
    """The value of a field, whose names or ids come in any order: those within it do not."""
    settled = _settled(value)
    if isinstance(settled, list) and all(isinstance(each, str | int) for each in settled):  # pyright: ignore
        return sorted(settled, key=str)  # pyright: ignore
    return settled


def _settled(value: Any) -> Any:
    """A value in the one form in which it is compared."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = parsed(value)
        except ValueError:
            return value
    if _is_blank(value):
        return None
    if isinstance(value, dict):
        given = cast("Mapping[str, Any]", value)
        settled = {key: _settled(each) for key, each in given.items()}
        return {key: each for key, each in settled.items() if each is not None} or None
    if isinstance(value, list):
        return [_settled(each) for each in cast("list[Any]", value)]
    return value


def _within(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        given, there = cast("Mapping[str, Any]", part), cast("Mapping[str, Any]", whole)
        return all(_within(each, there.get(key)) for key, each in given.items())
    if isinstance(part, list) and isinstance(whole, list):
        ours, theirs = cast("list[Any]", part), cast("list[Any]", whole)
        pairs = zip(ours, theirs, strict=False)
        return len(ours) == len(theirs) and all(_within(one, other) for one, other in pairs)
    return part == whole
