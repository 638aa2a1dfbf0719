"""The life of a schema by the published Schemas API, told by a client."""

from typing import Any

import pytest
from job_client import refused, told
from mcp import Client

pytestmark = pytest.mark.anyio

AMOUNT = {"type": "number", "description": "Amount in EUR"}
PURCHASE = {
    "description": "Paid order",
    "properties": {"amount": AMOUNT},
    "metadata": {"com.mixpanel": {"displayName": "Purchase!", "tags": ["core"]}},
}
PROFILE = {"properties": {"plan": {"type": "string"}}}


def entry(kind: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as it is listed and uploaded."""
    return {"entityType": kind, "name": name, "schemaJson": schema}


async def test_a_schema_is_uploaded_read_changed_and_deleted(client: Client) -> None:
    """What is listed can be uploaded again as it is, and the Lexicon says the same."""
    entries = [entry("event", "Purchase / web", PURCHASE), entry("profile", "$user", PROFILE)]
    added = await told(client, "lexicon_upload_schemas", entries=entries)
    assert added == {"added": 2, "deleted": 0}
    [planned] = await told(client, "get_event_definitions", names=["Purchase / web"])
    assert (planned["display_name"], planned["tags"]) == ("Purchase!", ["core"])

    one = {"entity_type": "event", "name": "Purchase / web"}
    assert await told(client, "lexicon_get_schema", **one) == PURCHASE
    change = {"description": "Order", "metadata": {"com.mixpanel": {"displayName": None}}}
    assert await told(client, "lexicon_upload_schema", **one, schema=change) == {"status": "ok"}
    changed = {"description": "Order", "metadata": {"com.mixpanel": {"tags": ["core"]}}}
    [event, profile] = await told(client, "lexicon_list_schemas")
    assert [event, profile] == [entry("event", "Purchase / web", changed), entries[1]]
    assert await told(client, "lexicon_list_schemas", entity_type="profile") == [profile]
    named = {"entity_type": "event", "entity_name": "Purchase / web"}
    assert await told(client, "lexicon_list_schemas", **named) == [event]

    again = await told(client, "lexicon_upload_schemas", entries=[event], truncate=True)
    assert again == {"added": 1, "deleted": 2}
    assert await told(client, "lexicon_delete_schemas", **one) == {"delete_count": 1}
    error = await refused(client, "lexicon_get_schema", **one)
    assert (error["code"], error["details"]["status_code"]) == ("QUERY_FAILED", 404)


async def test_every_schema_goes_only_when_that_was_said(client: Client) -> None:
    """A name needs its type, and all of them a word of their own; nothing was sent before."""
    await told(client, "lexicon_upload_schemas", entries=[entry("event", "Buy", PURCHASE)])
    for arguments, field in (
        ({}, "confirm_all"),
        ({"entity_type": ""}, "confirm_all"),
        ({"name": "Buy", "confirm_all": True}, "entity_type"),
    ):
        error = await refused(client, "lexicon_delete_schemas", **arguments)
        assert [problem["field"] for problem in error["details"]["problems"]] == [field]
    assert len(await told(client, "lexicon_list_schemas")) == 1
    assert await told(client, "lexicon_delete_schemas", confirm_all=True) == {"delete_count": 1}


async def test_what_a_schema_cannot_hold_is_told_by_its_place(client: Client) -> None:
    """Types, keys and the profile's name are known beforehand."""
    wrong = [
        entry("event", "Buy", {"properties": {"amount": {"type": "float"}}}),
        entry("event", "Buy", {"metadata": {"com.mixpanel": {"display_name": "Buy"}}}),
        entry("evnt", "Buy", {}),
    ]
    error = await refused(client, "lexicon_upload_schemas", entries=wrong)
    assert [(each["field"], each["problem"]) for each in error["details"]["problems"]] == [
        (
            "entries[0].schemaJson.properties.amount.type",
            "must be one of array, boolean, integer, null, number, object, string. Did you mean "
            "'number'?",
        ),
        (
            "entries[1].schemaJson.metadata.com.mixpanel.display_name",
            "there is no such argument",
        ),
        ("entries[2].entityType", "must be one of event, profile"),
    ]
    error = await refused(
        client, "lexicon_upload_schema", entity_type="profile", name="User", schema=PROFILE
    )
    assert error["message"] == "name: a profile is called '$user', not 'User'"
