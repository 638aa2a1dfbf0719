"""Object storage: files that are put and fetched by URLs which carry their own permission."""

import hashlib
import hmac
from mimetypes import guess_type
from secrets import token_hex
from urllib.parse import urlencode

from .calls import Answer, Call, Endpoint, Text
from .errors import Refusal, missing
from .guard import STORAGE

LIFETIME = 15 * 60


def new_key() -> str:
    """Return a key that no file has."""
    return f"{token_hex(16)}.csv"


def signed_url(call: Call, method: str, key: str, kind: str = "") -> str:
    """Return the URL that allows one method on the file of a key, for a quarter of an hour."""
    return f"{call.origin}{STORAGE}{key}?{permission(call, method, key, kind)}"


def permission(call: Call, *parts: str) -> str:
    """Return the query string that allows what the parts name, for a quarter of an hour."""
    expires = str(int(call.now.timestamp()) + LIFETIME)
    return urlencode({"Expires": expires, "Signature": _signature(call, *parts, expires)})


def check_permission(call: Call, *parts: str) -> None:
    """Refuse with 403 a query string that does not allow what the parts name, or no longer."""
    expires, given = call.query.get("Expires", ""), call.query.get("Signature", "")
    if not hmac.compare_digest(_signature(call, *parts, expires).encode(), given.encode()):
        raise Refusal(403, "SignatureDoesNotMatch")
    if int(expires) < call.now.timestamp():
        raise Refusal(403, "ExpiredToken")


def put(call: Call) -> object:
    """Take a file whose URL was signed for its content type."""
    check_permission(call, "PUT", call.path["key"], call.headers.get("content-type", ""))
    call.store.files.keep(call.path["key"], call.body)
    return Answer({})


def get(call: Call) -> object:
    """Give back a file."""
    check_permission(call, "GET", call.path["key"], "")
    content = call.store.files.find(call.path["key"])
    if content is None:
        raise missing("NoSuchKey")
    return Text(content, guess_type(call.path["key"])[0] or "text/plain")


def _signature(call: Call, *parts: str) -> str:
    return hmac.new(call.store.files.secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


ENDPOINTS = (
    Endpoint("PUT", f"{STORAGE}{{key}}", put),
    Endpoint("GET", f"{STORAGE}{{key}}", get),
)
