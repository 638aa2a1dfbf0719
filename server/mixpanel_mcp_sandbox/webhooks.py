"""Webhooks: addresses that are called; the sandbox keeps no password of theirs."""

from urllib.parse import urlsplit

from .calls import Call, Endpoint, Json, ok
from .documents import stamp
from .entities import Entities
from .errors import wrong
from .hooks import Called, call_address
from .identifiers import number_in
from .project import USER_ID, USER_NAME

KIND = "webhooks"
TEXTS = ("name", "url", "username", "password")
HIDDEN = ("username",)


def list_webhooks(call: Call) -> object:
    """Return the webhooks without their credentials."""
    return ok([_shown(webhook) for webhook in webhooks(call).all()])


def create(call: Call) -> object:
    """Create a webhook; 400 without name, for a URL that is none, or half of the credentials."""
    body = _checked(call.json())
    for name in ("name", "url"):
        if not body.get(name):
            raise wrong(f"{name} is required")
    webhook = {
        "id": webhooks(call).next_uuid(),
        "is_enabled": True,
        "auth_type": None,
        "created": stamp(call),
        "creator_id": USER_ID,
        "creator_name": USER_NAME,
    }
    return ok(_stored(call, webhook, body))


def update(call: Call) -> object:
    """Change a webhook; 404 when there is none."""
    return ok(_stored(call, _webhook(call), _checked(call.json())))


def delete(call: Call) -> object:
    """Delete a webhook; 404 when there is none."""
    webhooks(call).delete(number_in(_webhook(call)["id"]))
    return None


def test(call: Call) -> object:
    """Call an address once and say what it answered."""
    body = _checked(call.json())
    if not body.get("url"):
        raise wrong("url is required")
    content = {"test": True, "webhook": body.get("name"), "project_id": call.project.id}
    called = call_address(call, body["url"], content, body.get("username"))
    told = {"success": called.good, "status_code": called.status, "message": called.message}
    return ok(told)


def webhooks(call: Call) -> Entities:
    """Return the webhooks of the project."""
    return Entities(call.database, KIND, "Webhook")


def notify(call: Call, identifier: str, content: Json) -> Called:
    """Call a webhook, unless it is gone or switched off."""
    webhook = webhooks(call).find(number_in(identifier))
    if webhook is None or webhook["id"] != identifier:
        return Called(0, "there is no such webhook")
    if not webhook["is_enabled"]:
        return Called(0, "the webhook is switched off")
    return call_address(call, webhook["url"], content, webhook.get("username"))


def _webhook(call: Call) -> Json:
    return webhooks(call).named(call.path["id"])


def _stored(call: Call, before: Json, body: Json) -> Json:
    settable = ("name", "url", "is_enabled", "auth_type", "username")
    given = {name: body[name] for name in settable if body.get(name) is not None}
    webhook = {**before, **given, "modified": stamp(call)}
    if webhook["auth_type"] and not webhook.get("username"):
        raise wrong("auth_type basic needs username and password")
    webhooks(call).put(webhook, call.project.workspace_id)
    return {"id": webhook["id"], "name": webhook["name"]}


def _checked(body: Json) -> Json:
    for name in TEXTS:
        if not isinstance(body.get(name, ""), str):
            raise wrong(f"{name} is not valid")
    if "url" in body and not _is_url(body["url"]):
        raise wrong("Invalid url")
    if body.get("auth_type") not in (None, "basic"):
        raise wrong(f"auth_type must be basic, not {body['auth_type']!r}")
    if not isinstance(body.get("is_enabled", True), bool):
        raise wrong("is_enabled is not valid")
    return body


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _shown(webhook: Json) -> Json:
    return {name: value for name, value in webhook.items() if name not in HIDDEN}


BASE = "/api/app/{scope}/webhooks/"
ENDPOINTS = (
    Endpoint("GET", BASE, list_webhooks),
    Endpoint("POST", BASE, create, writes=True),
    Endpoint("POST", f"{BASE}test/", test, writes=True),
    Endpoint("PATCH", f"{BASE}{{id}}/", update, writes=True),
    Endpoint("DELETE", f"{BASE}{{id}}/", delete, writes=True),
)
