"""Custom properties and custom events, made through the App API and used in queries at once."""

from typing import Any

import pytest
from report_bodies import body, events, metric
from sandbox_client import Client, results_of

PROPERTIES = "/api/app/projects/1/custom_properties/"
EVENTS = "/api/app/projects/1/custom_events/"
SIZE = {
    "name": "Size",
    "resourceType": "events",
    "displayFormula": 'if(A > 10, "large", "small")',
    "composedProperties": {"A": {"value": "price", "type": "number", "resourceType": "event"}},
}


def made(client: Client, **fields: Any) -> dict[str, Any]:
    """Create a custom property and return it."""
    return results_of(client.post(PROPERTIES, SIZE | fields))


def by_property(client: Client, number: int) -> Any:
    """Return how many events A have each value of a custom property."""
    entry = {"customPropertyId": number, "value": None, "resourceType": "events"}
    report = body(metric("A"), group=[entry], chart="bar")
    answer = client.post("/api/query/insights", report)
    assert answer.status_code == 200, answer.text
    node = answer.json()["series"]["A"]
    return {name: cell["all"] for name, cell in node.items() if name != "$overall"}


def test_a_property_is_told_whole(client: Client) -> None:
    """The type of its values is found out from the formula."""
    whole = {
        "id": 1,
        "customPropertyId": 1,
        "description": None,
        "propertyType": "string",
        "exampleValue": None,
        "dataGroupId": None,
        "isLocked": False,
        "isVisible": True,
        "created": "2026-03-01T00:00:00",
        "modified": "2026-03-01T00:00:00",
        **SIZE,
    }
    assert made(client) == whole
    assert client.get(f"{PROPERTIES}1/").json()["results"] == whole
    assert client.get(PROPERTIES).json()["results"] == [whole]


def test_a_property_is_used_and_changed_at_once(client: Client) -> None:
    """A new formula changes past results; what is not named stays."""
    client.load([*events("A", price=5), *events("A", price=50)])
    number = made(client)["id"]
    assert by_property(client, number) == {"large": 1, "small": 1}
    change = {"displayFormula": "A > 1", "resourceType": "people"}
    after = client.request("PUT", f"{PROPERTIES}{number}/", json=change).json()["results"]
    assert (after["name"], after["resourceType"]) == ("Size", "events")
    assert after["propertyType"] == "boolean"
    assert by_property(client, number) == {"true": 2}


@pytest.mark.parametrize("path", [PROPERTIES, f"{PROPERTIES}validate/"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"displayFormula": "A >"}, "Custom property 'Size'"),
        ({"displayFormula": "B"}, "Custom property 'Size'"),
        ({"displayFormula": None}, "displayFormula or behavior is required"),
        ({"composedProperties": {"A": {"resourceType": "event"}}}, "A property needs a name"),
    ],
)
def test_a_wrong_formula_is_refused_with_its_field(
    client: Client, path: str, fields: dict[str, Any], words: str
) -> None:
    """Whether it is to be kept or only to be checked."""
    answer = client.post(path, SIZE | fields)
    assert (answer.status_code, answer.json()["field"]) == (400, "displayFormula")
    assert words in answer.json()["error"]


def test_a_good_property_can_be_checked_without_being_kept(client: Client) -> None:
    """The verdict tells its type."""
    answer = client.post(f"{PROPERTIES}validate/", SIZE).json()["results"]
    assert answer == {"valid": True, "propertyType": "string"}
    assert client.get(PROPERTIES).json()["results"] == []


def test_a_property_cannot_be_made_of_itself(client: Client) -> None:
    """Neither directly nor by way of another one."""
    number = made(client)["id"]
    other = made(client, composedProperties={"A": {"customPropertyId": number}})["id"]
    for inner in (number, other):
        change = {"composedProperties": {"A": {"customPropertyId": inner}}}
        answer = client.request("PUT", f"{PROPERTIES}{number}/", json=change)
        assert answer.status_code == 400
        assert "refers to itself" in answer.json()["error"]


def test_a_deleted_property_is_gone(client: Client) -> None:
    """It is not found a second time."""
    path = f"{PROPERTIES}{made(client)['id']}/"
    assert client.request("DELETE", path).status_code == 204
    assert client.request("DELETE", path).status_code == client.get(path).status_code == 404


def test_a_custom_event_is_made_by_a_form_and_used_at_once(client: Client) -> None:
    """Any of its alternatives counts."""
    client.load([*events("A"), *events("B"), *events("C")])
    form = {"name": "A or B", "alternatives": '[{"event": "A"}, {"event": "B"}]'}
    event = client.request("POST", EVENTS, data=form).json()["results"]["custom_event"]
    assert event == {"id": 1, "name": "A or B", "alternatives": [{"event": "A"}, {"event": "B"}]}
    show = metric("A or B")
    show["behavior"] |= {"type": "custom-event", "id": 1}
    series = client.post("/api/query/insights", body(show, chart="bar")).json()["series"]
    assert [node["all"] for node in series.values()] == [2]


@pytest.mark.parametrize(
    "form",
    [
        {"alternatives": '[{"event": "A"}]'},
        {"name": "X"},
        {"name": "X", "alternatives": "[]"},
        {"name": "X", "alternatives": "A"},
        {"name": "X", "alternatives": '["A"]'},
    ],
)
def test_a_malformed_custom_event_is_refused(client: Client, form: dict[str, str]) -> None:
    """It needs a name and at least one event."""
    assert client.request("POST", EVENTS, data=form).status_code == 400
