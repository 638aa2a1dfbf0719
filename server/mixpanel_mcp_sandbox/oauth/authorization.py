"""The authorization endpoint: a page that asks the user, and the way back to the client.

Who asks is checked first: before the client and its redirect_uri are known to belong together,
no browser is sent anywhere.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from .clients import Client, Clients
from .pages import consent_page, refusal_page
from .visits import NO_STORE, Visit, parameters

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
UNKNOWN = (
    "No application is registered as “{client_id}”. The sandbox forgets applications when it "
    "stops: let the application register again."
)
ELSEWHERE = "The application did not register “{redirect_uri}”, so nobody is sent there."


class UnknownCaller(Exception):
    """It is not certain who asks, so that the answer must not go anywhere."""


class Mistake(Exception):
    """The request is wrong in a way that its client should hear of."""

    def __init__(self, error: str, sentence: str):
        super().__init__(sentence)
        self.error = error


@dataclass(frozen=True)
class Asked:
    """A request by a known client: where its answer goes, and what it must bring along."""

    client: Client
    redirect_uri: str
    given: Mapping[str, str]
    issuer: str

    def answer(self, **answer: str) -> Response:
        """Send the browser back to the client."""
        state = {"state": self.given["state"]} if "state" in self.given else {}
        query = urlencode({**answer, **state, "iss": self.issuer})
        joined = "&" if "?" in self.redirect_uri else "?"
        return RedirectResponse(f"{self.redirect_uri}{joined}{query}", 302, NO_STORE)

    def refuse(self, error: str, sentence: str) -> Response:
        """Send the browser back without what was asked for."""
        return self.answer(error=error, error_description=sentence)


def ask(visit: Visit) -> Response:
    """Show the page on which the user decides."""
    return _answered(visit, parameters(visit.query), partial(_page, visit))


def decide(visit: Visit) -> Response:
    """Send the browser back with a code, or with the user's refusal."""
    return _answered(visit, visit.form(), partial(_decision, visit))


def _page(visit: Visit, asked: Asked) -> Response:
    return consent_page(f"{visit.host}/oauth/authorize/", asked.client, asked.given)


def _decision(visit: Visit, asked: Asked) -> Response:
    match asked.given.get("decision"):
        case "allow":
            challenge = asked.given["code_challenge"]
            code = visit.server.grants.allow(asked.client, asked.redirect_uri, challenge)
            return asked.answer(code=code)
        case "deny":
            return asked.refuse("access_denied", "The user denied the access.")
        case _:
            raise Mistake("invalid_request", "decision must be allow or deny.")


def _answered(
    visit: Visit, given: Mapping[str, str], answer: Callable[[Asked], Response]
) -> Response:
    try:
        client, redirect_uri = _caller(visit.server.clients, given)
    except UnknownCaller as error:
        return refusal_page(str(error))
    asked = Asked(client, redirect_uri, given, visit.issuer)
    try:
        _check(given)
        return answer(asked)
    except Mistake as mistake:
        return asked.refuse(mistake.error, str(mistake))


def _caller(clients: Clients, given: Mapping[str, str]) -> tuple[Client, str]:
    client_id = given.get("client_id", "")
    redirect_uri = given.get("redirect_uri", "")
    client = clients.find(client_id)
    if client is None:
        raise UnknownCaller(UNKNOWN.format(client_id=client_id))
    if redirect_uri not in client.redirect_uris:
        raise UnknownCaller(ELSEWHERE.format(redirect_uri=redirect_uri))
    return client, redirect_uri


def _check(given: Mapping[str, str]) -> None:
    for name in ("response_type", "state", "code_challenge"):
        if name not in given:
            raise Mistake("invalid_request", f"{name} must be given, once.")
    if given["response_type"] != "code":
        raise Mistake("unsupported_response_type", "response_type must be code.")
    if given.get("code_challenge_method") != "S256":
        raise Mistake("invalid_request", "code_challenge_method must be S256.")
    if not CHALLENGE.fullmatch(given["code_challenge"]):
        raise Mistake("invalid_request", "code_challenge must be 43 characters of base64url.")
