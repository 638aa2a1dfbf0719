"""What objects inside a property hold, told from a sample of its values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpanel_mcp_core.subproperties import subproperties_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def found(*values: Any) -> list[dict[str, Any]]:
    """The keys inside these values."""
    return subproperties_in([json.dumps(value) for value in values]).value()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], "boolean"),
        ([1, 2.5], "number"),
        (["a", "b"], "string"),
        (["2026-08-01", "2026-08-01T10:00:00Z", "2026-08-01 10:00:00.5+02:00"], "datetime"),
        (["2026-08-01", "soon"], "string"),
        (["2026-02-30"], "string"),
        (["2026-8-1"], "string"),
        ([1, True], "string"),
        ([1, "1"], "string"),
        ([None, 3], "number"),
    ],
)
def test_a_key_has_the_type_of_all_its_values(values: list[Any], kind: str) -> None:
    """Mixed ones count as text; what only looks like a date is none."""
    [key] = found(*({"k": value} for value in values))
    assert key["type"] == kind


def test_objects_and_the_objects_of_lists_are_rows() -> None:
    """Anything else is passed over."""
    told = subproperties_in(['{"b": 1}', '[{"a": 2}, 3, [{"c": 4}]]', "7", "not json", "null"])
    assert told.value() == [
        {"name": "a", "type": "number", "sample_values": [2]},
        {"name": "b", "type": "number", "sample_values": [1]},
    ]
    assert told.warnings == []


def test_samples_are_the_first_five_distinct_ones() -> None:
    """In the order in which they were seen; true is not 1."""
    [key] = found(*({"k": value} for value in [3, 1, 3, True, 2, 9, 8, 7]))
    assert [(type(value), value) for value in key["sample_values"]] == [
        (int, 3),
        (int, 1),
        (bool, True),
        (int, 2),
        (int, 9),
    ]


def test_oddities_are_told_once_each() -> None:
    """Several types, values that are objects too, and keys that are never anything."""
    rows = [{"m": 1, "n": {"x": 1}, "o": None}, {"m": "a", "n": 2}, {"m": 2, "o": None}]
    told = subproperties_in([json.dumps(row) for row in rows])
    assert [each["name"] for each in told.value()] == ["m", "n"]
    assert told.warnings == [
        "m has values of several types and counts as string",
        "n is an object or a list in some values",
        "o is always null",
    ]


@given(st.lists(JSON, max_size=4))
def test_any_values_are_read(values: list[Any]) -> None:
    """Names are sorted and told once; every key has a value."""
    keys = found(*values)
    names = [key["name"] for key in keys]
    assert names == sorted(set(names))
    assert all(key["sample_values"] for key in keys)
