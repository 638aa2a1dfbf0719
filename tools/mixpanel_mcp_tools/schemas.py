"""Schemas: what events should look like, and what happens to those that do not."""

from typing import Annotated, TypeVar, Unpack

from pydantic import Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.schemas import (
    BulkCreateSchemasResponse,
    BulkPatchResult,
    DeleteSchemasResponse,
    Enforcement,
    EnforcementChanges,
    EntityName,
    EntityType,
    JsonObject,
    ManySchemas,
    RuleEvent,
    SchemaEnforcementConfig,
    SchemaEntry,
    SchemaJson,
)
from mixpanel_mcp_core.models.wire import in_camel_case
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.paths import schemas_path
from mixpanel_mcp_core.session import Session

T = TypeVar("T")

schemas = Toolset("schemas", "Schemas of events and profiles, and their enforcement")

_ENFORCEMENT = "data-definitions/schema/"


@schemas.reads
async def list_schema_registry(
    session: Session, entity_type: EntityType | None = None
) -> list[SchemaEntry]:
    """List the registered schemas: what each event or profile should carry.

    App API: GET schemas or GET schemas/{entity_type}.
    """
    return await session.app.get(schemas_path(entity_type), list[SchemaEntry])


@schemas.destroys(idempotent=True)
async def create_schema(
    session: Session, entity_type: EntityType, entity_name: EntityName, schema_json: SchemaJson
) -> JsonObject:
    """Register the schema of an event or profile, in the place of the one there is.

    To add to a schema use update_schema. App API: POST schemas/{entity_type}/{entity_name}.
    """
    path = schemas_path(entity_type, entity_name)
    return _told(session, await session.app.post(path, JsonObject, schema_json))


@schemas.destroys(idempotent=True)
async def create_schemas_bulk(
    session: Session, **schemas: Unpack[ManySchemas]
) -> BulkCreateSchemasResponse:
    """Register several schemas at once, each in the place of the one there is.

    With truncate all earlier schemas are deleted first. Returns how many were added and deleted.
    At most 4,000 entries. App API: POST schemas.
    """
    body = in_camel_case(schemas)
    return _told(session, await session.app.post("schemas", BulkCreateSchemasResponse, body))


@schemas.writes(idempotent=True)
async def update_schema(
    session: Session, entity_type: EntityType, entity_name: EntityName, schema_json: SchemaJson
) -> JsonObject:
    """Add to the schema of an event or profile, or change parts of it.

    What is not given stays; 404 when there is no schema. App API: PATCH
    schemas/{entity_type}/{entity_name}.
    """
    path = schemas_path(entity_type, entity_name)
    return _told(session, await session.app.patch(path, JsonObject, schema_json))


@schemas.writes(idempotent=True)
async def update_schemas_bulk(
    session: Session, **schemas: Unpack[ManySchemas]
) -> list[BulkPatchResult]:
    """Add to several schemas at once, or change parts of them.

    Returns a status for each entry: ok, or error and why. App API: PATCH schemas.
    """
    body = in_camel_case(schemas)
    return _told(session, await session.app.patch("schemas", list[BulkPatchResult], body))


@schemas.destroys(idempotent=True)
async def delete_schemas(
    session: Session,
    entity_type: Annotated[EntityType, Field(description="Only schemas of this type.")]
    | None = None,
    entity_name: Annotated[EntityName, Field(description="Only this one; needs entity_type.")]
    | None = None,
) -> DeleteSchemasResponse:
    """Delete one schema, those of a type, or without arguments every schema of the project.

    Returns how many were deleted. App API: DELETE schemas[/{entity_type}[/{entity_name}]].
    """
    if entity_name is not None and entity_type is None:
        raise MixpanelError(
            "entity_name: needs entity_type beside it: event, custom_event or profile."
        )
    path = schemas_path(entity_type, entity_name)
    return _told(session, await session.app.delete_returning(path, DeleteSchemasResponse))


@schemas.reads
async def get_schema_enforcement(
    session: Session,
    fields: Annotated[
        str, Field(description="Only these fields, e.g. 'state,ruleEvent'; default all.")
    ]
    | None = None,
) -> SchemaEnforcementConfig:
    """Fetch the enforcement: expected events and properties, and what happens to others.

    404 when it was never initialized. App API: GET data-definitions/schema/.
    """
    return await session.app.get(_ENFORCEMENT, SchemaEnforcementConfig, fields=fields)


@schemas.destroys
async def init_schema_enforcement(session: Session, rule_event: RuleEvent) -> JsonObject:
    """Begin to enforce schemas on what arrives from now on.

    'Warn and Drop' throws data away for good: begin with 'Warn and Accept'. Refused where
    enforcement has begun. App API: POST data-definitions/schema/.
    """
    return await session.app.post(_ENFORCEMENT, JsonObject, {"ruleEvent": rule_event})


@schemas.destroys(idempotent=True)
async def update_schema_enforcement(
    session: Session, **changes: Unpack[EnforcementChanges]
) -> JsonObject:
    """Change the rule, the recipients, or the expected events and properties of the enforcement.

    What is not given stays. App API: PATCH data-definitions/schema/.
    """
    body = in_camel_case(changes)
    if "eventProperties" in body:
        body["properties"] = body.pop("eventProperties")
    return await session.app.patch(_ENFORCEMENT, JsonObject, body)


@schemas.destroys(idempotent=True)
async def replace_schema_enforcement(
    session: Session, **enforcement: Unpack[Enforcement]
) -> JsonObject:
    """Replace the whole enforcement; what is not in the new one is expected no longer.

    App API: PUT data-definitions/schema/.
    """
    return await session.app.put(_ENFORCEMENT, JsonObject, in_camel_case(enforcement))


@schemas.destroys(idempotent=True)
async def delete_schema_enforcement(session: Session) -> JsonObject:
    """Stop enforcing schemas; the registered schemas stay.

    App API: DELETE data-definitions/schema/.
    """
    return await session.app.delete_returning(_ENFORCEMENT, JsonObject)


def _told(session: Session, answer: T) -> T:
    """The answer to a change of schemas, after which what was answered before may be wrong."""
    session.forget()
    return answer
