"""Cohort definitions, the tree of selectors and the behaviors it names, to rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeGuard, cast

from .bookmarks import listed, mapping
from .calls import Json
from .clauses import read_stored
from .database import Database
from .errors import not_emulated, wrong
from .lookup_tables import ARROW
from .plan import Selection
from .predicates import Filter
from .properties import Property
from .timeline import day_start, parse_day, today

WINDOW_DAYS = {"day": 1, "week": 7, "month": 30}
SIGNS = {"==": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
AGGREGATIONS = ("total", "unique", "average", "min", "max", "median")
PROFILE_OPERATORS = {
    "==": "equals",
    "!=": "does not equal",
    "in": "contains",
    "not in": "does not contain",
    ">": "is greater than",
    "<": "is less than",
    "defined": "is set",
    "not defined": "is not set",
}
DEEPEST = 50
MOST_DAYS = 36_500
LARGEST = 1e300
EARLIEST = date(1970, 1, 1)


@dataclass(frozen=True)
class Window:
    """The last `days` local days up to a moment, or the local days from `first` to `last`."""

    days: int = 0
    first: date | None = None
    last: date | None = None

    def span(self, end: int, timezone: str) -> tuple[int, int]:
        """Return the milliseconds that count as of `end`, itself excluded."""
        if self.first and self.last:
            following = self.last + timedelta(days=1)
            return day_start(self.first, timezone), min(end, day_start(following, timezone))
        day = today(datetime.fromtimestamp((end - 1) / 1000, UTC), timezone)
        return day_start(day - timedelta(days=self.days - 1), timezone), end


@dataclass(frozen=True)
class Behavior:
    """How often somebody did an event, or an aggregate of one of its properties."""

    selection: Selection
    window: Window
    aggregation: str = "count"
    property: Property | None = None


@dataclass(frozen=True)
class Did:
    """A behavior compared with a number; `sign` is SQL's."""

    behavior: Behavior
    sign: str
    times: float


@dataclass(frozen=True)
class Has:
    """A condition on the current profile."""

    condition: Filter


@dataclass(frozen=True)
class Within:
    """Membership in a saved cohort, or the opposite."""

    id: int
    negated: bool


@dataclass(frozen=True)
class Listed:
    """An uploaded list of people."""

    distinct_ids: tuple[str, ...]


@dataclass(frozen=True)
class Joined:
    """Rules of which all or any must hold."""

    every: bool
    rules: tuple["Rule", ...]


Rule = Did | Has | Within | Listed | Joined
Named = Callable[[str], Behavior]


def read_document(document: Json, database: Database) -> Rule:
    """Return the rule of a saved cohort; 400 when it has no definition that can be computed."""
    if "distinct_ids" in document:
        ids = listed(document["distinct_ids"], "distinct_ids")
        return Listed(tuple(map(str, ids)))
    if document.get("selector") is None:
        raise wrong(f"Cohort {document.get('id')} has no definition.")
    return read_definition(document, database)


def read_definition(definition: Json, database: Database) -> Rule:
    """Return the rule of a definition with `selector` and `behaviors`; 400 when it is wrong."""
    behaviors = mapping(definition.get("behaviors") or {}, "behaviors")

    def behavior(name: str) -> Behavior:
        if name not in behaviors:
            raise wrong(f"The cohort has no behavior {name!r}.")
        return _behavior(mapping(behaviors[name], name), database)

    return _rule(mapping(definition.get("selector"), "selector"), behavior, DEEPEST)


def _rule(node: Json, behavior: Named, depth: int) -> Rule:
    if not depth:
        raise wrong(f"A cohort's selector is nested deeper than {DEEPEST} levels.")
    if "children" in node:
        return _joined(node, behavior, depth)
    kind = node.get("property")
    if kind == "behaviors":
        return _did(node, behavior)
    if kind == "cohort":
        return _within(node)
    if kind == "user":
        return _has(node)
    raise wrong(f"A selector's property must be behaviors, cohort or user, not {kind!r}")


def _joined(node: Json, behavior: Named, depth: int) -> Joined:
    children = [mapping(child, "child") for child in listed(node["children"], "children")]
    if node.get("operator") not in ("and", "or") or not children:
        raise wrong("A selector with children needs one at least and the operator and or or.")
    rules = tuple(_rule(child, behavior, depth - 1) for child in children)
    return Joined(node["operator"] == "and", rules)


def _did(node: Json, behavior: Named) -> Did:
    name, sign, times = node.get("value"), SIGNS.get(str(node.get("operator"))), node.get("operand")
    if sign is None or not _is_number(times):
        raise wrong(f"The selector of {name!r} must compare it with a number.")
    return Did(behavior(str(name)), sign, float(times))


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < LARGEST


def _behavior(entry: Json, database: Database) -> Behavior:
    count = mapping(entry.get("count"), "count")
    if count.get("type", "absolute") != "absolute":
        raise not_emulated(f"behaviors counted by {count['type']!r}")
    selection = _selection(mapping(count.get("event_selector"), "event_selector"), database)
    aggregation = count.get("aggregationOperator")
    if aggregation is None:
        return Behavior(selection, _window(entry))
    if aggregation not in AGGREGATIONS or not isinstance(count.get("property"), str):
        raise wrong(f"aggregationOperator must be one of {', '.join(AGGREGATIONS)}, of a property")
    return Behavior(selection, _window(entry), aggregation, Property(count["property"]))


def _selection(selector: Json, database: Database) -> Selection:
    node = mapping(selector.get("selector") or {}, "event_selector.selector")
    words = {"and": "all", "or": "any"}
    return read_stored(
        {
            "name": selector.get("event"),
            "filters": node.get("children"),
            "filtersDeterminer": words.get(str(node.get("operator", "and")), "neither"),
        },
        database,
    )


def _window(entry: Json) -> Window:
    if entry.get("window") is None:
        first, last = (parse_day(entry.get(name)) for name in ("from_date", "to_date"))
        if not EARLIEST <= first <= last < date.max:
            raise wrong(f"A behavior cannot be counted from {first} to {last}.")
        return Window(first=first, last=last)
    window = mapping(entry["window"], "window")
    unit, count = str(window.get("unit")), window.get("value")
    if unit not in WINDOW_DAYS or isinstance(count, bool) or not isinstance(count, int):
        raise wrong(f"A window needs a number and one of {', '.join(WINDOW_DAYS)}.")
    days = count * WINDOW_DAYS[unit]
    if not 1 <= days <= MOST_DAYS:
        raise wrong(f"A window must have from 1 to {MOST_DAYS} days.")
    return Window(days)


def _within(node: Json) -> Within:
    number, operator = node.get("value"), node.get("operator")
    if isinstance(number, bool) or not isinstance(number, int) or operator not in ("in", "not in"):
        raise wrong("A selector of a cohort needs its number and the operator in or not in.")
    return Within(number, operator == "not in")


def _has(node: Json) -> Has:
    name, operator = node.get("value"), PROFILE_OPERATORS.get(str(node.get("operator")))
    if not isinstance(name, str) or operator is None:
        known = ", ".join(PROFILE_OPERATORS)
        raise wrong(f"A selector of a profile needs a property and one of {known}.")
    if ARROW in name:
        raise not_emulated("columns of lookup tables in the definition of a cohort")
    operand = cast("Any", node.get("operand"))
    return Has(Filter(Property(name, "people"), operator, operand))
