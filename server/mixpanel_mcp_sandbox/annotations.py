"""Annotations and their tags."""

from datetime import datetime
from typing import cast

from .calls import Call, Endpoint, Json, ok
from .documents import Collection, endpoints
from .entities import Entities
from .errors import wrong
from .fields import filled
from .project import PERSON

LONGEST = 512
FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
FIELDS = {"date": str, "description": str, "tags": list, "user_id": int}


def _created(call: Call, number: int, fields: Json) -> Json:
    return {
        "id": number,
        "project_id": call.project.id,
        "date": _date(fields["date"]),
        "description": _description(fields["description"]),
        "user": PERSON,
        "tags": _tags(call, fields.get("tags") or []),
    }


def _changed(call: Call, annotation: Json, fields: Json) -> Json:
    changes = {name: value for name, value in fields.items() if value is not None}
    if "description" in changes:
        _description(changes["description"])
    if "tags" in changes:
        changes["tags"] = _tags(call, changes["tags"])
    return annotation | changes


def _picked(call: Call, annotations: list[Json]) -> list[Json]:
    """Keep those within `fromDate` and `toDate` that have one of `tags`, oldest first."""
    first, last = call.query.get("fromDate", ""), call.query.get("toDate", "") or "9999"
    wanted = {tag for tag in call.query.get("tags", "").split(",") if tag}
    kept = [
        annotation
        for annotation in annotations
        if first[:10] <= annotation["date"][:10] <= last[:10]
        and (not wanted or wanted & {str(tag["id"]) for tag in annotation["tags"]})
    ]
    return sorted(kept, key=lambda annotation: (annotation["date"], annotation["id"]))


def _date(text: str) -> str:
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).strftime(FORMATS[0])
        except ValueError:
            continue
    raise wrong(f"date must have the form YYYY-MM-DD HH:MM:SS, not {text!r}")


def _description(text: str) -> str:
    if len(text) > LONGEST:
        raise wrong(f"description may have at most {LONGEST} characters")
    return text


def _tags(call: Call, numbers: list[object]) -> list[Json]:
    known = {tag["id"]: tag for tag in _all_tags(call).all()}
    for number in numbers:
        if not isinstance(number, int) or number not in known:
            raise wrong(f"Annotation tag {number} does not exist")
    return [
        {name: known[number][name] for name in ("id", "name", "project_id")}
        for number in cast("list[int]", numbers)
    ]


ANNOTATIONS = Collection(
    kind="annotations",
    path="annotations",
    noun="Annotation",
    fields=FIELDS,
    required=frozenset({"date", "description"}),
    changeable=frozenset({"description", "tags"}),
    create=_created,
    change=_changed,
    pick=_picked,
    slash=True,
)


def list_tags(call: Call) -> object:
    """Return the tags; `has_annotations` says whether one is in use."""
    used = {tag["id"] for a in ANNOTATIONS.entities(call).all() for tag in a["tags"]}
    tags = _all_tags(call).all()
    return ok([{**tag, "has_annotations": tag["id"] in used} for tag in tags])


def create_tag(call: Call) -> object:
    """Create a tag with a name of its own."""
    name, tags = filled(call.json(), "name"), _all_tags(call)
    if any(tag["name"] == name for tag in tags.all()):
        raise wrong(f"An annotation tag named {name!r} exists already")
    tag = {"id": tags.next_number(), "name": name, "project_id": call.project.id}
    return ok(tags.put({**tag, "has_annotations": False}))


def _all_tags(call: Call) -> Entities:
    return Entities(call.database, "annotation_tags", "Annotation tag")


TAGS = "/api/app/{scope}/annotations/tags/"
ENDPOINTS = (
    Endpoint("GET", TAGS, list_tags),
    Endpoint("POST", TAGS, create_tag, writes=True),
    *endpoints(ANNOTATIONS),
)
