"""What the operators of an update leave of a profile."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, cast

import orjson

from .calls import Json
from .records import Fault

MOST_PROPERTIES = 2000
LARGEST_LIST = 256_000
LONGEST_NAME = 255


def updated(profile: Json | None, update: Mapping[str, Any]) -> Json | Fault | None:
    """Return the profile after an update, None when there is none, or why it does not fit."""
    result = None if profile is None else dict(profile)
    for operator, content in update.items():
        if operator == "$delete":
            result = None
        elif operator in _APPLIED and not (result is None and operator in TAKING):
            result = {} if result is None else result
            _APPLIED[operator](result, _named(content))
            if fault := _misfit(operator, result, content):
                return fault
    return result


def _named(content: Any) -> Any:
    """The content with names as long as names may be."""
    if isinstance(content, list):
        return [name[:LONGEST_NAME] for name in cast("list[str]", content)]
    return {name[:LONGEST_NAME]: value for name, value in cast("Json", content).items()}


def _misfit(operator: str, profile: Json, content: Any) -> Fault | None:
    if operator in TAKING:
        return None
    if len(profile) > MOST_PROPERTIES:
        return Fault(operator, f"a profile may have at most {MOST_PROPERTIES} properties")
    for name in _named(content):
        value = profile.get(name)
        if isinstance(value, list) and len(orjson.dumps(value)) > LARGEST_LIST:
            return Fault(f"{operator}.{name}", f"a list may have at most {LARGEST_LIST} bytes")
    return None


def _set(profile: Json, values: Json) -> None:
    profile.update(values)


def _set_once(profile: Json, values: Json) -> None:
    profile.update({name: value for name, value in values.items() if name not in profile})


def _add(profile: Json, values: Json) -> None:
    for name, value in values.items():
        before = profile.get(name, 0)
        if _is_number(before) and _is_number(value):
            profile[name] = before + value


def _append(profile: Json, values: Json) -> None:
    for name, value in values.items():
        profile[name] = [*_as_list(profile, name), value]


def _union(profile: Json, values: Json) -> None:
    for name, added in values.items():
        items = _as_list(profile, name)
        have = set(map(_mark, items))
        for value in cast("list[Any]", added if isinstance(added, list) else [added]):
            if _mark(value) not in have:
                have.add(_mark(value))
                items.append(value)
        profile[name] = items


def _remove(profile: Json, values: Json) -> None:
    for name, value in values.items():
        if isinstance(profile.get(name), list):
            profile[name] = [each for each in profile[name] if _mark(each) != _mark(value)]


def _unset(profile: Json, names: list[str]) -> None:
    for name in names:
        profile.pop(name, None)


def _as_list(profile: Json, name: str) -> list[Any]:
    if name not in profile:
        return []
    value = profile[name]
    return list(cast("list[Any]", value)) if isinstance(value, list) else [value]


def _mark(value: object) -> Hashable:
    """What values have in common that are one item: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return isinstance(value, bool), value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# These make no profile where there is none.
TAKING = ("$remove", "$unset")
_APPLIED: dict[str, Callable[[Json, Any], None]] = {
    "$set": _set,
    "$set_once": _set_once,
    "$add": _add,
    "$append": _append,
    "$union": _union,
    "$remove": _remove,
    "$unset": _unset,
}
OPERATORS = (*_APPLIED, "$delete")
