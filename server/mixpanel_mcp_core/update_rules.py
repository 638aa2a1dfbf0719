"""What an update of a profile may say, checked before anything is sent. Pure."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from mixpanel_mcp_core.batches import UPDATES, json_size
from mixpanel_mcp_core.ids import id_problems
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.problems import Problem

# How a caller knows a part of an update.
Place = Callable[[str], str]

MOST_PROPERTIES = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """Profiles of people or of groups: where updates go, what names one, what may stand beside."""

    path: str
    ids: tuple[str, ...]
    beside: tuple[str, ...]


_BESIDE = ("$token", "$time", "$ip", "$latitude", "$longitude", "$ignore_time")
PEOPLE = Kind("/engage", ("$distinct_id",), (*_BESIDE, "$ignore_alias"))
GROUPS = Kind("/groups", ("$group_key", "$group_id"), _BESIDE)


def update_problems(kind: Kind, update: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """What is wrong with an update: its ids, its one operation, what stands beside."""
    operations = [name for name in update if name in _CONTENT]
    if len(operations) != 1:
        found = f"has {', '.join(operations)}" if operations else "has none"
        yield place(""), f"needs exactly one operation of {', '.join(_CONTENT)}; it {found}"
    # What was stored under such an id before can still be deleted.
    named = "$delete" not in update
    for name in kind.ids:
        people = name == "$distinct_id" and named
        yield from id_problems(update.get(name), place(name), placeholders=people)
    for name in operations:
        yield from _CONTENT[name](update[name], place(name))
        if json_size(update) > UPDATES.size:
            yield place(name), f"an update has at most {UPDATES.size:,} bytes"
    yield from _beside_problems(kind, update, place)


def _beside_problems(kind: Kind, update: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    known = (*kind.ids, *kind.beside, *_CONTENT)
    for name in update:
        if name not in known:
            near = get_close_matches(f"${name.lstrip('$')}", known, n=1)
            hint = f". Did you mean {near[0]}?" if near else ""
            yield place(name), f"no part of an update{hint}"
    for name in ("$latitude", "$longitude"):
        if name in update and not is_number(update[name]):
            yield place(name), _no_number(update[name])
    for name in ("$ignore_time", "$ignore_alias"):
        if name in update and not isinstance(update[name], bool):
            yield place(name), f"must be true or false, not {shown(update[name])}"


def is_number(value: Any) -> bool:
    """Whether JSON has the value as a number."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """A value in a sentence, cut where it is long."""
    text = written(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}…"


def _object(content: Any, field: str) -> Iterator[Problem]:
    if not isinstance(content, dict):
        yield field, f"must be an object of property names and values, not {shown(content)}"
        return
    values = cast("dict[str, Any]", content)
    if "" in values:
        yield field, "a property needs a name"
    if len(values) > MOST_PROPERTIES:
        yield field, f"has {len(values):,} properties; a profile holds {MOST_PROPERTIES:,} at most"


def _filled(content: Any, field: str) -> Iterator[Problem]:
    yield from _object(content, field)
    if content == {}:
        yield field, "must name at least one property"


def _numbers(content: Any, field: str) -> Iterator[Problem]:
    yield from _filled(content, field)
    for name, value in _items(content):
        if not is_number(value):
            yield f"{field}.{name}", _no_number(value)


def _lists(content: Any, field: str) -> Iterator[Problem]:
    yield from _filled(content, field)
    for name, value in _items(content):
        items = cast("list[Any]", value) if isinstance(value, list) else []
        if not items:
            example = shown([value] if isinstance(value, str | int | float) else ["a", "b"])
            yield f"{field}.{name}", f"must be a list with at least one item, e.g. {example}"
        for place, item in enumerate(items):
            if not isinstance(item, str) and not is_number(item):
                told = f"must be text or a number, not {shown(item)}"
                yield f"{field}.{name}[{place}]", told


def _names(content: Any, field: str) -> Iterator[Problem]:
    names = cast("Sequence[Any]", content) if isinstance(content, list) else ()
    if not names:
        yield field, 'must be a list with at least one property name, e.g. ["plan"]'
    for place, name in enumerate(names):
        if not isinstance(name, str) or not name:
            yield f"{field}[{place}]", f"must be the name of a property, not {shown(name)}"


def _anything(content: Any, field: str) -> Iterator[Problem]:
    yield from ()


def _items(content: Any) -> Iterable[tuple[str, Any]]:
    return cast("dict[str, Any]", content).items() if isinstance(content, dict) else ()


def _no_number(value: Any) -> str:
    try:
        meant = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        meant = math.nan
    hint = f"; write {str(value).strip()}" if math.isfinite(meant) else ""
    return f"must be a number, not {shown(value)}{hint}"


_CONTENT: Mapping[str, Callable[[Any, str], Iterator[Problem]]] = {
    "$set": _object,
    "$set_once": _object,
    "$add": _numbers,
    "$append": _filled,
    "$union": _lists,
    "$remove": _filled,
    "$unset": _names,
    "$delete": _anything,
}
# Applied twice they leave what applied once they left.
REPEATABLE = frozenset(_CONTENT) - {"$add", "$append"}
