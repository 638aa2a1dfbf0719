"""The token endpoint: a code or a refresh token for new tokens."""

import re
from collections.abc import Mapping

from starlette.responses import Response

from .clients import Client
from .grants import Grants, InvalidGrant, Tokens
from .visits import Visit, json_answer, refused

VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def exchange(visit: Visit) -> Response:
    """Return tokens for a code or a refresh token."""
    given = visit.form()
    grant_type = _required(given, "grant_type")
    if grant_type not in KINDS:
        sentence = f"grant_type must be {' or '.join(KINDS)}."
        raise refused("unsupported_grant_type", sentence)
    client = visit.server.clients.find(_required(given, "client_id"))
    if client is None:
        raise refused("invalid_client", "The client is not registered here.", 401)
    try:
        tokens = KINDS[grant_type](visit.server.grants, client, given)
    except InvalidGrant as error:
        raise refused("invalid_grant", str(error)) from error
    return json_answer(_body(tokens))


def _by_code(grants: Grants, client: Client, given: Mapping[str, str]) -> Tokens:
    code = _required(given, "code")
    redirect_uri = _required(given, "redirect_uri")
    verifier = _required(given, "code_verifier")
    if not VERIFIER.fullmatch(verifier):
        sentence = "code_verifier must be 43 to 128 letters, digits or any of -._~"
        raise refused("invalid_request", sentence)
    return grants.redeem(code, client, redirect_uri, verifier)


def _by_refresh_token(grants: Grants, client: Client, given: Mapping[str, str]) -> Tokens:
    return grants.renew(_required(given, "refresh_token"), client)


KINDS = {"authorization_code": _by_code, "refresh_token": _by_refresh_token}


def _required(given: Mapping[str, str], name: str) -> str:
    if name in given:
        return given[name]
    raise refused("invalid_request", f"{name} must be given, once.")


def _body(tokens: Tokens) -> dict[str, object]:
    refresh = {"refresh_token": tokens.refresh} if tokens.refresh else {}
    return {
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": tokens.seconds,
        **refresh,
        "scope": tokens.scope,
    }
