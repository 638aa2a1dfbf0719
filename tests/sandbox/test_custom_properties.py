"""Custom properties wherever a property may stand in a report."""

from typing import Any

import pytest
from flow_requests import PATH as FLOWS
from flow_requests import anchor
from flow_requests import body as flow_body
from report_bodies import body, condition, events, funnel, group, metric
from sandbox_client import Client


def custom(formula: str, kind: str = "string", **inputs: Any) -> dict[str, Any]:
    """Return the part of a clause that says it is about a formula over event properties."""
    composed = {name: given(value) for name, value in inputs.items()}
    written = {"displayFormula": formula, "composedProperties": composed, "name": ""}
    return {"customProperty": written, "resourceType": "events", "propertyType": kind}


def given(value: Any) -> Any:
    """Return an input: an event property of this name, or what it is in full."""
    plain = {"value": value, "type": "string", "resourceType": "event"}
    return plain if isinstance(value, str) else value


def saved(number: int, formula: str, **inputs: Any) -> dict[str, Any]:
    """Return the document of a saved custom property."""
    written = custom(formula, **inputs)["customProperty"]
    return {"id": number, "customPropertyId": number, **written, "name": f"Saved {number}"}


def shown(client: Client, report: dict[str, Any]) -> Any:
    """Return what the report shows of its only line."""
    answer = client.post("/api/query/insights", report)
    assert answer.status_code == 200, answer.text
    (node,) = answer.json()["series"].values()
    return node


def refusal(client: Client, formula: str, **inputs: Any) -> str:
    """Return the sentence with which a breakdown by a formula is refused."""
    report = body(metric("A"), group=[custom(formula, **inputs)], chart="bar")
    answer = client.post("/api/query/insights", report)
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]


SIZE = custom('if(P > 10, "big", "small")', P="price")


def test_a_formula_is_a_breakdown_a_filter_and_a_measured_property(client: Client) -> None:
    """It is computed per event, before the filter and the sum."""
    for price in (5, 20, 30):
        client.load(events("A", price=price, qty=2))
    product = custom("P * Q", "number", P="price", Q="qty")
    big = condition("", "equals", ["big"]) | SIZE | {"value": None}
    line = metric("A", "total")
    line["measurement"]["property"] = product | {"name": ""}

    report = body(line, filter=[big], group=[SIZE], chart="bar")

    assert shown(client, report) == {"$overall": {"all": 100}, "big": {"all": 100}}


def test_a_saved_one_is_named_by_its_number_and_may_be_the_input_of_another(
    client: Client,
) -> None:
    """Inputs keep their types: a number of the inner formula is one for the outer."""
    client.save("custom_properties", saved(4, "P * 2", P="price"))
    client.save("custom_properties", saved(5, "if(D == 10, D + 1, D)", D={"customPropertyId": 4}))
    client.load([*events("A", price=5), *events("A", price=7)])

    report = body(metric("A"), group=[{"customPropertyId": 5, "value": None}], chart="bar")

    assert shown(client, report) == {
        "$overall": {"all": 2},
        "11": {"all": 1},
        "14": {"all": 1},
    }
    headers = client.post("/api/query/insights", report).json()["headers"]
    assert headers == ["$metric", "Saved 5"]


def test_profiles_may_be_inputs(client: Client) -> None:
    """An input of resource type user is the current profile property of the event's person."""
    client.load([*events("A", who="u1", plan="x"), *events("A", who="u2", plan="x")])
    client.set_profile("u1", {"plan": "plus"})
    user = {"value": "plan", "type": "string", "resourceType": "user"}

    report = body(metric("A"), group=[custom('P + "-" + E', P=user, E="plan")], chart="bar")

    assert shown(client, report) == {
        "$overall": {"all": 2},
        "plus-x": {"all": 1},
        "undefined": {"all": 1},
    }


