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


def test_an_event_of_nobody_is_known_by_its_address(client: Client) -> None:
    """Where that is asked for; the same address is the same person."""
    nobody = {"event": "Opened", "properties": {"token": "sandbox"}}
    track(client, json=[nobody, EVENT])
    track(client, json=[nobody, nobody, EVENT], params={"ip": "1"})
    owners = sorted(line["properties"]["distinct_id"] for line in client.exported())
    assert (owners[0], owners[3:]) == ("", ["u1", "u1"])
    assert owners[1] == owners[2] != ""


def test_one_good_event_makes_a_good_answer(client: Client) -> None:
    """Malformed ones beside it are dropped without a word."""
    nameless = {"event": "", "properties": {"token": "sandbox"}}
    assert track(client, json=[nameless, EVENT], params={"verbose": "1"}) == {
        "status": 1,
        "error": None,
    }
    assert [line["event"] for line in client.exported()] == ["Opened"]
