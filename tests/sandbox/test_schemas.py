"""The schema registry and its enforcement through the App API, and what they do to arrivals."""

from typing import Any

import pytest
from sandbox_client import NOW, Client, results_of

BASE = "/api/app/projects/1"
SCHEMAS = f"{BASE}/schemas"
ENFORCEMENT = f"{BASE}/data-definitions/schema/"
EVENTS = f"{BASE}/data-definitions/events/"
PROPERTIES = f"{BASE}/data-definitions/properties/"
BUY = {
    "description": "Paid order",
    "properties": {"amount": {"type": "number"}, "coupon": {"type": "string"}},
    "required": ["amount"],
}


def register(client: Client, name: str, schema: dict[str, Any], kind: str = "event") -> None:
    """Register a schema."""
    answer = client.post(f"{SCHEMAS}/{kind}/{name}", schema)
    assert answer.json() == {"status": "ok"}, answer.text


def enforce(client: Client, rule: str) -> dict[str, Any]:
    """Begin to enforce what is registered."""
    return results_of(client.post(ENFORCEMENT, {"ruleEvent": rule}))


def imported(client: Client, event: str, **properties: Any) -> int:
    """Send an event for import; return how many are said to be imported."""
    number = len(client.exported())
    own = {"distinct_id": "u", "time": int(NOW.timestamp()) - 60, "$insert_id": f"i-{number}"}
    answer = client.post("/import", [{"event": event, "properties": {**own, **properties}}])
    return answer.json()["num_records_imported"]


def stored(client: Client) -> list[tuple[str, dict[str, Any]]]:
    """Return the stored events with the properties that no record is without."""
    own = {"distinct_id", "time", "$insert_id"}
    lines = client.exported()
    told = [(x["event"], {k: v for k, v in x["properties"].items() if k not in own}) for x in lines]
    return sorted(told, key=str)


def results(client: Client, path: str, **query: Any) -> Any:
    """Return the results of a GET."""
    return results_of(client.get(path, **query))


def violations(client: Client) -> list[tuple[str, str | None, str | None, int]]:
    """Return what was marked: kind, event, property, how often."""
    rows = results(client, ENFORCEMENT)["violations"]
    return [(r["violation"], r["event"], r["property"], r["count"]) for r in rows]


def test_a_registered_schema_is_listed_and_replaced(client: Client) -> None:
    """One for each name; a second one takes the place of the first."""
    register(client, "Buy", {"properties": {"old": {"type": "string"}}})
    register(client, "Buy", BUY)
    register(client, "$user", {"properties": {"plan": {"type": "string"}}}, "profile")
    buy = {"entityType": "event", "name": "Buy", "schemaJson": BUY}
    assert results(client, f"{SCHEMAS}/event") == [buy]
    assert [entry["name"] for entry in results(client, SCHEMAS)] == ["Buy", "$user"]
    assert results(client, f"{SCHEMAS}/event", entity_name="Sell") == []
    assert client.get(f"{SCHEMAS}/event/Buy").json() == BUY


def test_an_update_adds_to_a_schema(client: Client) -> None:
    """What is not given stays and null removes; there must be a schema to add to."""
    register(client, "Buy", BUY)
    change = {"properties": {"amount": {"description": "EUR"}, "coupon": None}, "required": []}
    answer = client.request("PATCH", f"{SCHEMAS}/event/Buy", json=change)
    assert answer.json()["results"]["schemaJson"] == {
        "description": "Paid order",
        "properties": {"amount": {"type": "number", "description": "EUR"}},
        "required": [],
    }
    answer = client.request("PATCH", f"{SCHEMAS}/event/Sell", json={})
    assert answer.status_code == 404
    assert answer.json() == {"status": "error", "error": "There is no schema of event 'Sell'"}


