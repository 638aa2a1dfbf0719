"""Applications register themselves, and the server describes itself."""

from typing import Any

import pytest
from oauth_login import CALLBACK, METADATA, register
from sandbox_client import NOW, Client

SCOPE = (
    "projects analysis events insights segmentation retention data:read funnels flows "
    "data_definitions dashboard_reports bookmarks"
)


@pytest.mark.parametrize(
    ("changes", "echoed"),
    [
        ({}, {}),
        ({"client_name": "Tool"}, {"client_name": "Tool"}),
        ({"logo_uri": "http://localhost:1/logo"}, {}),
        ({"redirect_uris": ["http://127.0.0.1:1/"]}, {"redirect_uris": ["http://127.0.0.1:1/"]}),
        ({"grant_types": ["authorization_code"]}, {"grant_types": ["authorization_code"]}),
        ({"grant_types": None, "response_types": None, "token_endpoint_auth_method": None}, {}),
        ({"scope": None}, {"scope": SCOPE}),
    ],
)
def test_an_application_registers_itself(
    client: Client, changes: dict[str, Any], echoed: dict[str, Any]
) -> None:
    """The answer has an id and all that is now registered, defaults included."""
    answer = register(client, **changes)
    body = answer.json()
    issued = {"client_id": body["client_id"], "client_id_issued_at": int(NOW.timestamp())}
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert body == METADATA | issued | echoed


def test_every_registration_has_an_id_of_its_own(client: Client) -> None:
    """The same application twice is two clients."""
    ids = {register(client).json()["client_id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    "uris",
    [
        None,
        [],
        CALLBACK,
        [CALLBACK, "https://app.example/callback"],
        ["http://app.example:80/callback"],
        ["https://localhost:19284/callback"],
        ["http://localhost/callback"],
        ["http://localhost:0/callback"],
        ["http://localhost:70000/callback"],
        ["http://localhost:19284"],
        ["http://localhost:19284@app.example/callback"],
        ["http://localhost:19284\\@app.example/callback"],
        ["http://localhost.app.example:19284/callback"],
        ["http://localhost:19284/callback#fragment"],
        ["http://localhost:19284/call\nback"],
        ["javascript:alert(1)//localhost:19284/"],
        [19284],
    ],
)
def test_only_addresses_on_this_machine_are_redirected_to(client: Client, uris: object) -> None:
    """One foreign address among good ones is enough for a refusal."""
    answer = register(client, redirect_uris=uris)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_redirect_uri",
        "error_description": "redirect_uris must be a list of http://localhost:<port>/... or "
        "http://127.0.0.1:<port>/...",
    }


GRANT_TYPES = "grant_types must have authorization_code and may have refresh_token."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"grant_types": ["authorization_code", "password"]}, GRANT_TYPES),
        ({"grant_types": ["refresh_token"]}, GRANT_TYPES),
        ({"grant_types": "authorization_code"}, GRANT_TYPES),
        ({"response_types": ["token"]}, "response_types must have code."),
        (
            {"token_endpoint_auth_method": "client_secret_basic"},
            "token_endpoint_auth_method must be none.",
        ),
        ({"scope": ["projects"]}, "scope must be a text."),
        ({"client_name": 7}, "client_name must be a text."),
    ],
)
def test_other_kinds_of_clients_are_refused(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    """There are public clients with codes, and nothing else."""
    answer = register(client, **changes)
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_client_metadata", "error_description": sentence}


@pytest.mark.parametrize("body", [b"", b"{nope", b"[]", b'{"client_name": "\\ud800"}'])
def test_a_registration_is_a_json_object(client: Client, body: bytes) -> None:
    """Anything else is refused in the shape of RFC 7591 too."""
    answer = client.request("POST", "/oauth/mcp/register/", auth=None, content=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_client_metadata",
        "error_description": "The body must be a JSON object.",
    }


def test_a_registration_of_more_than_64_kilobytes_is_too_large(client: Client) -> None:
    """Nobody fills the memory with names."""
    assert register(client, client_name="x" * 65_536).status_code == 413


@pytest.mark.parametrize(
    ("path", "issuer"),
    [
        ("/.well-known/oauth-authorization-server", "http://sandbox"),
        (
            "/eu.mixpanel.com/.well-known/oauth-authorization-server",
            "http://sandbox/eu.mixpanel.com",
        ),
        (
            "/.well-known/oauth-authorization-server/mixpanel.com",
            "http://sandbox/mixpanel.com",
        ),
    ],
)
def test_the_server_describes_itself(client: Client, path: str, issuer: str) -> None:
    """Its name is what it was called by; a host may stand before or, as in RFC 8414, behind."""
    answer = client.request("GET", path, auth=None)
    assert answer.status_code == 200
    assert answer.json() == {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize/",
        "token_endpoint": f"{issuer}/oauth/token/",
        "registration_endpoint": f"{issuer}/oauth/mcp/register/",
        "scopes_supported": SCOPE.split(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def test_a_foreign_host_is_not_described(client: Client) -> None:
    """Only Mixpanel's hosts are played."""
    path = "/.well-known/oauth-authorization-server/app.example"
    assert client.request("GET", path, auth=None).status_code == 404
