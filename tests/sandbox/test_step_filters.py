"""The filters of flow steps, which have an encoding of their own."""

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest
from flow_requests import PATH, anchor, asked, body, happen, segfilter
from sandbox_client import Client, open_empty

VALUES: dict[str, list[Any]] = {
    "string": ["US", "CA", "FR"],
    "number": [1, 5, 6.5, 9, "5"],
    "boolean": [True, False],
    "datetime": ["2026-01-04", "2026-01-05T12:00:00", "2026-01-06", "2026-02-27", "soon"],
}


@pytest.fixture(scope="module")
def visited() -> Generator[Client]:
    """A sandbox where each value, and none, has a person who goes from A to an event so named."""
    with open_empty() as sandbox:
        client = Client(sandbox)
        happenings = [("none", {})]
        happenings += [(str(v), {kind: v}) for kind, values in VALUES.items() for v in values]
        client.load(
            {"event": name, "distinct_id": f"{place}", "time": time, "properties": properties}
            for place, (value, properties) in enumerate(happenings)
            for name, time in (("A", "2026-02-02T10:00:00Z"), (value, "2026-02-02T10:01:00Z"))
        )
        yield client


@pytest.mark.parametrize(
    ("kind", "operator", "operand", "kept"),
    [
        ("string", "==", ["US", "ca"], "US CA"),
        ("string", "!=", ["FR"], "US CA -"),
        ("string", "in", "r", "FR"),
        ("string", "not in", "r", "US CA -"),
        ("string", "set", "", "US CA FR"),
        ("string", "not set", "", "-"),
        ("number", ">", "5", "6.5 9"),
        ("number", "<", "6.5", "1 5"),
        ("number", "==", "6.5", "6.5"),
        ("number", "!=", "6.5", "1 5 9 5 -"),
        ("number", ">=", "6.5", "6.5 9"),
        ("number", "<=", "5", "1 5"),
        ("number", "><", ["5", "6.5"], "5 6.5"),
        ("number", "!><", ["5", "6.5"], "1 9"),
        ("number", "is set", "", "1 5 6.5 9 5"),
        ("number", "is not set", "", "-"),
        ("boolean", None, "true", "True"),
        ("boolean", None, "false", "False"),
        ("datetime", "==", "01/05/2026", "2026-01-05T12:00:00"),
        ("datetime", "!=", "01/05/2026", "2026-01-04 2026-01-06 2026-02-27"),
        ("datetime", ">", "01/05/2026", "2026-01-04"),
        ("datetime", "<", "01/06/2026", "2026-01-06 2026-02-27"),
        ("datetime", "><", ["01/05/2026", "01/06/2026"], "2026-01-05T12:00:00 2026-01-06"),
        ("datetime", "!><", ["01/05/2026", "01/06/2026"], "2026-01-04 2026-02-27"),
        ("datetime", ">", {"operand": 7, "unit": "days"}, "2026-02-27"),
        ("datetime", ">", {"operand": 54, "unit": "days"}, "2026-01-06 2026-02-27"),
        ("datetime", ">", {"operand": 1, "unit": "months"}, "2026-02-27"),
    ],
)
def test_a_step_filter_means_what_its_builder_meant(
    visited: Client, kind: str, operator: str | None, operand: Any, kept: str
) -> None:
    """Each operator of the step filters' own encoding keeps what the plain one keeps; `-` is unset.

    "Before" is written `>` and "since" `<`; both relative words are `>` with a unit, which is
    read as "in the last".
    """
    relative = operand if isinstance(operand, dict) else {"operand": operand}
    condition = segfilter(kind, operator, name=kind, **relative)
    step = anchor("A", 1, property_filter_params_list=[condition])
    counts = asked(visited, body(step, cardinality_threshold=50))[1]
    others = [str(v) for name, values in VALUES.items() if name != kind for v in values]
    unset = Counter(["none", *others]) if "-" in kept.split() else Counter[str]()
    assert counts == Counter(name for name in kept.split() if name != "-") + unset


def test_step_filters_are_joined_by_and_or_or(client: Client) -> None:
    """`bool_op` says how, and a filter may look at the profile."""
    happen(client, "u1", "A", x=7)
    happen(client, "u2", "A")
    client.set_profile("u2", {"x": 7})
    own = segfilter("number", ">", "5")
    profile = {**own, "property": {"name": "x", "source": "user", "type": "number"}}
    for combinator, count in (("or", {"A": 2}), ("and", {})):
        step = anchor("A", 1, bool_op=combinator, property_filter_params_list=[own, profile])
        assert asked(client, body(step))[0] == count


@pytest.mark.parametrize(
    "condition",
    [
        segfilter("string", "resembles", "A"),
        segfilter("number", ">", "nan"),
        segfilter("number", "><", "5"),
        segfilter("boolean", None, "perhaps"),
        segfilter("datetime", "==", "2026-01-05"),
        segfilter("datetime", "<", 7, unit="days"),
    ],
)
def test_a_step_filter_of_no_known_form_is_a_bad_request(
    client: Client, condition: dict[str, Any]
) -> None:
    """Neither an unknown word nor a value of another kind is passed over."""
    step = anchor("A", 1, property_filter_params_list=[condition])
    answer = client.post(PATH, body(step))
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
