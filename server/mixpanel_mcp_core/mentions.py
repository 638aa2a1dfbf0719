"""Which names of a project the arguments of a call mention. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

Arguments = Mapping[str, Any]

_EVENTS = frozenset(
    {
        "event",
        "events",
        "event_name",
        "steps",
        "born_event",
        "return_event",
        "exclusions",
        "include_events",
    }
)
_PROPERTIES = frozenset(
    {
        "property",
        "property_name",
        "property_names",
        "math_property",
        "group_by",
        "segments",
        "holding_constant",
        "on",
    }
)
_OF_PROFILES = frozenset({"output_properties", "sort_by", "aggregate_property"})
# Text that is an expression tells its properties by itself.
_EXPRESSIONS = frozenset({"where", "on", "born_where", "return_where"})
_IN_EXPRESSION = re.compile(r'properties\["(?P<name>[^"]+)"\](?:\s*==\s*"(?P<value>[^"]*)")?')
_EQUALITIES = frozenset({"equals", None})


@dataclass(frozen=True, slots=True)
class Mentions:
    """Names in the order of the arguments.

    `owned` are properties by which one event is filtered, behind its name; `values` those that a
    property is to be equal to, with the event that it is of, where it is one of them only.
    """

    events: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    profile_properties: tuple[str, ...] = ()
    owned: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str, str | None], ...] = ()
    cohorts: tuple[int, ...] = ()


def mentions_of(arguments: Arguments, *, of_profiles: bool = False) -> Mentions:
    """What the arguments mention; `of_profiles` where properties are those of profiles."""
    found = list(_in_object(arguments))

    def names(kind: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(name for each, name in found if each == kind))

    properties, more = names("property"), names("profile_property")
    if of_profiles:
        return Mentions(profile_properties=(*properties, *more), cohorts=names("cohort"))
    return Mentions(
        names("event"), properties, more, names("owned"), names("value"), names("cohort")
    )


def _in_object(node: Arguments, owner: str | None = None) -> Iterator[tuple[str, Any]]:
    """The names in an object, which may be a condition on the events of an `owner`."""
    about_profiles = node.get("resource_type") in ("people", "user")
    for key, value in node.items():
        for text in _texts(value):
            if key in _EXPRESSIONS and "[" in text:
                yield from _in_expression(text)
            elif key in _EVENTS and not text.startswith("$"):
                yield "event", text
            elif key in _PROPERTIES and "criterion" not in node:
                if about_profiles:
                    yield "profile_property", text
                else:
                    yield ("owned", (owner, text)) if owner else ("property", text)
            elif key in _OF_PROFILES:
                yield "profile_property", text
        if key == "cohort" and isinstance(value, int):
            yield "cohort", value
        yield from _inside(value, node.get("event") if key == "filters" else owner)
    if not about_profiles:
        yield from _equalities(node, owner)


def _inside(value: Any, owner: Any) -> Iterator[tuple[str, Any]]:
    for each in cast("list[Any]", value) if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from _in_object(
                cast("Arguments", each), owner if isinstance(owner, str) else None
            )


def _texts(value: Any) -> list[str]:
    given = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [each for each in given if isinstance(each, str) and each]


def _equalities(node: Arguments, owner: str | None) -> Iterator[tuple[str, Any]]:
    """The texts that a filter, or a count by values, compares a property with."""
    name = node.get("property") or node.get("property_name")
    if isinstance(name, str) and node.get("operator") in _EQUALITIES:
        for text in [*_texts(node.get("value")), *_texts(node.get("values"))]:
            yield "value", (name, text, owner)


def _in_expression(text: str) -> Iterator[tuple[str, Any]]:
    for match in _IN_EXPRESSION.finditer(text):
        yield "property", match["name"]
        if match["value"]:
            yield "value", (match["name"], match["value"], None)
