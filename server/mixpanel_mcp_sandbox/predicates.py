"""Filters on properties as SQL predicates that are never NULL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from .database import literal
from .errors import wrong
from .properties import Property
from .timeline import UNIT_MS, day_start, parse_day


@dataclass(frozen=True)
class Filter:
    """One condition; `operator` is the wire's word."""

    property: Property
    operator: str
    value: object = None
    unit: str | None = None


@dataclass(frozen=True)
class ItemFilter:
    """A condition on a list of objects: some item, or each of at least one, fulfils all filters."""

    property: Property
    filters: tuple[Filter, ...]
    every: bool = False


Condition = Filter | ItemFilter


@dataclass(frozen=True)
class Clock:
    """What relative and calendar conditions are measured by."""

    now: int
    timezone: str


Rule = Callable[[Filter, Clock], str]


def predicate(condition: Condition, clock: Clock) -> str:
    """Return the SQL for a filter; 400 for an unknown operator or a value of the wrong kind."""
    if isinstance(condition, ItemFilter):
        return f"coalesce({_items(condition, clock)}, false)"
    rule = RULES.get(condition.operator)
    if rule is None:
        raise wrong(f"Unknown filter operator {condition.operator!r}")
    return f"coalesce({rule(condition, clock)}, false)"


def conjunction(filters: tuple[Condition, ...], clock: Clock) -> str:
    """Return the SQL that is true where all filters are."""
    return " and ".join(predicate(f, clock) for f in filters) or "true"


def disjunction(filters: tuple[Condition, ...], clock: Clock) -> str:
    """Return the SQL that is true where some filter is; without filters always."""
    return f"({' or '.join(predicate(f, clock) for f in filters)})" if filters else "true"


def bits(predicates: Sequence[str]) -> str:
    """Return the SQL number whose bit k is set where predicate k (from 0) is true."""
    return " + ".join(f"({p})::bigint * {1 << i}" for i, p in enumerate(predicates)) or "0"


def _items(condition: ItemFilter, clock: Clock) -> str:
    value = condition.property.sql
    test = f"kind(item) = 'object' and {conjunction(condition.filters, clock)}"
    found = f"len(list_filter(scalars({value}), lambda item: {test}))"
    enough = f"greatest(len(scalars({value})), 1)" if condition.every else "1"
    return f"kind({value}) = 'list' and {found} >= {enough}"


def _some_text(value_sql: str, test: str) -> str:
    """Apply a test on `x`, a lower-cased text, to the value or to some item of a list."""
    return (
        f"case kind({value_sql}) when 'null' then false "
        f"when 'list' then len(list_filter(texts({value_sql}), "
        f"lambda y: {test.replace('$x', 'lower(y)')})) > 0 "
        f"else {test.replace('$x', f'lower(value_text({value_sql}))')} end"
    )


def _equals(condition: Filter, _: Clock) -> str:
    wanted = condition.value if isinstance(condition.value, list) else [condition.value]
    texts = ", ".join(literal(text_of(v)) for v in cast("list[object]", wanted))
    return _some_text(condition.property.sql, f"$x in ({texts})") if texts else "false"


def _contains(condition: Filter, _: Clock) -> str:
    needle = literal(text_of(condition.value))
    return _some_text(condition.property.sql, f"contains($x, {needle})")


def _affix(function: str) -> Rule:
    def rule(condition: Filter, _: Clock) -> str:
        text = f"lower(text_in({condition.property.sql}))"
        return f"{function}({text}, {literal(text_of(condition.value))})"

    return rule


def _set(condition: Filter, _: Clock) -> str:
    return f"kind({condition.property.sql}) <> 'null'"


def _comparison(sign: str) -> Rule:
    def rule(condition: Filter, _: Clock) -> str:
        return f"number_in({condition.property.sql}) {sign} {_number(condition.value)}"

    return rule


def _between(condition: Filter, _: Clock) -> str:
    low, high = _pair(condition)
    number = f"number_in({condition.property.sql})"
    return f"{number} between {_number(low)} and {_number(high)}"


def _true(condition: Filter, _: Clock) -> str:
    value = condition.property.sql
    return f"kind({value}) <> 'null' and truth_in({value})"


def _false(condition: Filter, _: Clock) -> str:
    value = condition.property.sql
    return f"kind({value}) <> 'null' and not truth_in({value})"


def _on(condition: Filter, clock: Clock) -> str:
    return _within(condition, *_days(condition.value, condition.value, clock))


def _before(condition: Filter, clock: Clock) -> str:
    return f"moment_in({condition.property.sql}) < {_days(condition.value, None, clock)[0]}"


def _since(condition: Filter, clock: Clock) -> str:
    return f"moment_in({condition.property.sql}) >= {_days(condition.value, None, clock)[0]}"


def _dates(condition: Filter, clock: Clock) -> str:
    return _within(condition, *_days(*_pair(condition), clock))


def _last(condition: Filter, clock: Clock) -> str:
    return _within(condition, clock.now - _span(condition), clock.now)


def _next(condition: Filter, clock: Clock) -> str:
    return _within(condition, clock.now, clock.now + _span(condition))


def _negated(rule: Rule) -> Rule:
    """Return the plain opposite, true also where the property is undefined."""
    return lambda condition, clock: f"not coalesce({rule(condition, clock)}, false)"


def _outside(rule: Rule) -> Rule:
    """Return the opposite among values of the right type: undefined stays undefined."""
    return lambda condition, clock: f"not ({rule(condition, clock)})"


RULES: dict[str, Rule] = {
    "equals": _equals,
    "does not equal": _negated(_equals),
    "contains": _contains,
    "does not contain": _negated(_contains),
    "starts with": _affix("starts_with"),
    "ends with": _affix("ends_with"),
    "is set": _set,
    "is not set": _negated(_set),
    "is greater than": _comparison(">"),
    "is less than": _comparison("<"),
    "is at least": _comparison(">="),
    "is at most": _comparison("<="),
    "is equal to": _comparison("="),
    "is between": _between,
    "not between": _outside(_between),
    "true": _true,
    "false": _false,
    "was on": _on,
    "was not on": _outside(_on),
    "was before": _before,
    "was since": _since,
    "was between": _dates,
    "was not between": _outside(_dates),
    "was in the": _last,
    "was not in the": _outside(_last),
    "was in the next": _next,
}


def _within(condition: Filter, start: int, end: int) -> str:
    moment = f"moment_in({condition.property.sql})"
    return f"({moment} >= {start} and {moment} < {end})"


def _days(first: object, last: object, clock: Clock) -> tuple[int, int]:
    start = parse_day(first)
    end = parse_day(last) if last is not None else start
    return (
        day_start(start, clock.timezone),
        day_start(end + timedelta(days=1), clock.timezone),
    )


def _span(condition: Filter) -> int:
    if str(condition.unit) not in UNIT_MS:
        raise wrong(f"filterDateUnit must be one of {', '.join(UNIT_MS)}")
    return int(_quantity(condition.value) * UNIT_MS[str(condition.unit)])


def _pair(condition: Filter) -> tuple[object, object]:
    match condition.value:
        case [low, high]:
            return cast("object", low), cast("object", high)
        case _:
            raise wrong(f"{condition.operator!r} needs a list of two values")


def _number(value: object) -> str:
    return f"{_quantity(value)!r}::double"


def _quantity(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"{value!r} is not a number")
    return float(value)


def text_of(value: Any) -> str:
    """Return the lower-cased text that a value has in a breakdown."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str | int | float):
        raise wrong(f"{value!r} is no text to compare with")
    return str(value).lower()