def test_many_schemas_come_at_once(client: Client) -> None:
    """With truncate the earlier ones go; an update tells of each entry what came of it."""
    register(client, "Old", BUY)
    entries = [{"entityType": "event", "name": "Buy", "version": "2026-01-01", "schemaJson": BUY}]
    answer = client.post(SCHEMAS, {"entries": entries, "truncate": True, "entityType": "event"})
    assert answer.json()["results"] == {"added": 1, "deleted": 1}
    assert results(client, SCHEMAS) == entries
    both = [*entries, {"entityType": "event", "name": "Sell", "schemaJson": {}}]
    answer = client.request("PATCH", SCHEMAS, json={"entries": both})
    assert answer.json()["results"] == [
        {"entityType": "event", "name": "Buy", "status": "ok"},
        {
            "entityType": "event",
            "name": "Sell",
            "status": "error",
            "error": "There is no schema of event 'Sell'",
        },
    ]


def test_four_thousand_schemas_come_in_one_request(client: Client) -> None:
    """As many as Mixpanel takes at once, while they are enforced; three thousand go at once."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Accept")
    entries = [
        {"entityType": "event", "name": f"E{number}", "schemaJson": BUY} for number in range(4000)
    ]
    answer = client.post(SCHEMAS, {"entries": entries})
    assert answer.json()["results"] == {"added": 4000, "deleted": 0}
    assert len(results(client, EVENTS)) == len(results(client, ENFORCEMENT)["events"]) == 4001
    answer = client.request("DELETE", SCHEMAS)
    assert answer.status_code == 400
    assert answer.json()["error"] == "a request may delete at most 3000 schemas"


def test_schemas_are_deleted_by_name_by_type_or_all(client: Client) -> None:
    """The answer counts them; none is no error."""
    for name in ("A", "B", "a/b"):
        register(client, name.replace("/", "%2F"), BUY)
    register(client, "$user", {}, "profile")
    counts = [
        client.request("DELETE", f"{SCHEMAS}{path}").json()["results"]["delete_count"]
        for path in ("/event/a%2Fb", "/event/a%2Fb", "/event", "")
    ]
    assert counts == [1, 0, 2, 1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/table/Buy", {}),
        ("/profile/Buy", {}),
        ("/event/Buy", {"properties": []}),
        ("/event/Buy", {"properties": {"amount": "number"}}),
        ("/event/Buy", {"properties": {"amount": {"type": "float"}}}),
        ("/event/Buy", {"required": "amount"}),
        ("", {"entries": {}}),
        ("", {"entries": [], "entityType": "profile"}),
        ("", {"entries": [{"entityType": "event", "name": "Buy"}]}),
        ("", {"entries": [{}] * 4001}),
    ],
)
def test_a_malformed_schema_is_refused(client: Client, path: str, body: dict[str, Any]) -> None:
    """Types, names and the shape are checked, and how many come at once."""
    assert client.post(f"{SCHEMAS}{path}", body).status_code == 400
    assert results(client, SCHEMAS) == []


def test_a_schema_describes_the_event_in_the_lexicon(client: Client) -> None:
    """Metadata too; keys that a later schema does not have are kept, null removes one."""
    ours = {"displayName": "Order", "tags": ["core"], "teamContacts": ["Shop"]}
    property_of = {"type": "number", "description": "EUR"}
    schema = {**BUY, "metadata": {"com.mixpanel": ours}, "properties": {"amount": property_of}}
    register(client, "Buy", schema)
    register(client, "Buy", {"metadata": {"com.mixpanel": {"displayName": None}}})
    (row,) = results(client, EVENTS)
    assert {
        "status": "planned",
        "description": "Paid order",
        "displayName": None,
        "tags": ["core"],
        "team_contacts": ["Shop"],
    }.items() <= row.items()
    assert results(client, f"{BASE}/data-definitions/tags/") == ["core"]
    (amount,) = results(client, PROPERTIES, resourceType="Event")
    assert (amount["name"], amount["description"]) == ("amount", "EUR")
    (entry,) = results(client, SCHEMAS)
    assert entry["schemaJson"]["metadata"]["com.mixpanel"] == {
        "tags": ["core"],
        "teamContacts": ["Shop"],
    }
    lines = results(client, f"{EVENTS}Buy/history/")
    assert [(line["action"], sorted(line["changes"])) for line in lines] == [
        ("schema", ["displayName"]),
        ("schema", ["description", "displayName", "tags", "team_contacts"]),
        ("create", []),
    ]


def test_a_property_keeps_its_metadata_while_it_is_in_the_schema(client: Client) -> None:
    """As the event's own is kept; out of the schema and in again, it begins anew."""
    hidden = {"com.mixpanel": {"displayName": "EUR", "hidden": True}}
    number = {"type": "number"}
    register(client, "Buy", {"properties": {"amount": {**number, "metadata": hidden}}})
    shown = {"metadata": {"com.mixpanel": {"hidden": None}}}
    register(client, "Buy", {"properties": {"amount": {**number, **shown}}})
    kept = {**number, "metadata": {"com.mixpanel": {"displayName": "EUR"}}}
    assert client.get(f"{SCHEMAS}/event/Buy").json() == {"properties": {"amount": kept}}
    register(client, "Buy", {"properties": {}})
    register(client, "Buy", {"properties": {"amount": number}})
    assert client.get(f"{SCHEMAS}/event/Buy").json() == {"properties": {"amount": number}}


