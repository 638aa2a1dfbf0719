"""The Lexicon through the App API: definitions, tags, histories, what hiding and dropping do."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sandbox_client import NOW, Client, results_of

BASE = "/api/app/projects/1/data-definitions"
EVENTS, PROPERTIES, TAGS = f"{BASE}/events/", f"{BASE}/properties/", f"{BASE}/tags/"
YESTERDAY = (NOW - timedelta(days=1)).isoformat()
MOMENT = "2026-03-01T00:00:00"


def sent(event: str, **properties: Any) -> dict[str, Any]:
    """An event of yesterday."""
    return {"event": event, "distinct_id": "u", "time": YESTERDAY, "properties": properties}


def imported(client: Client, event: str, **properties: Any) -> int:
    """Send an event for import; return how many are said to be imported."""
    own = {"distinct_id": "u", "time": int(NOW.timestamp()) - 60, "$insert_id": f"i-{event}"}
    answer = client.post("/import", [{"event": event, "properties": {**own, **properties}}])
    return answer.json()["num_records_imported"]


def patched(client: Client, path: str, body: dict[str, Any]) -> Any:
    """Send a change and return what came of it."""
    return results_of(client.request("PATCH", path, json=body))


def results(client: Client, path: str, **query: Any) -> Any:
    """Return the results of a GET."""
    return results_of(client.get(path, **query))


def test_an_event_that_nobody_described_has_a_blank_definition(client: Client) -> None:
    """Its number is the same at every request, and its first record dates it."""
    client.load([sent("Buy")])
    (definition,) = results(client, EVENTS)
    assert definition == {
        "id": definition["id"],
        "name": "Buy",
        "hidden": False,
        "dropped": False,
        "merged": False,
        "displayName": None,
        "description": None,
        "verified": False,
        "tags": [],
        "contacts": [],
        "team_contacts": [],
        "lastModified": None,
        "status": "ingested",
        "createdUtc": "2026-02-28T00:00:00",
    }
    assert results(client, EVENTS) == [definition]


def test_definitions_can_be_asked_for_by_name(client: Client) -> None:
    """Unknown names are left out."""
    client.load([sent("A"), sent("B"), sent("C")])
    rows = results(client, EVENTS, **{"name[]": ["C", "A", "Nothing"]})
    assert [row["name"] for row in rows] == ["A", "C"]


def test_a_change_keeps_what_it_does_not_name(client: Client) -> None:
    """It is dated, and the definition is found by name or by number."""
    client.load([sent("Buy")])
    first = patched(client, EVENTS, {"name": "Buy", "description": "Paid", "verified": True})
    (second,) = patched(client, EVENTS, {"events": [{"id": first["id"], "displayName": "Order"}]})
    kept = {"id": first["id"], "description": "Paid", "verified": True, "displayName": "Order"}
    assert kept.items() <= second.items()
    assert (first["lastModified"], second["modifiedUtc"]) == (MOMENT, MOMENT)
    assert results(client, EVENTS) == [second]


def test_a_bulk_change_is_made_whole_or_not_at_all(client: Client) -> None:
    """One unknown event undoes the others."""
    client.load([sent("Buy")])
    body = {"events": [{"name": "Buy", "hidden": True}, {"name": "Nothing", "hidden": True}]}
    answer = client.request("PATCH", EVENTS, json=body)
    assert answer.status_code == 404
    assert answer.json() == {"status": "error", "error": "Event definition 'Nothing' not found"}
    assert results(client, EVENTS)[0]["hidden"] is False


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (EVENTS, {"hidden": True}, 400),
        (EVENTS, {"name": "Buy", "hidden": "yes"}, 400),
        (EVENTS, {"name": "Buy", "tags": [1]}, 400),
        (EVENTS, {"events": {"name": "Buy"}}, 400),
        (EVENTS, {"events": [{"name": "Buy"}] * 4001}, 400),
        (EVENTS, {"events": [{"id": 7}]}, 404),
        (EVENTS, {"customEventId": 7}, 404),
        (PROPERTIES, {"name": "plan", "resourceType": "Group"}, 400),
        (PROPERTIES, {"name": "nothing"}, 404),
        (f"{TAGS}7/", {"name": "x"}, 404),
    ],
)
def test_a_malformed_change_is_refused(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    """Types and names are checked, and how many come at once."""
    client.load([sent("Buy", plan="pro")])
    assert client.request("PATCH", path, json=body).status_code == status


def test_a_deleted_definition_is_blank_again(client: Client) -> None:
    """The event's records stay."""
    client.load([sent("Buy")])
    blank = results(client, EVENTS)
    patched(client, EVENTS, {"name": "Buy", "description": "Paid"})
    assert client.request("DELETE", EVENTS, json={"name": "Buy"}).status_code == 204
    assert results(client, EVENTS) == blank
    assert client.request("DELETE", EVENTS, json={"name": "Sell"}).status_code == 404


