"""Browser logins from the first step to the last: codes, access tokens, refresh tokens."""

import logging
from collections.abc import Generator

import httpx
import pytest
from oauth_login import CALLBACK, CHALLENGE, VERIFIER, Application, Page, registered, sent_back
from sandbox_client import Client, Clock, open_empty

from mixpanel_mcp_sandbox import SandboxError, open_sandbox

UNKNOWN_CODE = "The code is unknown or has expired."
UNKNOWN_REFRESH = "The refresh token is unknown, used, revoked or has expired."


@pytest.fixture
def application(clock: Clock) -> Generator[Application]:
    """An application registered at a sandbox whose access tokens are good for two minutes."""
    with open_empty(clock, token_seconds=120) as sandbox:
        yield registered(Client(sandbox))


def refused(answer: httpx.Response, error: str, sentence: str, status: int = 400) -> None:
    """Assert that an answer of the token endpoint is a refusal."""
    assert answer.json() == {"error": error, "error_description": sentence}
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["", "/mixpanel.com"])
def test_a_login_from_registration_to_refresh(client: Client, host: str) -> None:
    """The application registers, the user allows, the tokens work and are renewed."""
    application = registered(client, host)
    page = Page(application.ask().text)
    action = page.form["action"] or ""
    form = {**page.fields, "decision": "allow"}
    back = sent_back(client.request("POST", action, auth=None, data=form))
    answer = application.redeem(back["code"])
    tokens = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert tokens == {
        "access_token": tokens["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": tokens["refresh_token"],
        "scope": "projects analysis",
    }
    assert application.me(tokens["access_token"]) == 200

    renewed = application.refresh(tokens["refresh_token"]).json()
    assert renewed.keys() == tokens.keys()
    assert not {renewed["access_token"], renewed["refresh_token"]} & set(tokens.values())
    assert application.me(renewed["access_token"]) == 200


@pytest.mark.parametrize("path", ["/api/app/me", "/api/query/events/names", "/api/2.0/export"])
def test_an_issued_token_is_good_for_every_api(application: Application, path: str) -> None:
    """It says as much as the sandbox's own bearer token."""
    headers = {"Authorization": f"Bearer {application.tokens()['access_token']}"}
    days = {"from_date": "2026-02-01", "to_date": "2026-02-02"}
    answer = application.client.request("GET", path, auth=None, headers=headers, params=days)
    assert answer.status_code == 200


def test_an_access_token_expires(application: Application, clock: Clock) -> None:
    """Its time is over after as many seconds as were told, and a refresh gives a new one."""
    tokens = application.tokens()
    assert tokens["expires_in"] == 120
    clock.move(seconds=119)
    assert application.me(tokens["access_token"]) == 200
    clock.move(seconds=1)
    assert application.me(tokens["access_token"]) == 401
    renewed = application.refresh(tokens["refresh_token"]).json()
    assert application.me(renewed["access_token"]) == 200


@pytest.mark.parametrize("kind", ["unknown", "refresh_token"])
def test_any_other_bearer_is_refused_as_ever(application: Application, kind: str) -> None:
    """A refresh token opens nothing but the token endpoint."""
    headers = {"Authorization": f"Bearer {application.tokens().get(kind, 'unknown')}"}
    answer = application.client.request("GET", "/api/app/me", auth=None, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"status": "error", "error": "Unable to authenticate request"}


def test_a_code_is_good_for_a_minute(application: Application, clock: Clock) -> None:
    """Then the user is asked again."""
    in_time, late = application.code(), application.code()
    clock.move(seconds=59)
    assert application.redeem(in_time).status_code == 200
    clock.move(seconds=1)
    refused(application.redeem(late), "invalid_grant", UNKNOWN_CODE)


@pytest.mark.parametrize("seconds", [0, 86_400])
def test_a_code_that_is_used_twice_was_stolen(
    application: Application, clock: Clock, seconds: int
) -> None:
    """All that it gave is revoked, also what was renewed since, and however late."""
    code = application.code()
    first = application.redeem(code).json()
    clock.move(seconds=seconds)
    renewed = application.refresh(first["refresh_token"]).json()
    again = application.redeem(code)
    refused(again, "invalid_grant", "The code was used before; the tokens it gave are revoked.")
    assert application.me(first["access_token"]) == 401
    assert application.me(renewed["access_token"]) == 401
    refused(application.refresh(renewed["refresh_token"]), "invalid_grant", UNKNOWN_REFRESH)


def test_another_login_outlives_a_stolen_code(application: Application) -> None:
    """Only what came of the same code is revoked."""
    other = application.tokens()
    code = application.code()
    for _ in range(2):
        application.redeem(code)
    assert application.me(other["access_token"]) == 200


def test_a_refresh_token_is_good_once(application: Application) -> None:
    """The old one is refused; the new ones stay good."""
    old = application.tokens()
    new = application.refresh(old["refresh_token"]).json()
    refused(application.refresh(old["refresh_token"]), "invalid_grant", UNKNOWN_REFRESH)
    assert application.me(new["access_token"]) == 200
    assert application.refresh(new["refresh_token"]).status_code == 200


def test_a_refresh_token_is_good_for_a_month(application: Application, clock: Clock) -> None:
    """Whoever stays away longer logs in again."""
    token = application.tokens()["refresh_token"]
    clock.move(days=30)
    refused(application.refresh(token), "invalid_grant", UNKNOWN_REFRESH)


def test_who_did_not_register_for_refresh_tokens_gets_none(client: Client) -> None:
    """The answer leaves it out."""
    tokens = registered(client, grant_types=["authorization_code"]).tokens()
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "unknown"}, UNKNOWN_CODE),
        ({"code_verifier": VERIFIER[::-1]}, "code_verifier does not fit the code_challenge."),
        (
            {"redirect_uri": "http://127.0.0.1:19284/callback"},
            "The code is for another redirect_uri.",
        ),
    ],
)
def test_a_code_fits_the_request_it_came_from(
    application: Application, changes: dict[str, str], sentence: str
) -> None:
    """A wrong attempt gives nothing, and the right one is still good after it."""
    code = application.code()
    refused(application.redeem(code, **changes), "invalid_grant", sentence)
    assert application.redeem(code).status_code == 200


