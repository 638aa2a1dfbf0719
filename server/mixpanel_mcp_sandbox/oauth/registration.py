"""Dynamic client registration (RFC 7591): any application on this machine may register."""

import re
from secrets import token_urlsafe
from typing import Any, cast

import orjson
from starlette.responses import Response

from .clients import Client
from .visits import Visit, json_answer, refused

# Written out instead of parsed: what browsers and parsers read differently is not let in.
LOOPBACK = re.compile(
    r"http://(?:localhost|127\.0\.0\.1):(?P<port>[0-9]{1,5})/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*"
)
GRANT_TYPES = ("authorization_code", "refresh_token")
# What Mixpanel gives to applications that register themselves.
SCOPE = (
    "projects analysis events insights segmentation retention data:read funnels flows "
    "data_definitions dashboard_reports bookmarks"
)


def register(visit: Visit) -> Response:
    """Register a client and return its metadata with its new id."""
    asked = _asked(visit.body)
    client = Client(
        id=token_urlsafe(16),
        name=_text(asked, "client_name", ""),
        redirect_uris=_redirect_uris(asked.get("redirect_uris")),
        grant_types=_words(asked, "grant_types", GRANT_TYPES),
        scope=_text(asked, "scope", SCOPE),
    )
    response_types = _words(asked, "response_types", ("code",))
    method = _text(asked, "token_endpoint_auth_method", "none")
    if method != "none":
        raise _wrong("token_endpoint_auth_method must be none.")
    visit.server.clients.add(client)
    metadata = {
        "client_id": client.id,
        "client_id_issued_at": int(visit.server.now().timestamp()),
        "redirect_uris": client.redirect_uris,
        "grant_types": client.grant_types,
        "response_types": response_types,
        "token_endpoint_auth_method": method,
        "scope": client.scope,
    }
    named = {"client_name": client.name} if client.name else {}
    return json_answer(metadata | named, 201)


def _asked(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise _wrong("The body must be a JSON object.")
    return cast("dict[str, Any]", value)


def _redirect_uris(value: object) -> tuple[str, ...]:
    given = cast("list[object]", value) if isinstance(value, list) else []
    uris = tuple(each for each in given if isinstance(each, str) and _is_loopback(each))
    if not uris or len(uris) < len(given):
        sentence = (
            "redirect_uris must be a list of http://localhost:<port>/... or "
            "http://127.0.0.1:<port>/..."
        )
        raise refused("invalid_redirect_uri", sentence)
    return uris


def _is_loopback(uri: str) -> bool:
    match = LOOPBACK.fullmatch(uri)
    return match is not None and 0 < int(match["port"]) < 65_536


def _words(asked: dict[str, Any], name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a list, all allowed ones by default; the first one is a must."""
    given = asked.get(name, list(allowed))
    if isinstance(given, list) and allowed[0] in given and all(each in allowed for each in given):
        return tuple(given)
    others = "".join(f" and may have {each}" for each in allowed[1:])
    raise _wrong(f"{name} must have {allowed[0]}{others}.")


def _text(asked: dict[str, Any], name: str, default: str) -> str:
    given = asked.get(name, default)
    if not isinstance(given, str):
        raise _wrong(f"{name} must be a text.")
    return given


def _wrong(sentence: str) -> Exception:
    return refused("invalid_client_metadata", sentence)
