"""The conditions of drop filters and of deletion requests: a property, an operator, a value."""

from typing import Any, NamedTuple, cast

from .calls import Json
from .errors import one_of, wrong
from .predicates import RULES, text_of
from .properties import EVENT_FIELDS
from .records import Properties

EQUALS = "equals"
MOST = 15


class Condition(NamedTuple):
    """What the value of a property must be."""

    property: str
    operator: str
    value: object

    def holds(self, properties: Properties) -> bool:
        """Return whether a record's value, or some item of its list, equals the wanted one."""
        value = properties.get(self.property)
        items = cast("list[Any]", value) if isinstance(value, list) else [value]
        wanted = {text_of(each) for each in _several(self.value)}
        return any(
            isinstance(item, str | int | float) and text_of(item) in wanted for item in items
        )


def read_conditions(filters: object) -> list[Condition]:
    """Return the conditions of a list, of one object, or of the `items` or `filters` of an object.

    Raises Refusal (400) for what is none, and for more of them than there may be.
    """
    if isinstance(filters, dict):
        given = cast("Json", filters)
        inner = next((given[key] for key in ("items", "filters") if key in given), None)
        filters = inner if inner is not None else [given] if any(given.values()) else []
    if not isinstance(filters, list | None):
        raise wrong("filters must be a list of conditions")
    conditions = [_condition(each) for each in cast("list[Any]", filters or [])]
    if len(conditions) > MOST:
        raise wrong(f"there may be at most {MOST} conditions")
    return conditions


def only_equality(conditions: list[Condition]) -> list[Condition]:
    """Return the conditions; 400 where one compares otherwise than by equality."""
    for each in conditions:
        if each.operator != EQUALS:
            raise wrong(f"operator must be {EQUALS}, not {each.operator!r}")
        for value in _several(each.value):
            text_of(value)
    return conditions


def _condition(entry: object) -> Condition:
    if not isinstance(entry, dict):
        raise wrong(f"a condition must be an object, not {entry!r}")
    given = cast("Json", entry)
    name, operator = given.get("property"), given.get("operator", EQUALS)
    if not isinstance(name, str) or not name:
        raise wrong("property of a condition is required")
    if name in EVENT_FIELDS:
        raise wrong(f"{name} is no property to filter by here")
    return Condition(name, one_of(RULES, operator, "operator"), given.get("value"))


def _several(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
