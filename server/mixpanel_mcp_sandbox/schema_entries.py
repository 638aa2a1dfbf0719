"""The schemas of the registry as documents: checked, stored, merged, and told to the Lexicon.

What a schema says about an event, and about its properties, is what the Lexicon says from then on.
"""

from collections.abc import Mapping
from typing import cast

from .bookmarks import mapping
from .calls import Call, Json
from .definition_changes import change_all
from .definitions import EVENTS, PROPERTIES, Section, all_texts, number_of
from .enforcement import follow
from .entities import Entities
from .errors import Refusal, missing, one_of, wrong
from .lexicon_tags import ensure

KIND = "schemas"
ENTITY_TYPES = ("event", "custom_event", "profile")
PROFILE = "$user"
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
OURS = "com.mixpanel"
RENAMED = {"teamContacts": "team_contacts"}


def entries(call: Call) -> Entities:
    """Return the documents of all schemas."""
    return Entities(call.database, KIND, "Schema")


def schema_number(kind: str, name: str) -> int:
    """Return the number of the document of a schema."""
    return number_of(f"{KIND}/{kind}/{name}")


def kind_and_name(entry: Json) -> tuple[str, str]:
    """Return what a schema is of; 400 for what cannot have one."""
    kind = one_of(ENTITY_TYPES, entry.get("entityType"), "entityType")
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise wrong("name is required")
    if kind == "profile" and name != PROFILE:
        raise wrong(f"a profile is called {PROFILE}, not {name!r}")
    return kind, name


def missing_schema(kind: str, name: str) -> Refusal:
    """Return the 404 for an entity without a schema."""
    return missing(f"There is no schema of {kind} {name!r}")


class Changes:
    """Schemas that one request stores, and what it says of each."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.known = {entry["id"]: entry for entry in entries(call).all()}
        self.changed: dict[int, Json] = {}
        self.said: dict[Section, dict[str, Json]] = {}

    def put(self, kind: str, name: str, schema: object, version: object = None) -> None:
        """Put a schema in the place of the one there is."""
        said, number = _checked(schema), schema_number(kind, name)
        before = self.known.get(number)
        entry: Json = {
            "id": number,
            "entityType": kind,
            "name": name,
            "version": version,
            "schemaJson": _with_metadata(before["schemaJson"], said) if before else said,
        }
        self._keep(entry, said)

    def merge(self, kind: str, name: str, schema: object) -> Json:
        """Put what is said now into a schema and return it; 404 when there is none."""
        said, entry = mapping(schema, "a schema"), self.known.get(schema_number(kind, name))
        if entry is None:
            raise missing_schema(kind, name)
        merged = _checked(_merged(entry["schemaJson"], said))
        return self._keep({**entry, "schemaJson": merged}, said)

    def store(self) -> None:
        """Store all of it, and tell the Lexicon and the enforcement."""
        entries(self.call).put_all(self.changed.values())
        told = [fields for names in self.said.values() for fields in names.values()]
        ensure(self.call, [tag for fields in told for tag in fields.get("tags") or []])
        for section, names in self.said.items():
            change_all(self.call, section, names, "schema", create=True)
        follow(self.call, self.changed.values())

    def _keep(self, entry: Json, said: Json) -> Json:
        self.known[entry["id"]] = self.changed[entry["id"]] = entry
        if entry["entityType"] == "event":
            self._say(EVENTS, entry["name"], said)
        if entry["entityType"] != "custom_event":
            resource = "User" if entry["entityType"] == "profile" else "Event"
            properties: Mapping[str, Json | None] = said.get("properties") or {}
            for name, each in properties.items():
                if each is not None:
                    self._say(PROPERTIES[resource], name, each)
        return entry

    def _say(self, section: Section, name: str, said: Json) -> None:
        metadata: Json = (said.get("metadata") or {}).get(OURS) or {}
        fields = {RENAMED.get(key, key): value for key, value in metadata.items()}
        if "description" in said:
            fields["description"] = said["description"]
        named = self.said.setdefault(section, {})
        named[name] = named.get(name, {}) | _blanked(section, fields)


def _blanked(section: Section, fields: Json) -> Json:
    """Return fields in which null, which removes one, is what the field is without it."""
    blank = section.blank("")
    return {name: blank.get(name) if each is None else each for name, each in fields.items()}


def _checked(schema: object) -> Json:
    checked = mapping(schema, "a schema")
    for name, each in mapping(checked.get("properties", {}), "properties").items():
        kinds: object = mapping(each, f"properties.{name}").get("type", [])
        for kind in cast("list[object]", kinds) if isinstance(kinds, list) else [kinds]:
            one_of(TYPES, kind, f"properties.{name}.type")
    if not all_texts(checked.get("required", [])):
        raise wrong("required must be a list of names")
    return checked


def _merged(before: Json, after: Json) -> Json:
    """Return the one object with the other's keys in it, however deep; null removes a key."""
    result = dict(before)
    for key, value in after.items():
        if isinstance(value, dict):
            inner = result.get(key)
            known = cast("Json", inner) if isinstance(inner, dict) else {}
            value = _merged(known, cast("Json", value))
        result[key] = value
    return {key: value for key, value in result.items() if value is not None}


def _with_metadata(before: Json, after: Json) -> Json:
    """Return a new schema that keeps what it does not say of the old one's metadata.

    The metadata of properties is kept likewise, as long as they are in the new one.
    """
    schema = _keeping(before, after)
    if not schema.get("properties"):
        return schema
    known: Json = before.get("properties") or {}
    kept = {name: _keeping(known.get(name, {}), e) for name, e in schema["properties"].items()}
    return {**schema, "properties": kept}


def _keeping(before: Json, after: Json) -> Json:
    kept = (before.get("metadata") or {}).get(OURS)
    if not kept:
        return after
    return {**after, "metadata": _merged({OURS: kept}, after.get("metadata") or {})}