def test_enforcement_begins_with_what_is_registered(client: Client) -> None:
    """It begins once, and can be asked for field by field."""
    assert client.get(ENFORCEMENT).status_code == 404
    register(client, "Buy", BUY)
    amount = {"name": "amount", "type": "number", "required": True}
    coupon = {"name": "coupon", "type": "string", "required": False}
    user = {"id": 1, "name": "Sandbox User", "email": "sandbox@example.com"}
    assert enforce(client, "Warn and Accept") == {
        "id": 1,
        "ruleEvent": "Warn and Accept",
        "notificationEmails": [],
        "events": [{"name": "Buy", "properties": [amount, coupon]}],
        "commonProperties": [],
        "userProperties": [],
        "state": "planned",
        "initializedBy": user,
        "initializedFrom": None,
        "initializedTo": None,
        "lastModified": "2026-03-01T00:00:00",
        "lastModifiedBy": user,
    }
    assert client.post(ENFORCEMENT, {"ruleEvent": "Warn and Drop"}).status_code == 400
    fields = results(client, ENFORCEMENT, fields="state,ruleEvent")
    assert fields == {"state": "planned", "ruleEvent": "Warn and Accept"}
    assert client.get(ENFORCEMENT, fields="rule_event").status_code == 400


def test_without_schemas_enforcement_begins_with_what_arrived(client: Client) -> None:
    """The last thirty days tell what is expected."""
    imported(client, "Buy", amount=1)
    config = enforce(client, "Warn and Drop")
    assert config["state"] == "ingested"
    assert (config["initializedFrom"], config["initializedTo"]) == ("2026-01-31", "2026-03-01")
    imported(client, "Buy", amount=2, other=1)
    imported(client, "Sell")
    assert stored(client) == [("Buy", {"amount": 1}), ("Buy", {"amount": 2})]


def test_warn_and_accept_stores_all_and_marks_violations(client: Client) -> None:
    """Mixpanel's own names never count, and null is of every type."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Accept")
    imported(client, "Buy", amount="12", **{"$os": "Linux", "mp_lib": "web"})
    imported(client, "Buy", coupon=None, size="M")
    imported(client, "Sell")
    imported(client, "$mp_web_page_view")
    assert len(stored(client)) == 4
    assert violations(client) == [
        ("Unexpected Type for Property", "Buy", "amount", 1),
        ("Unexpected Property", "Buy", "size", 1),
        ("Missing Property", "Buy", "amount", 1),
        ("Unexpected Event", "Sell", None, 1),
    ]


def test_warn_and_hide_stores_and_hides_what_is_unexpected(client: Client) -> None:
    """Once: what somebody showed again stays visible."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Hide")
    imported(client, "Buy", amount=1, size="M")
    imported(client, "Sell")
    assert client.get("/api/query/events/names").json() == ["Buy"]
    assert "size" not in client.get("/api/query/events/properties/top", event="Buy").json()
    assert stored(client) == [("Buy", {"amount": 1, "size": "M"}), ("Sell", {})]
    client.request("PATCH", EVENTS, json={"name": "Sell", "hidden": False})
    imported(client, "Sell")
    assert sorted(client.get("/api/query/events/names").json()) == ["Buy", "Sell"]


