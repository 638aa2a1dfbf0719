"""Business context: the text about the project and the one about its organization."""

from .calls import Call, Endpoint, Json, ok
from .entities import Entities
from .errors import wrong

KIND = "business_context"
LONGEST = 50_000
PROJECT, ORGANIZATION = 1, 2


def read_project(call: Call) -> object:
    """Return the project's text, empty when none was written."""
    return ok({"content": _content(call, PROJECT)})


def write_project(call: Call) -> object:
    """Replace the project's text; 400 for one that is too long."""
    return _written(call, PROJECT)


def read_organization(call: Call) -> object:
    """Return the organization's text, empty when none was written."""
    return ok({"content": _content(call, ORGANIZATION)})


def write_organization(call: Call) -> object:
    """Replace the organization's text; 400 for one that is too long."""
    return _written(call, ORGANIZATION)


def chain(call: Call) -> object:
    """Return both texts."""
    return ok(
        {
            "org_context": _content(call, ORGANIZATION),
            "project_context": _content(call, PROJECT),
        }
    )


def _written(call: Call, level: int) -> Json:
    content = call.json().get("content")
    if not isinstance(content, str):
        raise wrong("content must be a text")
    if len(content) > LONGEST:
        raise wrong(f"content may have at most {LONGEST} characters")
    _texts(call).put({"id": level, "content": content})
    return ok({"content": content})


def _content(call: Call, level: int) -> str:
    found = _texts(call).find(level)
    return found["content"] if found else ""


def _texts(call: Call) -> Entities:
    return Entities(call.database, KIND, "Business context")


PROJECT_PATH = "/api/app/projects/{project_id:int}/business-context"
ORGANIZATION_PATH = "/api/app/organizations/{organization_id:int}/business-context"
ENDPOINTS = (
    Endpoint("GET", f"{PROJECT_PATH}/chain", chain),
    Endpoint("GET", PROJECT_PATH, read_project),
    Endpoint("PUT", PROJECT_PATH, write_project, writes=True),
    Endpoint("GET", ORGANIZATION_PATH, read_organization),
    Endpoint("PUT", ORGANIZATION_PATH, write_organization, writes=True),
)