def test_properties_of_events_and_profiles_are_told_apart(client: Client) -> None:
    """The same name may stand for both; without a resource the event's is meant."""
    client.load([sent("Buy", plan="pro")])
    client.set_profile("u", {"plan": "pro", "$email": "u@example.com"})
    patched(client, PROPERTIES, {"name": "plan", "exampleValue": "pro"})
    of_user = {"name": "plan", "resourceType": "User", "sensitive": True}
    patched(client, PROPERTIES, {"properties": [of_user]})
    rows = results(client, PROPERTIES, **{"name[]": "plan"})
    assert [(r["resourceType"], r["exampleValue"], r["sensitive"]) for r in rows] == [
        ("Event", "pro", False),
        ("User", None, True),
    ]
    of_users = results(client, PROPERTIES, resourceType="User")
    assert [row["name"] for row in of_users] == ["$email", "plan"]


def test_density_is_the_share_of_records_with_the_property(client: Client) -> None:
    """It comes only where it is asked for."""
    client.load([sent("Buy", plan="pro"), sent("Buy"), sent("Look"), sent("Look")])
    asked = {"resourceType": "Event", "name[]": "plan"}
    (row,) = results(client, PROPERTIES, includeDensity="true", **asked)
    assert row["density"] == 0.25
    assert "density" not in results(client, PROPERTIES, **asked)[0]


def test_custom_events_have_definitions_of_their_own(client: Client) -> None:
    """They are listed apart, renamed by their display name, and deleted whole."""
    client.save("custom_events", {"id": 5, "name": "Any", "alternatives": [{"event": "A"}]})
    row = patched(client, EVENTS, {"customEventId": 5, "displayName": "All", "verified": True})
    assert (row["customEventId"], row["displayName"], row["verified"]) == (5, "All", True)
    assert results(client, EVENTS, custom_event="true") == [row]
    assert results(client, EVENTS) == []
    assert client.request("DELETE", EVENTS, json={"customEventId": 5}).status_code == 204
    assert results(client, EVENTS, custom_event="true") == []


def test_hidden_and_dropped_events_leave_discovery(client: Client) -> None:
    """A hidden one can be asked for by name; all events are without it."""
    client.load([sent(name, plan="pro", debug=1) for name in ("Keep", "Hide", "Drop")])
    patched(client, EVENTS, {"events": [{"name": "Hide", "hidden": True}]})
    patched(client, EVENTS, {"name": "Drop", "dropped": True})
    patched(client, PROPERTIES, {"name": "debug", "hidden": True})
    assert client.get("/api/query/events/names").json() == ["Keep"]
    day = {"from_date": "2026-02-28", "to_date": "2026-02-28", "unit": "day"}
    counts = client.get("/api/query/segmentation", event="Hide", **day).json()["data"]["values"]
    assert counts == {"Hide": {"2026-02-28": 1}}
    top = client.get("/api/query/events/properties/top", event="Hide").json()
    assert "debug" not in top
    assert "plan" in top


def test_what_is_dropped_does_not_arrive(client: Client) -> None:
    """It counts as imported; what was stored before stays, and so does who did it."""
    imported(client, "Noise")
    imported(client, "Buy", plan="pro", debug=1)
    patched(client, EVENTS, {"name": "Noise", "dropped": True})
    for name in ("debug", "distinct_id"):
        patched(client, PROPERTIES, {"name": name, "resourceType": "Event", "dropped": True})
    assert imported(client, "Noise") == 1
    assert imported(client, "Buy", plan="plus", debug=2) == 1
    lines = [(line["event"], line["properties"]) for line in client.exported()]
    told = [(name, p["distinct_id"], p.get("plan"), p.get("debug")) for name, p in lines]
    assert sorted(told, key=str) == [
        ("Buy", "u", "plus", None),
        ("Buy", "u", "pro", 1),
        ("Noise", "u", None, None),
    ]


def test_a_dropped_property_is_taken_off_profile_updates(client: Client) -> None:
    """Other properties of the same update are stored."""
    client.set_profile("u", {"plan": "pro", "iban": "old"})
    patched(client, PROPERTIES, {"name": "iban", "resourceType": "User", "dropped": True})
    client.set_profile("u", {"plan": "plus", "iban": "new"})
    assert client.profiles() == {"u": {"plan": "plus", "iban": "old"}}


