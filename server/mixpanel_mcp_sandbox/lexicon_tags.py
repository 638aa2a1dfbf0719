"""The tags of the Lexicon: names that events carry."""

from .calls import Call, Endpoint, Json, ok
from .definition_changes import changed
from .definitions import EVENTS, all_texts
from .documents import number
from .entities import Entities
from .errors import missing, wrong
from .fields import filled


def tags(call: Call) -> Entities:
    """Return the tags there are."""
    return Entities(call.database, "lexicon_tags", "Lexicon tag")


def ensure(call: Call, names: object) -> None:
    """Create the tags among `names` that are new; what is no list of texts is for others."""
    if all_texts(names):
        known = {tag["name"] for tag in tags(call).all()}
        for name in dict.fromkeys(map(str, names)):  # pyright: ignore
            if name not in known:
                _put(call, name)


def list_tags(call: Call) -> object:
    """Return the names of the tags, as Mixpanel does, without their numbers."""
    return ok([tag["name"] for tag in tags(call).all()])


def create_or_delete(call: Call) -> object:
    """Create a tag, or delete the one of that name where the body says so."""
    body = call.json()
    name = filled(body, "name")
    found = next((tag for tag in tags(call).all() if tag["name"] == name), None)
    if body.get("delete") is True:
        if found is None:
            raise missing(f"Lexicon tag {name!r} not found")
        tags(call).delete(found["id"])
        _carried(call, name, None)
        return ok({})
    if found:
        raise wrong(f"A Lexicon tag named {name!r} exists already")
    return ok(_put(call, name))


def rename(call: Call) -> object:
    """Rename a tag on everything that carries it."""
    tag = tags(call).get(number(call))
    body = call.json()
    if body.get("name") in (None, tag["name"]):
        return ok(tag)
    name = filled(body, "name")
    if any(each["name"] == name for each in tags(call).all()):
        raise wrong(f"A Lexicon tag named {name!r} exists already")
    _carried(call, tag["name"], name)
    return ok(tags(call).put({**tag, "name": name}))


def _put(call: Call, name: str) -> Json:
    return tags(call).put({"id": tags(call).next_number(), "name": name})


def _carried(call: Call, old: str, new: str | None) -> None:
    for name, row in EVENTS.described(call.database).items():
        if old in (row.get("tags") or []):
            kept = [new if tag == old else tag for tag in row["tags"] if tag != old or new]
            changed(call, EVENTS, name, {"tags": kept})


TAGS = "/api/app/{scope}/data-definitions/tags/"
ENDPOINTS = (
    Endpoint("GET", TAGS, list_tags),
    Endpoint("POST", TAGS, create_or_delete, writes=True),
    Endpoint("PATCH", f"{TAGS}{{id:int}}/", rename, writes=True),
)
