"""Webhooks through the App API, and the hooks of the sandbox that they call."""

from typing import Any

import pytest
from sandbox_client import Client

BASE = "/api/app/projects/1/webhooks/"
URL = "http://sandbox/hooks/pipeline"
CREDENTIALS = {"auth_type": "basic", "username": "ann", "password": "correct horse"}


def created(client: Client, **fields: Any) -> str:
    """Create a webhook and return its id."""
    answer = client.post(BASE, {"name": "Pipeline", "url": URL, **fields})
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"]["name"] == "Pipeline"
    return answer.json()["results"]["id"]


def listed(client: Client) -> list[dict[str, Any]]:
    """All webhooks."""
    return client.get(BASE).json()["results"]


def tried(client: Client, **fields: Any) -> dict[str, Any]:
    """What came of calling an address once."""
    return client.post(f"{BASE}test/", fields).json()["results"]


def arrived(client: Client, name: str = "pipeline") -> list[dict[str, Any]]:
    """The calls that came to a hook, the latest first."""
    return client.get(f"/hooks/{name}/calls").json()["results"]


def test_a_webhook_is_listed_without_its_credentials(client: Client) -> None:
    """Neither user nor password comes back."""
    identifier = created(client, **CREDENTIALS)
    assert listed(client) == [
        {
            "id": identifier,
            "name": "Pipeline",
            "url": URL,
            "is_enabled": True,
            "auth_type": "basic",
            "created": "2026-03-01T00:00:00",
            "modified": "2026-03-01T00:00:00",
            "creator_id": 1,
            "creator_name": "Sandbox User",
        }
    ]


def test_a_password_is_kept_nowhere(client: Client) -> None:
    """Not even in the sandbox's own file."""
    created(client, **CREDENTIALS)
    tried(client, url=URL, **CREDENTIALS)
    with client.sandbox.store.read() as database:
        rows = database.rows("select body from own.entities")
    assert rows
    assert "correct horse" not in str(rows)


def test_a_change_touches_what_it_names(client: Client) -> None:
    """A webhook can be switched off."""
    path = f"{BASE}{created(client)}/"
    answer = client.request("PATCH", path, json={"is_enabled": False, "name": "Off"})
    assert answer.json()["results"]["name"] == "Off"
    [webhook] = listed(client)
    assert (webhook["is_enabled"], webhook["url"]) == (False, URL)


def test_a_deleted_webhook_is_not_found(client: Client) -> None:
    """The second deletion answers 404, as does an id of something else."""
    path = f"{BASE}{created(client)}/"
    assert client.request("DELETE", path).status_code == 204
    assert listed(client) == []
    assert client.request("DELETE", path).status_code == 404
    assert client.request("PATCH", f"{BASE}w2/", json={}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"url": URL},
        {"name": "A", "url": "not a url"},
        {"name": "A", "url": "ftp://example.com/"},
        {"name": "A", "url": URL, "auth_type": "oauth"},
        {"name": "A", "url": URL, "auth_type": "basic"},
        {"name": 7, "url": URL},
    ],
)
def test_a_malformed_webhook_is_refused(client: Client, body: dict[str, Any]) -> None:
    """Name, URL and credentials are checked."""
    answer = client.post(BASE, body)
    assert answer.status_code == 400
    assert listed(client) == []


def test_a_trial_call_arrives(client: Client) -> None:
    """The hook tells what came, when, and from which user; nothing is saved."""
    assert tried(client, url=URL, name="Pipeline", **CREDENTIALS) == {
        "success": True,
        "status_code": 200,
        "message": "arrived",
    }
    assert arrived(client) == [
        {
            "id": 1,
            "hook": "pipeline",
            "time": "2026-03-01T00:00:00",
            "username": "ann",
            "content": {"test": True, "webhook": "Pipeline", "project_id": 1},
        }
    ]
    assert listed(client) == []


def test_a_hook_answers_the_status_that_its_url_asks_for(client: Client) -> None:
    """So that failures can be tried; the call arrives all the same."""
    told = tried(client, url=f"{URL}?status=503")
    assert (told["success"], told["status_code"]) == (False, 503)
    assert len(arrived(client)) == 1


@pytest.mark.parametrize(
    "url", ["https://example.com/hooks/pipeline", "http://sandbox/elsewhere", "http://sandbox"]
)
def test_nobody_else_is_called(client: Client, url: str) -> None:
    """The answer says that nothing was sent, and where a call would arrive."""
    told = tried(client, url=url)
    assert (told["success"], told["status_code"]) == (False, 0)
    assert "http://sandbox/hooks/NAME" in told["message"]
    assert arrived(client) == []


def test_anybody_may_call_a_hook_and_only_users_read_it(client: Client) -> None:
    """As with every address of a webhook."""
    answer = client.request("POST", "/hooks/mine", json={"a": 1}, auth=("bob", "his secret"))
    assert (answer.status_code, answer.json()) == (200, {"message": "arrived"})
    [call] = arrived(client, "mine")
    assert (call["username"], call["content"]) == ("bob", {"a": 1})
    assert client.request("GET", "/hooks/mine/calls", auth=None).status_code == 401


def test_calls_can_be_forgotten(client: Client) -> None:
    """Those of other hooks stay."""
    for name in ("mine", "other"):
        client.request("POST", f"/hooks/{name}", json={})
    assert client.request("DELETE", "/hooks/mine/calls").status_code == 204
    assert (arrived(client, "mine"), len(arrived(client, "other"))) == ([], 1)