def test_null_and_undefined_stay_apart_on_the_way_through_a_formula(client: Client) -> None:
    """What is chosen by a condition is still null where the property is."""
    client.load([*events("A", p=None), *events("A"), *events("A", p=1)])

    report = body(metric("A"), group=[custom("if(true, P, 0)", P="p")], chart="bar")

    assert shown(client, report) == {
        "$overall": {"all": 3},
        "1": {"all": 1},
        "null": {"all": 1},
        "undefined": {"all": 1},
    }


def test_a_moment_is_grouped_and_filtered_as_a_date(client: Client) -> None:
    """The value of a formula that is a moment is read by the rules for dates."""
    client.load([*events("A", seen="2026-01-05T23:00:00"), *events("A", seen="soon")])
    seen = {"value": "seen", "type": "datetime", "resourceType": "event"}
    moment = custom("S", "datetime", S=seen)
    since = condition("", "was since", "2026-01-01") | moment | {"value": None}

    assert shown(client, body(metric("A"), group=[moment], filter=[since], chart="bar")) == {
        "$overall": {"all": 1},
        "2026-01-05T00:00:00+00:00": {"all": 1},
    }


def test_numbers_fall_into_automatic_buckets(client: Client) -> None:
    """A numeric breakdown needs the extremes of the formula."""
    client.load([*events("A", price=1), *events("A", price=4)])

    report = body(metric("A"), group=[custom("P * 5", "number", P="price")], chart="bar")

    assert shown(client, report) == {
        "$overall": {"all": 2},
        "4 - 6": {"all": 1},
        "20 - 22": {"all": 1},
    }


def test_a_funnel_is_broken_down_filtered_and_held_constant_by_formulas(client: Client) -> None:
    """The first step's value is the segment; both steps must have the same held value."""
    client.load([*events("A", who="u1", price=20), *events("A", who="u2", price=5)])
    client.load([*events("B", who="u1", price=25), *events("B", who="u2", price=20)])
    report = body(
        funnel("A", "B", aggregateBy=[SIZE]),
        group=[SIZE],
        filter=[condition("", "is set") | custom("P", P="price") | {"value": None}],
        chart="funnel-steps",
    )

    node = shown(client, report)

    counts = {name: [cell["all"] for cell in node[name]["count"].values()] for name in node}
    assert counts == {"$overall": [2, 1], "big": [1, 1], "small": [1, 0]}


def test_a_funnel_measures_a_formula(client: Client) -> None:
    """The sum of a step is made of the formula's numbers over its events."""
    client.load([*events("A", price=20, qty=2), *events("B", price=3, qty=4)])
    line = funnel("A", "B")
    product = custom("P * Q", "number", P="price", Q="qty") | {"name": ""}
    line["measurement"] = {"math": "total", "property": product}

    steps = shown(client, body(line, chart="funnel-steps"))

    assert steps["value"] == {"1. A": {"all": 40}, "2. B": {"all": 12}}


def test_retention_is_broken_down_by_a_formula(client: Client) -> None:
    """The born event's value is the segment."""
    client.load([*events("A", who="u1", price=20), *events("A", who="u2", price=5)])
    client.load(events("B", who="u1", day="2026-02-03"))
    behaviors = [{"type": "event", "name": name, "filters": []} for name in "AB"]
    behavior = {"type": "retention", "behaviors": behaviors, "retentionUnit": "day"}
    line = {"type": "metric", "behavior": behavior, "measurement": {"math": "retention_rate"}}

    node = shown(client, body(line, group=[SIZE], chart="retention-curve"))

    assert {name: node[name]["$average"]["first"] for name in ("$overall", "big", "small")} == {
        "$overall": 2,
        "big": 1,
        "small": 1,
    }


