"""The demo's Lexicon as documents: definitions, tags, and how the noise came to be hidden."""

import json
from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.definition_changes import HISTORY
from mixpanel_mcp_sandbox.definitions import EVENTS as EVENT_SECTION
from mixpanel_mcp_sandbox.definitions import PROPERTIES as PROPERTY_SECTIONS

from .calendar import instant
from .document import Document
from .lexicon import EVENTS, PROPERTIES, EventDefinition, PropertyDefinition, Tag
from .project import ADA, NILS, Person

DESCRIBED, HIDDEN = 20, 60
OWNERS: dict[Tag, Person] = {"Commerce": ADA, "Growth": NILS, "Quality": ADA}
RESOURCES = {"event": "Event", "user": "User"}


def lexicon_tags() -> list[Document]:
    """Give the tags that events carry."""
    return [
        Document("lexicon_tags", number, None, {"id": number, "name": name})
        for number, name in enumerate(OWNERS, start=1)
    ]


def event_definitions(now: datetime) -> list[Document]:
    """Give what the Lexicon says about every event."""
    return [_event(now, definition) for definition in EVENTS]


def property_definitions(now: datetime) -> list[Document]:
    """Give what the Lexicon says about every property."""
    return [_property(now, definition) for definition in PROPERTIES]


def lexicon_history(now: datetime) -> list[Document]:
    """Give the lines about the events that were hidden."""
    hidden = (definition.name for definition in EVENTS if definition.hidden)
    return [_line(now, number, name) for number, name in enumerate(hidden, start=1)]


def _event(now: datetime, definition: EventDefinition) -> Document:
    owners = dict.fromkeys(OWNERS[tag].email for tag in definition.tags)
    modified = instant(now, HIDDEN if definition.hidden else DESCRIBED)
    body = EVENT_SECTION.blank(definition.name) | {
        "description": definition.description,
        "tags": list(definition.tags),
        "hidden": definition.hidden,
        "verified": definition.description is not None and not definition.hidden,
        "contacts": list(owners),
        "lastModified": modified,
        "modifiedUtc": modified,
    }
    number = EVENT_SECTION.number(definition.name)
    return Document("event_definitions", number, None, body)


def _property(now: datetime, definition: PropertyDefinition) -> Document:
    section = PROPERTY_SECTIONS[RESOURCES[definition.resource]]
    modified = instant(now, DESCRIBED)
    body = section.blank(definition.name) | {
        "description": definition.description,
        "exampleValue": _text(definition.example),
        "sensitive": definition.sensitive,
        "lastModified": modified,
        "modifiedUtc": modified,
    }
    return Document("property_definitions", section.number(definition.name), None, body)


def _line(now: datetime, number: int, name: str) -> Document:
    body: dict[str, Any] = {
        "id": number,
        "name": name,
        "entityType": "event",
        "resourceType": None,
        "action": "update",
        "changes": {"hidden": {"from": False, "to": True}},
        "user": ADA.as_user(),
        "timestamp": instant(now, HIDDEN),
    }
    return Document(HISTORY, number, None, body)


def _text(example: object) -> str:
    return example if isinstance(example, str) else json.dumps(example)