def test_histories_tell_what_changed_newest_first(client: Client) -> None:
    """A change to what is there already leaves no line; names may hold slashes."""
    client.load([sent("a/b 100%", plan="pro")])
    for hidden in (True, True, False):
        patched(client, EVENTS, {"name": "a/b 100%", "hidden": hidden})
    patched(client, PROPERTIES, {"name": "plan", "description": "Tier"})
    lines = results(client, f"{EVENTS}{quote('a/b 100%', safe='')}/history/")
    assert [line["changes"] for line in lines] == [
        {"hidden": {"from": True, "to": False}},
        {"hidden": {"from": False, "to": True}},
    ]
    (line,) = results(client, f"{PROPERTIES}plan/history/", entity_type="event")
    assert line == {
        "id": 3,
        "name": "plan",
        "entityType": "property",
        "resourceType": "Event",
        "action": "update",
        "changes": {"description": {"from": None, "to": "Tier"}},
        "user": {"id": 1, "name": "Sandbox User", "email": "sandbox@example.com"},
        "timestamp": MOMENT,
    }
    assert client.get(f"{EVENTS}Nothing/history/").status_code == 404


def test_tags_are_listed_by_name_and_changed_by_number(client: Client) -> None:
    """Renaming and deleting reach every event that carries the tag."""
    client.load([sent("Buy")])
    tag = client.post(TAGS, {"name": "core"}).json()["results"]
    assert tag == {"id": 1, "name": "core"}
    patched(client, EVENTS, {"name": "Buy", "tags": ["core", "new"]})
    assert results(client, TAGS) == ["core", "new"]
    assert patched(client, f"{TAGS}1/", {"name": "key"}) == {"id": 1, "name": "key"}
    assert results(client, EVENTS)[0]["tags"] == ["key", "new"]
    assert client.post(TAGS, {"name": "new", "delete": True}).json()["results"] == {}
    assert results(client, EVENTS)[0]["tags"] == ["key"]
    assert results(client, TAGS) == ["key"]


def test_a_tag_has_a_name_of_its_own(client: Client) -> None:
    """Neither creating nor renaming may take another one's; what is not there cannot go."""
    for name in ("core", "growth"):
        client.post(TAGS, {"name": name})
    assert client.post(TAGS, {"name": "core"}).status_code == 400
    assert client.post(TAGS, {"name": " "}).status_code == 400
    assert client.request("PATCH", f"{TAGS}1/", json={"name": "growth"}).status_code == 400
    assert client.post(TAGS, {"name": "nothing", "delete": True}).status_code == 404


def test_tracking_metadata_comes_from_the_records(client: Client) -> None:
    """Libraries, their versions, systems, and the first and last record."""
    client.load([sent("Buy", mp_lib="web", **{"$lib_version": "2.50", "$os": "Linux"})])
    path = f"{EVENTS}tracking-metadata/"
    assert results(client, path, event_name="Buy") == {
        "eventName": "Buy",
        "sources": ["web"],
        "libraryVersions": ["2.50"],
        "operatingSystems": ["Linux"],
        "firstSeen": "2026-02-28T00:00:00",
        "lastSeen": "2026-02-28T00:00:00",
        "count": 1,
    }
    assert client.get(path, event_name="Nothing").status_code == 404


def test_the_export_holds_what_is_asked_for(client: Client) -> None:
    """Events with their properties, and the properties of profiles."""
    client.load([sent("Buy", plan="pro")])
    client.set_profile("u", {"city": "Bonn"})
    path = f"{BASE}/export/"
    both = '["All Events and Properties", "All User Profile Properties"]'
    exported = results(client, path, export_type=both)
    (event,) = exported["events"]
    assert (event["name"], [each["name"] for each in event["properties"]]) == ("Buy", ["plan"])
    assert [each["name"] for each in exported["userProperties"]] == ["city"]
    assert client.get(path, export_type='["Everything"]').status_code == 400


def test_every_event_tells_what_its_records_carry(client: Client) -> None:
    """As the query API answers the schema graph."""
    client.load([sent("Buy", plan="pro", sku=1), sent("Look")])
    rows = results(
        client,
        "/api/query/data_definitions/events",
        fetch_per_event_properties="true",
        project_id="1",
    )
    assert [(row["name"], row["properties"]) for row in rows] == [
        ("Buy", [{"name": "plan"}, {"name": "sku"}]),
        ("Look", []),
    ]
