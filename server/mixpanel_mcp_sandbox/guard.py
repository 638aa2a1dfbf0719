"""Who may call: the sandbox's credentials and project number, refused as Mixpanel refuses."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import Refusal
from .oauth import AuthorizationServer
from .project import ORGANIZATION_ID, Project

SERVICE_ACCOUNT = "sandbox:sandbox"
BEARER = "sandbox"
# These carry a project token in their records instead of a header.
TOKEN_PATHS = ("/track", "/engage", "/groups")
# Here a project token may stand in the place of the user name.
TOKEN_USERS = ("/import", "/flags", "/flags/definitions")
# Whoever knows of one may call it.
HOOK = re.compile(r"/hooks/(?P<name>[\w-]+)")
# These take nothing but the bearer token of a person, or nothing but a service account.
BEARERS_ONLY = ("/api/app/data-retrievals/", "/api/app/data-deletions/")
ACCOUNTS_ONLY = ("/lookup-tables", "/api/2.0/nessie/")
# What lies below has its permission in the URL.
STORAGE = "/storage/"
RECORDINGS = "/recordings/"


@dataclass(frozen=True)
class Guest:
    """Who shows a user name that is not the sandbox's own, and how to refuse it."""

    username: str
    secret: str = field(repr=False)
    refusal: Refusal


def check_credentials(
    path: str, headers: Mapping[str, str], project: Project, oauth: AuthorizationServer
) -> Guest | None:
    """Refuse with 401 what cannot be good for a path.

    Returns who may be a service account that was made here, which somebody has to look up.
    """
    if path in TOKEN_PATHS or HOOK.fullmatch(path) or path.startswith((STORAGE, RECORDINGS)):
        return None
    kind, _, value = headers.get("authorization", "").partition(" ")
    bearer = kind.lower() == "bearer" and not path.startswith(ACCOUNTS_ONLY)
    if bearer and (value == BEARER or oauth.grants.accepts(value)):
        return None
    if kind.lower() == "basic" and not path.startswith(BEARERS_ONLY):
        shown = _decoded(value)
        if shown == SERVICE_ACCOUNT or (path in TOKEN_USERS and shown == f"{project.token}:"):
            return None
        username, _, secret = shown.partition(":")
        if username and secret:
            return Guest(username, secret, _unauthorized(path))
    raise _unauthorized(path)


def check_project(given: object, project: Project) -> None:
    """Refuse with 403 every project number but the sandbox's own; none given is fine."""
    if given is not None and given != "" and str(given) != str(project.id):
        sentence = f"You do not have access to project {given}; the sandbox has project 1."
        raise Refusal(403, sentence)


def check_workspace(given: object, project: Project) -> None:
    """Refuse with 403 every workspace number but the sandbox's own; none given is fine."""
    if given is not None and given != "" and str(given) != str(project.workspace_id):
        sentence = f"You do not have access to workspace {given}; the sandbox has workspace 1."
        raise Refusal(403, sentence)


def check_organization(given: object) -> None:
    """Refuse with 403 every organization but the sandbox's own; none given is fine."""
    if given is not None and str(given) != str(ORGANIZATION_ID):
        sentence = (
            f"You do not have access to organization {given}; the sandbox has organization "
            f"{ORGANIZATION_ID}."
        )
        raise Refusal(403, sentence)


def _decoded(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _unauthorized(path: str) -> Refusal:
    if path == "/import" or path.startswith(ACCOUNTS_ONLY):
        body = {"code": 401, "error": "Invalid credentials", "status": "Unauthorized"}
        return Refusal(401, "Invalid credentials", body)
    return Refusal(401, "Unable to authenticate request")