def test_codes_and_refresh_tokens_belong_to_one_client(application: Application) -> None:
    """Another client can neither use them nor use them up."""
    other = registered(application.client)
    code = application.code()
    refused(other.redeem(code), "invalid_grant", "The code is for another client.")
    token = application.redeem(code).json()["refresh_token"]
    refused(other.refresh(token), "invalid_grant", UNKNOWN_REFRESH)
    assert application.refresh(token).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"grant_type": None}, "invalid_request", "grant_type must be given, once."),
        (
            {"grant_type": "password"},
            "unsupported_grant_type",
            "grant_type must be authorization_code or refresh_token.",
        ),
        ({"client_id": None}, "invalid_request", "client_id must be given, once."),
        ({"code": None}, "invalid_request", "code must be given, once."),
        ({"redirect_uri": ""}, "invalid_request", "redirect_uri must be given, once."),
        ({"code_verifier": None}, "invalid_request", "code_verifier must be given, once."),
        (
            {"code_verifier": "short"},
            "invalid_request",
            "code_verifier must be 43 to 128 letters, digits or any of -._~",
        ),
        ({"grant_type": "refresh_token"}, "invalid_request", "refresh_token must be given, once."),
    ],
)
def test_a_request_for_tokens_is_complete(
    application: Application, changes: dict[str, str | None], error: str, sentence: str
) -> None:
    """What is missing or wrong is named."""
    refused(application.redeem(application.code(), **changes), error, sentence)


def test_an_unknown_client_gets_no_tokens(application: Application) -> None:
    """The status is 401 here, and only here."""
    answer = application.redeem(application.code(), client_id="unknown")
    refused(answer, "invalid_client", "The client is not registered here.", 401)


def test_a_request_for_tokens_is_a_form(application: Application) -> None:
    """JSON is refused."""
    answer = application.client.request("POST", "/oauth/token/", auth=None, json={})
    sentence = "The body must be application/x-www-form-urlencoded."
    refused(answer, "invalid_request", sentence)


def test_the_oldest_clients_and_codes_are_forgotten(application: Application) -> None:
    """A sandbox that runs for months does not grow."""
    server = application.client.sandbox.oauth
    asking = server.clients.find(application.id)
    assert asking
    code = application.code()
    for _ in range(1000):
        server.grants.allow(asking, CALLBACK, "challenge")
    refused(application.redeem(code), "invalid_grant", UNKNOWN_CODE)
    for number in range(1000):
        server.clients.add(type(asking)(str(number), "", (), (), ""))
    assert application.ask().status_code == 400


def test_no_secret_is_logged_or_shown(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a log line nor the text form of an object has a code or token."""
    with caplog.at_level(logging.DEBUG):
        code = application.code()
        tokens = application.redeem(code).json()
        application.redeem(code)
    server = application.client.sandbox.oauth
    asking = server.clients.find(application.id)
    assert asking
    issued = server.grants.redeem(
        server.grants.allow(asking, CALLBACK, CHALLENGE),
        asking,
        CALLBACK,
        VERIFIER,
    )
    shown = caplog.text + repr(issued) + repr(vars(server.grants))
    secrets = (code, tokens["access_token"], tokens["refresh_token"], issued.access, VERIFIER)
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("seconds", [0, -1, 40_000_000])
def test_tokens_are_good_for_a_second_to_a_year(seconds: int) -> None:
    """Any other lifetime is refused before anything is opened."""
    with pytest.raises(SandboxError, match="Tokens can be good for 1 to 31536000 seconds"):
        open_sandbox("empty", token_seconds=seconds)
