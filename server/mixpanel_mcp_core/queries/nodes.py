"""Parts of an answer that should be objects, and may be anything."""

from typing import Any, cast


def object_in(value: object) -> dict[str, Any]:
    """The object that a value is, an empty one where it is none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def objects_within(value: object) -> dict[str, dict[str, Any]]:
    """Those of an object's values that are objects themselves, by their keys."""
    items = object_in(value).items()
    return {key: cast("dict[str, Any]", each) for key, each in items if isinstance(each, dict)}


def objects_in(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def day_of(text: str) -> str:
    """A date of the wire without the offset of its zone."""
    return text[:19] if len(text) > 19 and "T" in text else text
