"""An application that logs in to a sandbox with a browser, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from sandbox_client import Client

CALLBACK = "http://localhost:19284/callback"
# The pair of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
METADATA = {
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "scope": "projects analysis",
}


@dataclass(frozen=True)
class Application:
    """A registered application; changes of None leave a parameter out."""

    client: Client
    id: str
    host: str = ""

    def asked(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of a request for authorization."""
        usual = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": CALLBACK,
            "state": "some state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return _changed(usual, changes)

    def ask(self, **changes: str | None) -> httpx.Response:
        """Open the page on which the user decides."""
        path = f"{self.host}/oauth/authorize/"
        return self.client.request("GET", path, auth=None, params=self.asked(**changes))

    def decide(self, decision: str, /, **changes: str | None) -> httpx.Response:
        """Send the form of that page."""
        form = self.asked(**changes) | {"decision": decision}
        return self.client.request("POST", f"{self.host}/oauth/authorize/", auth=None, data=form)

    def code(self) -> str:
        """Return the code of a user who allows the access."""
        return sent_back(self.decide("allow"))["code"]

    def redeem(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Ask for tokens with a code."""
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": self.id,
            "code_verifier": VERIFIER,
        }
        return self._token(_changed(usual, changes))

    def refresh(self, token: str, /, **changes: str | None) -> httpx.Response:
        """Ask for tokens with a refresh token."""
        usual = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.id}
        return self._token(_changed(usual, changes))

    def tokens(self) -> dict[str, Any]:
        """Log in and return the answer with the tokens."""
        return self.redeem(self.code()).json()

    def me(self, bearer: str) -> int:
        """Call an API with a bearer token and return the status."""
        headers = {"Authorization": f"Bearer {bearer}"}
        return self.client.request("GET", "/api/app/me", auth=None, headers=headers).status_code

    def _token(self, form: dict[str, str]) -> httpx.Response:
        return self.client.request("POST", f"{self.host}/oauth/token/", auth=None, data=form)


class Page(HTMLParser):
    """A page as a browser reads it: the form, the fields it would send, the text, the tags."""

    def __init__(self, html: str):
        super().__init__()
        self.form: dict[str, str | None] = {}
        self.fields: dict[str, str | None] = {}
        self.buttons: list[str | None] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what belongs to the form."""
        given = dict(attrs)
        self.tags.add(tag)
        if tag == "form":
            self.form = given
        if tag == "input":
            self.fields[given["name"] or ""] = given["value"]
        if tag == "button":
            self.buttons.append(given["value"])

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


def register(client: Client, host: str = "", **changes: Any) -> httpx.Response:
    """Register an application."""
    body = _changed(METADATA, changes)
    return client.request("POST", f"{host}/oauth/mcp/register/", auth=None, json=body)


def registered(client: Client, host: str = "", **changes: Any) -> Application:
    """Return a registered application."""
    return Application(client, register(client, host, **changes).json()["client_id"], host)


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """Return what the browser brings to the application."""
    location = answer.headers["location"]
    assert (answer.status_code, location.partition("?")[0]) == (302, CALLBACK)
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def _changed(usual: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}
