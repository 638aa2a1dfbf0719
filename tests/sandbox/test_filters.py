"""Filters in SQL against the same rules written down in plain Python."""

import json
from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_client import Client, open_empty

from mixpanel_mcp_sandbox.predicates import Clock, Filter, predicate
from mixpanel_mcp_sandbox.properties import Property

MISSING = object()
SUBJECT = Property("x")
VALUE = "(props::json::variant)['x']"
CLOCK = Clock(now=1_772_323_200_000, timezone="UTC")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([0.5, 2.5, -1.25]),
    st.sampled_from(["", "a", "A", "ab", "Ba", "1", "true", "null", "2.5", "a'b", "%", "é"]),
)
VALUES = st.one_of(st.just(MISSING), SCALARS, st.lists(SCALARS, max_size=3))
TEXTS = st.sampled_from(["a", "A", "b", "1", "true", "null", "2.5", "'", "%", "É", ""])
NUMBERS = st.sampled_from([-1, 0, 1, 2, 2.5, 3.0])


def text(value: Any) -> str:
    """The text of a value in a breakdown, lower-cased."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "null" if value is None else str(value).lower()


def known(value: Any) -> bool:
    """Neither missing nor null."""
    return value is not MISSING and value is not None


def some(value: Any, test: Callable[[str], bool]) -> bool:
    """A test on the text of the value, or of some item of a list."""
    items = value if isinstance(value, list) else [value]
    return known(value) and any(test(text(item)) for item in items)


def number(value: Any) -> bool:
    """A JSON number, not a text that looks like one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def truth(value: Any) -> bool:
    """The truth of a value: empty text, "false" and 0 are false."""
    if isinstance(value, str):
        return value.lower() not in ("", "false")
    return True if isinstance(value, list) else bool(value)


PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda v, w: some(v, lambda t: t in [x.lower() for x in w]),
    "does not equal": lambda v, w: not PLAIN["equals"](v, w),
    "contains": lambda v, w: some(v, lambda t: w.lower() in t),
    "does not contain": lambda v, w: not PLAIN["contains"](v, w),
    "starts with": lambda v, w: isinstance(v, str) and v.lower().startswith(w.lower()),
    "ends with": lambda v, w: isinstance(v, str) and v.lower().endswith(w.lower()),
    "is set": lambda v, _: known(v),
    "is not set": lambda v, _: not known(v),
    "is greater than": lambda v, w: number(v) and v > w,
    "is less than": lambda v, w: number(v) and v < w,
    "is at least": lambda v, w: number(v) and v >= w,
    "is at most": lambda v, w: number(v) and v <= w,
    "is between": lambda v, w: number(v) and w[0] <= v <= w[1],
    "not between": lambda v, w: number(v) and not w[0] <= v <= w[1],
    "true": lambda v, _: known(v) and truth(v),
    "false": lambda v, _: known(v) and not truth(v),
}
WANTED: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("equals", "does not equal"), st.lists(TEXTS, min_size=1, max_size=2)),
    **dict.fromkeys(("contains", "does not contain", "starts with", "ends with"), TEXTS),
    **dict.fromkeys(("is set", "is not set", "true", "false"), st.none()),
    **dict.fromkeys(("is between", "not between"), st.tuples(NUMBERS, NUMBERS).map(list)),
}


@pytest.fixture(scope="module")
def shared() -> Generator[Client]:
    """One sandbox for all examples: they write nothing."""
    with open_empty() as sandbox:
        yield Client(sandbox)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), values=st.lists(VALUES, min_size=1, max_size=12))
@pytest.mark.parametrize("operator", PLAIN)
def test_a_filter_keeps_exactly_what_its_rule_says(
    shared: Client, operator: str, data: st.DataObject, values: list[Any]
) -> None:
    """Every operator agrees with its rule on every kind of value."""
    wanted = data.draw(WANTED.get(operator, NUMBERS))
    condition = predicate(Filter(SUBJECT, operator, wanted), CLOCK)
    rows = [json.dumps({} if value is MISSING else {"x": value}) for value in values]
    with shared.sandbox.store.read() as database:
        kept = database.rows(
            f"select {condition} from (select place, {VALUE} as {SUBJECT.column} from "
            "(select unnest($rows::varchar[]) as props, unnest(range(len($rows))) as place)) e "
            "order by place",
            {"rows": rows},
        )
    assert [row[0] for row in kept] == [PLAIN[operator](value, wanted) for value in values]