def test_a_flow_is_divided_by_a_formula(client: Client) -> None:
    """Also where sessions are numbered, over whose events the formula is computed."""
    client.load([*events("A", "B", who="u1", price=20), *events("A", "B", who="u2", price=5)])
    for window in ({"unit": "day", "value": 7}, {"unit": "session", "value": 1}):
        request = flow_body(anchor("A", forward=1), segments=[SIZE], conversion_window=window)

        answer = client.post(FLOWS, request).json()

        found = {each["name"]: each["totalCount"] for each in answer["breakdowns"]}
        assert found == {"big": "1", "small": "1"}


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("P +", "Unexpected 'end of the expression' at position 3"),
        ("P ? 1", "Unexpected character '?' at position 2"),
        ("P + Q", "Unknown name 'Q' at position 4"),
        ('properties["p"]', "Unknown name 'properties' at position 0"),
        ("1 + shout(P)", "Unknown function 'shout' at position 4"),
        ("left(P)", "left() at position 0 takes 2 arguments, not 1"),
        ("ifs(true, 1, false)", "ifs() at position 0: every condition needs a value"),
        (
            'datedif(P, P, "W")',
            "datedif() at position 0: the unit must be one of D, M, Y, MD, YM, YD",
        ),
        (
            'regex_match(P, "(")',
            "regex_match() at position 0: the pattern is wrong, missing ) at position 1",
        ),
        ("any(1, P, true)", "any() at position 0 needs a name for its values"),
        ('1 == 1 and "a"', "and at position 7 needs booleans on both sides"),
        ("P" + " - 1" * 50, "The expression is nested deeper than 40 levels"),
        ("if(" * 50 + "true" + ", 1)" * 50, "The expression is nested deeper than 40 levels"),
        ("1" + " + 1" * 300, "More than 200 operands in a row at position 798"),
        (" " * 20_001, "A formula may have at most 20000 characters"),
    ],
)
def test_a_wrong_formula_is_refused_with_the_place(
    client: Client, formula: str, sentence: str
) -> None:
    """The sentence names the property and the position within its formula."""
    error = refusal(client, formula, P="p")
    assert error.startswith("Custom property ")
    assert error.endswith(f": {sentence}")


def test_a_value_that_is_no_truth_is_refused_where_it_is_met(client: Client) -> None:
    """Only branches that are taken count."""
    client.load(events("A", p=1))
    assert "and at position 2 needs booleans on both sides" in refusal(client, "P and true", P="p")
    report = body(metric("A"), group=[custom("if(P == 1, 5, P and true)", P="p")], chart="bar")
    assert shown(client, report) == {"$overall": {"all": 1}, "5": {"all": 1}}


def test_custom_properties_that_cannot_be_are_refused(client: Client) -> None:
    """Unknown numbers, circles, deep nesting, and what has no formula."""
    client.save("custom_properties", saved(1, "A", A={"customPropertyId": 2}))
    client.save("custom_properties", saved(2, "A", A={"customPropertyId": 1}))
    for number in range(10, 21):
        client.save("custom_properties", saved(number, "A", A={"customPropertyId": number + 1}))

    def error(number: int) -> str:
        report = body(metric("A"), group=[{"customPropertyId": number}], chart="bar")
        return client.post("/api/query/insights", report).json()["error"]

    assert error(9) == "Custom property 9 not found"
    assert error(1) == "Custom property 1 refers to itself."
    assert error(10) == "Custom properties may be nested at most 10 deep."
    borrowed = {"value": "p", "resourceType": "event", "behavior": {"event": "B"}}
    assert (
        refusal(client, "A", A=borrowed) == "The sandbox does not emulate borrowed properties yet."
    )


def test_plain_breakdowns_stand_beside_formulas(client: Client) -> None:
    """Names, texts and quotes of a formula never reach beyond their place."""
    client.load(events("A", **{"it's": "x' or 'y"}))
    quoted = custom("""if(P == "x' or 'y", "don't", 0)""", P="it's")

    report = body(metric("A"), group=[quoted, group("it's")], chart="bar")

    assert shown(client, report)["don't"] == {"$overall": {"all": 1}, "x' or 'y": {"all": 1}}
