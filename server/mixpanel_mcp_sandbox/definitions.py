"""The Lexicon's definitions: one document for each event or property that somebody described.

What nobody described has a blank definition, which is stored with its first change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from .calls import Json
from .database import Database
from .entities import Entities
from .errors import wrong

NAMES = list
FLAGS = dict.fromkeys(("hidden", "dropped", "merged"), bool)
TEXTS = dict.fromkeys(("displayName", "description"), str)


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the Lexicon: all events, all event properties, or all user properties.

    Attributes:
        kind: its name in the table `entities`.
        noun: what an error calls one definition.
        resource: whose properties they are, None for events.
        fields: the types of what a change may set.
    """

    kind: str
    noun: str
    resource: str | None
    fields: Mapping[str, type]

    def entities(self, database: Database) -> Entities:
        """Return the documents of its kind, those of other resources among them."""
        return Entities(database, self.kind, self.noun)

    def described(self, database: Database) -> dict[str, Json]:
        """Return the stored definitions by name."""
        rows = self.entities(database).all()
        return {row["name"]: row for row in rows if row.get("resourceType") == self.resource}

    def stored(self, database: Database, name: str) -> Json | None:
        """Return the stored definition of a name, None when there is none."""
        return self.entities(database).find(self.number(name))

    def of(self, database: Database, name: str) -> Json:
        """Return the definition of a name, a blank one when nothing is stored."""
        return self.stored(database, name) or self.blank(name)

    def number(self, name: str) -> int:
        """Return the number of a definition: the same at every request, stored or not."""
        return number_of(f"{self.kind}/{self.resource}/{name}")

    def blank(self, name: str) -> Json:
        """Return the definition of what nobody described."""
        body: Json = {
            "id": self.number(name),
            "name": name,
            **{field: BLANK[kind] for field, kind in self.fields.items()},
        }
        if self.resource:
            body["resourceType"] = self.resource
        return body | {"lastModified": None}

    def dropped(self, database: Database) -> frozenset[str]:
        """Return the names that are thrown away when they arrive."""
        rows = self.described(database).items()
        return frozenset(name for name, row in rows if row.get("dropped"))

    def unlisted(self, database: Database) -> frozenset[str]:
        """Return the names that lists of what there is leave out."""
        rows = self.described(database).items()
        return frozenset(name for name, row in rows if row.get("hidden") or row.get("dropped"))


BLANK: Mapping[type, Any] = {bool: False, str: None, list: []}
EVENTS = Section(
    "event_definitions",
    "Event definition",
    None,
    {**FLAGS, **TEXTS, "verified": bool, "tags": NAMES, "contacts": NAMES, "team_contacts": NAMES},
)
_PROPERTY = {**FLAGS, **TEXTS, "sensitive": bool, "exampleValue": str, "dataGroupId": str}
PROPERTIES = {
    resource: Section("property_definitions", "Property definition", resource, _PROPERTY)
    for resource in ("Event", "User")
}


def number_of(text: str) -> int:
    """Return the number of a document that a text names."""
    # Six bytes are exact in a float too, which JSON numbers are to many.
    return int.from_bytes(sha256(text.encode()).digest()[:6])


def checked(section: Section, fields: Json) -> Json:
    """Return the known fields; 400 for a wrong type."""
    known = {name: value for name, value in fields.items() if name in section.fields}
    for name, value in known.items():
        kind = section.fields[name]
        good = isinstance(value, kind) or (value is None and kind is str)
        if not good or (kind is list and not all_texts(value)):
            raise wrong(f"{name} is not valid: {value!r}")
    return known


def all_texts(value: object) -> bool:
    """Return whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("Any", value))
