"""Who may call: the sandbox's credentials and project number, refused as Mixpanel refuses."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping

from .errors import Refusal
from .oauth import AuthorizationServer
from .project import Project

SERVICE_ACCOUNT = "sandbox:sandbox"
BEARER = "sandbox"
# These carry a project token in their records instead of a header.
TOKEN_PATHS = ("/track", "/engage", "/groups")
# Here a project token may stand in the place of the user name.
TOKEN_USERS = ("/import", "/flags", "/flags/definitions")
# What lies below takes no bearer token.
NO_BEARER = ("/api/2.0/nessie/",)
# Whoever knows of one may call it.
HOOK = re.compile(r"/hooks/(?P<name>[\w-]+)")
# What lies below has its permission in the URL.
STORAGE = "/storage/"
RECORDINGS = "/recordings/"


def check_credentials(
    path: str, headers: Mapping[str, str], project: Project, oauth: AuthorizationServer
) -> None:
    """Refuse with 401 what is neither the service account nor a bearer token that is good now."""
    if path in TOKEN_PATHS or HOOK.fullmatch(path) or path.startswith((STORAGE, RECORDINGS)):
        return
    kind, _, value = headers.get("authorization", "").partition(" ")
    bearer = kind.lower() == "bearer" and not path.startswith(NO_BEARER)
    if bearer and (value == BEARER or oauth.grants.accepts(value)):
        return
    accepted = {SERVICE_ACCOUNT}
    if path in TOKEN_USERS:
        accepted.add(f"{project.token}:")
    if kind.lower() == "basic" and _decoded(value) in accepted:
        return
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


def _decoded(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _unauthorized(path: str) -> Refusal:
    if path == "/import":
        body = {"code": 401, "error": "Invalid credentials", "status": "Unauthorized"}
        return Refusal(401, "Invalid credentials", body)
    return Refusal(401, "Unable to authenticate request")
