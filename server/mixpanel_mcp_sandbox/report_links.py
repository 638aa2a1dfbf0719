"""Reports that only a slug names: stored by a client, found again by whoever has the slug."""

import re

from .bookmarks import mapping
from .calls import Call, Endpoint, Json, ok
from .documents import stamp
from .entities import Entities
from .errors import missing, one_of, wrong
from .fields import Fields
from .project import USER_ID

SLUG = re.compile(r"[0-9a-zA-Z_-]{12}")
TYPES = ("insights", "funnels", "retention", "flows")


def create(call: Call) -> object:
    """Store a report under the slug that the client chose; 400 when it is taken."""
    body = call.json()
    fields = Fields(body)
    slug = fields.text("slug") or ""
    if not SLUG.fullmatch(slug):
        raise wrong(f"slug must have 12 letters, digits, - or _, not be {slug!r}")
    kind = one_of(TYPES, fields.text("type"), "type")
    documents = _links(call)
    record = {
        "id": documents.next_number(),
        "slug": slug,
        "type": kind,
        "params": mapping(body.get("params"), "params"),
        "name": fields.text("name"),
        "description": fields.text("description"),
        "bookmark_id": fields.number("bookmark_id", least=1),
        "overrides": None,
        "project_id": call.project.id,
        "user_id": USER_ID,
        "created_at": stamp(call),
    }
    if _found(documents, slug):
        raise wrong(f"The slug {slug} is taken.")
    return ok(documents.put(record, call.project.workspace_id))


def get(call: Call) -> object:
    """Return the report of a slug; 404 when there is none."""
    slug = call.path["slug"]
    record = _found(_links(call), slug)
    if record is None:
        raise missing(f"Report {slug} not found")
    return ok(record)


def _links(call: Call) -> Entities:
    return Entities(call.database, "bookmark_urls", "Report")


def _found(documents: Entities, slug: str) -> Json | None:
    return next((record for record in documents.all() if record["slug"] == slug), None)


# Mixpanel keeps them in the project, whatever the workspace.
PATH = "/api/app/projects/{project_id:int}/bookmark-urls/"
ENDPOINTS = (
    Endpoint("POST", PATH, create, writes=True),
    Endpoint("GET", f"{PATH}{{slug}}/", get),
)
