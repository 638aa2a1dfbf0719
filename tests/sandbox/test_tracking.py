"""`/track` and `/engage`: what browsers and apps send with a project token."""

import base64
import json
from typing import Any

import pytest
from sandbox_client import Client

EVENT = {"event": "Opened", "properties": {"token": "sandbox", "distinct_id": "u1", "n": 1}}


def track(client: Client, **options: Any) -> Any:
    """Send `/track` without credentials and return the answer's body."""
    answer = client.request("POST", "/track", auth=None, **options)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    "options",
    [
        {"json": [EVENT]},
        {"json": EVENT},
        {"data": {"data": json.dumps(EVENT)}},
        {"data": {"data": base64.b64encode(json.dumps([EVENT]).encode()).decode()}},
    ],
    ids=["list", "object", "form", "base64"],
)
def test_every_way_of_sending_an_event_stores_it(client: Client, options: Any) -> None:
    """JSON, form and base64 are one and the same; the token is not stored."""
    assert track(client, **options) == 1
    (line,) = client.exported()
    assert line["event"] == "Opened"
    assert "token" not in line["properties"]


def test_verbose_answers_say_what_was_wrong(client: Client) -> None:
    """With `verbose` the reason comes with status 0, and still HTTP 200."""
    nameless = {"event": "", "properties": {"token": "sandbox"}}
    assert track(client, json=[EVENT], params={"verbose": "1"}) == {"status": 1, "error": None}
    assert track(client, json=[nameless], params={"verbose": "1"}) == {
        "status": 0,
        "error": "'event' is invalid: must be a text of 1 to 255 characters",
    }


def test_an_unknown_token_is_unauthorized(client: Client) -> None:
    """The token is the only thing that names the project."""
    stranger = {"event": "A", "properties": {"token": "other"}}
    assert client.request("POST", "/track", auth=None, json=[stranger]).status_code == 401


def test_a_profile_survives_an_update_that_is_refused(client: Client) -> None:
    """One malformed update refuses the whole request."""
    client.set_profile("u1", {"plan": "pro"})
    bad = [
        {"$token": "sandbox", "$distinct_id": "u1", "$set": {"plan": "free"}},
        {"$token": "sandbox", "$distinct_id": "u1", "$set": ["plan"]},
    ]
    answer = client.request("POST", "/engage?verbose=1", json=bad)
    assert answer.json() == {"status": 0, "error": "'$set' must be an object"}
    assert client.profiles() == {"u1": {"plan": "pro"}}


def test_a_deleted_profile_can_be_created_again(client: Client) -> None:
    """After `$delete` nothing of the old profile is left."""
    client.set_profile("u1", {"plan": "pro"})
    client.post("/engage", [{"$token": "sandbox", "$distinct_id": "u1", "$delete": ""}])
    assert client.profiles() == {}
    client.set_profile("u1", {"city": "Oslo"})
    assert client.profiles() == {"u1": {"city": "Oslo"}}
