"""The Lexicon: the data dictionary of events and properties."""

import json
from typing import Annotated, Any, TypeVar, Unpack, cast

from pydantic import AliasChoices, Field

from mixpanel_mcp_core.models.lexicon import (
    BulkEventUpdate,
    BulkPropertyUpdate,
    DefinedEvent,
    DefinedProperty,
    EventChanges,
    EventDefinition,
    JsonObject,
    LexiconTag,
    PropertyChanges,
    PropertyDefinition,
    SchemaGraph,
    TagName,
)
from mixpanel_mcp_core.models.wire import in_camel_case
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.paths import segment
from mixpanel_mcp_core.schema_graph import ask_graph
from mixpanel_mcp_core.session import Session

T = TypeVar("T")

lexicon = Toolset("lexicon", "The data dictionary: definitions, tags, hiding, dropping, history")

_EVENTS = "data-definitions/events/"
_PROPERTIES = "data-definitions/properties/"
_TAGS = "data-definitions/tags/"
_EXPORTED = ["All Events and Properties", "All User Profile Properties"]
_RESOURCES = {
    "event": "Event",
    "events": "Event",
    "user": "User",
    "users": "User",
    "people": "User",
    "profile": "User",
    "profiles": "User",
    "group": "groupprofile",
}


@lexicon.reads
async def get_event_definitions(
    session: Session,
    names: Annotated[list[str], Field(description="Event names; [] for all events.")],
) -> list[EventDefinition]:
    """Fetch what the Lexicon says about events: description, tags, hidden, dropped, verified.

    Unknown names are left out. App API: GET data-definitions/events/.
    """
    return await session.app.get(_EVENTS, list[EventDefinition], **{"name[]": names})


@lexicon.destroys(idempotent=True)
async def update_event_definition(
    session: Session, event_name: DefinedEvent, **changes: Unpack[EventChanges]
) -> EventDefinition:
    """Describe, rename, tag, verify, hide or drop one event.

    What is not given stays. A dropped event is thrown away on arrival and cannot be brought back.
    Returns the definition. App API: PATCH data-definitions/events/.
    """
    body = {**in_camel_case(changes), "name": event_name}
    return await _changed(session, _EVENTS, EventDefinition, body)


@lexicon.destroys(idempotent=True)
async def delete_event_definition(session: Session, event_name: DefinedEvent) -> None:
    """Delete what the Lexicon says about an event; the event's data stays.

    To stop its data use update_event_definition with dropped. App API: DELETE
    data-definitions/events/.
    """
    await session.app.delete(_EVENTS, {"name": event_name})
    session.forget()


@lexicon.destroys(idempotent=True)
async def bulk_update_event_definitions(
    session: Session,
    events: Annotated[list[BulkEventUpdate], Field(description="One entry for each event.")],
) -> list[EventDefinition]:
    """Rename, tag, verify, hide or drop several events at once, or set their owners.

    Descriptions cannot be set here: use update_event_definition. Returns the definitions. App API:
    PATCH data-definitions/events/.
    """
    return await _changed(session, _EVENTS, list[EventDefinition], {"events": events})


@lexicon.reads
async def get_property_definitions(
    session: Session,
    names: Annotated[list[str], Field(description="Property names; [] for all properties.")],
    resource_type: Annotated[str, Field(description="'Event', 'User' or 'groupprofile'.")]
    | None = None,
) -> list[PropertyDefinition]:
    """Fetch what the Lexicon says about properties of events or user profiles.

    Returns description, example, hidden, dropped, sensitive. App API: GET
    data-definitions/properties/.
    """
    resource = resource_type and _RESOURCES.get(resource_type.lower(), resource_type)
    return await session.app.get(
        _PROPERTIES, list[PropertyDefinition], **{"name[]": names, "resourceType": resource or None}
    )


@lexicon.destroys(idempotent=True)
async def update_property_definition(
    session: Session, property_name: DefinedProperty, **changes: Unpack[PropertyChanges]
) -> PropertyDefinition:
    """Describe, rename, hide, drop or mark as sensitive one property.

    Give resource_type User for a profile property. What is not given stays; a dropped property is
    taken off what arrives. Returns the definition. App API: PATCH data-definitions/properties/.
    """
    body = {**in_camel_case(changes), "name": property_name}
    return await _changed(session, _PROPERTIES, PropertyDefinition, body)


@lexicon.destroys(idempotent=True)
async def bulk_update_property_definitions(
    session: Session,
    definitions: Annotated[
        list[BulkPropertyUpdate],
        Field(
            description="One entry for each property.",
            validation_alias=AliasChoices("definitions", "properties"),
        ),
    ],
) -> list[PropertyDefinition]:
    """Rename, hide, drop or mark as sensitive several properties at once.

    Descriptions cannot be set here: use update_property_definition. Returns the definitions. App
    API: PATCH data-definitions/properties/.
    """
    body = {"properties": definitions}
    return await _changed(session, _PROPERTIES, list[PropertyDefinition], body)