def test_warn_and_drop_drops_events_and_removes_properties(client: Client) -> None:
    """What is dropped counts as imported; a value of another type is marked and stays."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Drop")
    assert imported(client, "Buy", amount="12", size="M") == 1
    assert imported(client, "Sell") == 1
    assert stored(client) == [("Buy", {"amount": "12"})]


def test_profiles_are_held_to_the_schema_of_users(client: Client) -> None:
    """Unexpected properties are dropped; without such a schema profiles are free."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Drop")
    client.set_profile("u", {"plan": "pro", "city": "Bonn"})
    register(client, "$user", {"properties": {"plan": {"type": "string"}}}, "profile")
    client.set_profile("u", {"plan": "plus", "age": 7, "$email": "u@example.com"})
    assert client.profiles() == {"u": {"plan": "plus", "city": "Bonn", "$email": "u@example.com"}}
    assert violations(client) == [("Unexpected Property", None, "age", 1)]


def test_enforcement_follows_the_registry(client: Client) -> None:
    """A schema that comes is expected from then on, one that goes no longer."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Drop")
    imported(client, "Sell", price=1)
    register(client, "Sell", {"properties": {"price": {"type": "number"}}})
    imported(client, "Sell", price=2)
    client.request("DELETE", f"{SCHEMAS}/event/Sell")
    imported(client, "Sell", price=3)
    assert stored(client) == [("Sell", {"price": 2})]


def test_the_rule_and_what_is_expected_can_change(client: Client) -> None:
    """Properties keep the types they had; what is not given stays."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Accept")
    change = {"ruleEvent": "Warn and Drop", "notificationEmails": ["data@example.com"]}
    client.request("PATCH", ENFORCEMENT, json=change)
    change = {"events": ["Buy", "Look"], "properties": {"Buy": ["coupon"], "Look": ["page"]}}
    config = client.request("PATCH", ENFORCEMENT, json=change).json()["results"]
    assert (config["ruleEvent"], config["notificationEmails"]) == (
        "Warn and Drop",
        ["data@example.com"],
    )
    assert config["events"] == [
        {"name": "Buy", "properties": [{"name": "coupon", "type": "string", "required": False}]},
        {"name": "Look", "properties": [{"name": "page"}]},
    ]
    imported(client, "Look", page="/", size=1)
    assert stored(client) == [("Look", {"page": "/"})]


def test_a_replacement_is_all_there_is(client: Client) -> None:
    """Common properties are expected of every event; the end of it lets everything in."""
    register(client, "Buy", BUY)
    enforce(client, "Warn and Accept")
    whole = {
        "commonProperties": [{"name": "plan"}],
        "userProperties": [],
        "events": [{"name": "Look"}],
        "ruleEvent": "Warn and Drop",
        "notificationEmails": [],
        "schemaId": 1,
    }
    config = client.request("PUT", ENFORCEMENT, json=whole).json()["results"]
    assert {k: v for k, v in whole.items() if k != "schemaId"}.items() <= config.items()
    imported(client, "Look", plan="pro", size=1)
    imported(client, "Buy", amount=1)
    assert client.request("DELETE", ENFORCEMENT).json()["results"] == {}
    imported(client, "Buy", amount=2)
    assert stored(client) == [("Buy", {"amount": 2}), ("Look", {"plan": "pro"})]
    assert client.request("DELETE", ENFORCEMENT).status_code == 404


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("POST", {"ruleEvent": "Bogus"}, 400),
        ("PATCH", {"ruleEvent": "Bogus"}, 404),
        ("PUT", {"ruleEvent": "Warn and Drop", "notificationEmails": []}, 400),
        ("PUT", {"ruleEvent": "Warn and Drop", "notificationEmails": "a@example.com"}, 400),
        ("PUT", {"ruleEvent": "Warn and Drop", "notificationEmails": [], "schemaId": 9}, 404),
    ],
)
def test_a_malformed_enforcement_is_refused(
    client: Client, method: str, body: dict[str, Any], status: int
) -> None:
    """The rule is one of three, lists are lists; nothing can be changed before it begins."""
    assert client.request(method, ENFORCEMENT, json=body).status_code == status