@lexicon.reads
async def list_lexicon_tags(session: Session) -> list[LexiconTag]:
    """List the tags that events can carry.

    Mixpanel tells names only: id 0 means unknown. App API: GET data-definitions/tags/.
    """
    answer = await session.app.raw("GET", _TAGS, {})
    if isinstance(answer, list):
        tags = cast("list[Any]", answer)
        answer = [{"id": 0, "name": tag} if isinstance(tag, str) else tag for tag in tags]
    return read(answer, list[LexiconTag])


@lexicon.writes
async def create_lexicon_tag(session: Session, name: TagName) -> LexiconTag:
    """Create a tag for events.

    Returns the tag with its id, which renaming it needs. App API: POST data-definitions/tags/.
    """
    return await session.app.post(_TAGS, LexiconTag, {"name": name})


@lexicon.writes(idempotent=True)
async def update_lexicon_tag(
    session: Session,
    tag_id: Annotated[int, Field(gt=0, description="Tag id, from create_lexicon_tag; never 0.")],
    name: TagName | None = None,
) -> LexiconTag:
    """Rename a tag, on every event that carries it.

    Returns the tag. App API: PATCH data-definitions/tags/{id}/.
    """
    body = {} if name is None else {"name": name}
    return await _changed(session, f"{_TAGS}{tag_id}/", LexiconTag, body)


@lexicon.destroys(idempotent=True)
async def delete_lexicon_tag(session: Session, tag_name: TagName) -> None:
    """Delete a tag and take it off every event.

    App API: POST data-definitions/tags/.
    """
    await session.app.raw("POST", _TAGS, {}, {"delete": True, "name": tag_name})
    session.forget()


@lexicon.reads
async def get_tracking_metadata(session: Session, event_name: DefinedEvent) -> JsonObject:
    """Tell where an event comes from: its sources and libraries, when it was seen.

    Returns Mixpanel's object as it is. App API: GET data-definitions/events/tracking-metadata/.
    """
    path = f"{_EVENTS}tracking-metadata/"
    return await session.app.get(path, JsonObject, event_name=event_name)


@lexicon.reads
async def get_event_history(session: Session, event_name: DefinedEvent) -> list[JsonObject]:
    """List who changed an event's definition, when, and what.

    App API: GET data-definitions/events/{event_name}/history/.
    """
    path = f"{_EVENTS}{segment(event_name)}/history/"
    return await session.app.get(path, list[JsonObject])


@lexicon.reads
async def get_property_history(
    session: Session,
    property_name: DefinedProperty,
    entity_type: Annotated[str, Field(description="Whose property: 'event' or 'user'.")],
) -> list[JsonObject]:
    """List who changed a property's definition, when, and what.

    App API: GET data-definitions/properties/{property_name}/history/.
    """
    path = f"{_PROPERTIES}{segment(property_name)}/history/"
    return await session.app.get(path, list[JsonObject], entity_type=entity_type)


@lexicon.reads
async def export_lexicon(
    session: Session,
    export_types: Annotated[
        list[str],
        Field(
            description="Of 'All Events and Properties' and 'All User Profile Properties'; default "
            "both."
        ),
    ]
    | None = None,
) -> JsonObject:
    """Export the whole Lexicon at once.

    Returns Mixpanel's object, or status pending where the export will be mailed. App API: GET
    data-definitions/export/.
    """
    types = json.dumps(_EXPORTED if export_types is None else export_types)
    answer = await session.app.raw("GET", "data-definitions/export/", {"export_type": types})
    if isinstance(answer, str):
        return {"status": "pending", "message": answer}
    return read(answer, JsonObject)


@lexicon.reads
async def schema_graph(
    session: Session,
    include_density: Annotated[
        bool, Field(description="Also how often each event property is set.")
    ] = False,
    include_user_properties: Annotated[
        bool, Field(description="Also the properties of user profiles.")
    ] = True,
    force_refresh: Annotated[bool, Field(description="Ask anew instead of the cache.")] = False,
) -> SchemaGraph:
    """Map the whole project: every event with its properties, every property with its events.

    Cached for the session. App API: GET data-definitions/events/ and data-definitions/properties/,
    Query API: GET data_definitions/events.
    """
    key = ("schema_graph", include_density, include_user_properties)
    if force_refresh:
        session.remembered.pop(key, None)
    return await session.remember(
        key, lambda: ask_graph(session, include_density, include_user_properties)
    )


async def _changed(session: Session, path: str, returns: type[T], body: Any) -> T:
    """PATCH, after which what was answered before may be wrong: names, and the map."""
    answer = await session.app.patch(path, returns, body)
    session.forget()
    return answer
