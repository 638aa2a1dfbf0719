"""Schemas of the Lexicon: what events and profiles should carry, by the published API."""

from typing import Annotated, TypeVar

from pydantic import Field

from mixpanel_mcp_core.models.lexicon_schemas import (
    EntityType,
    JsonObject,
    NewSchema,
    Schema,
    SchemaName,
    SchemaType,
)
from mixpanel_mcp_core.models.schemas import BulkCreateSchemasResponse, DeleteSchemasResponse
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.paths import schemas_path
from mixpanel_mcp_core.problems import Problem, refuse, unfit
from mixpanel_mcp_core.session import Session

T = TypeVar("T")

lexicon_schemas = Toolset("lexicon_schemas", "Schemas of the Lexicon, by the published Schemas API")

_MOST_AT_ONCE = 4000
_PROFILE = "$user"


@lexicon_schemas.reads
async def lexicon_list_schemas(
    session: Session,
    entity_type: Annotated[EntityType, Field(description="Only schemas of this type.")]
    | None = None,
    entity_name: Annotated[str, Field(min_length=1, description="Only the schema of this name.")]
    | None = None,
) -> list[JsonObject]:
    """List the Lexicon's schemas: what each event, and the profile of users, should carry.

    Returns entityType, name and schemaJson of each, as lexicon_upload_schemas takes them. Mixpanel
    takes 5 requests a minute from an organization. App API: GET schemas or GET
    schemas/{entity_type}.
    """
    return await session.app.at_project.get(
        schemas_path(entity_type), list[JsonObject], entity_name=entity_name
    )


@lexicon_schemas.reads
async def lexicon_get_schema(
    session: Session, entity_type: SchemaType, name: SchemaName
) -> JsonObject:
    """Fetch the schema of one event, or of the profile of users.

    Returns description, properties by name, metadata. 404 when there is none; names with schemas
    are listed by lexicon_list_schemas. App API: GET schemas/{entity_type}/{name}.
    """
    return await session.app.at_project.get(schemas_path(entity_type, name), JsonObject)


@lexicon_schemas.destroys(idempotent=True)
async def lexicon_upload_schemas(
    session: Session,
    entries: Annotated[
        list[NewSchema],
        Field(
            min_length=1,
            max_length=_MOST_AT_ONCE,
            description="One for each event, as lexicon_list_schemas has them.",
        ),
    ],
    truncate: Annotated[
        bool, Field(description="Delete every schema of the project first, profiles' too.")
    ] = False,
) -> BulkCreateSchemasResponse:
    """Upload schemas, each in the place of the one there is; the Lexicon says the same from then.

    Keys of metadata that are missing stay as they were, null removes one; all else is replaced.
    Only admins and owners. Mixpanel takes 5 requests and 4,000 events and properties a minute from
    an organization, and deletes at most 3,000 schemas in one request. Returns how many were added
    and deleted. Errors: INVALID_INPUT names the entry and key; RATE_LIMITED. App API: POST schemas.
    """
    problems = [
        problem
        for index, entry in enumerate(entries)
        for problem in _misnamed(entry["entityType"], entry["name"], f"entries[{index}].name")
    ]
    refuse(problems)
    body = {"entries": entries, "truncate": truncate}
    answer = await session.app.at_project.post("schemas", BulkCreateSchemasResponse, body)
    return _told(session, answer)


@lexicon_schemas.destroys(idempotent=True)
async def lexicon_upload_schema(
    session: Session,
    entity_type: SchemaType,
    name: SchemaName,
    schema: Annotated[
        Schema, Field(description='E.g. {"properties": {"amount": {"type": "number"}}}.')
    ],
) -> JsonObject:
    """Upload the schema of one event, or of the profile of users, in the place of the one there is.

    Keys of metadata that are missing stay as they were, null removes one; all else is replaced. To
    add to a schema use update_schema. Only admins and owners; 5 requests a minute for an
    organization. Returns status. Errors: INVALID_INPUT, QUERY_FAILED. App API: POST
    schemas/{entity_type}/{name}.
    """
    refuse(_misnamed(entity_type, name, "name"))
    path = schemas_path(entity_type, name)
    return _told(session, await session.app.at_project.post(path, JsonObject, schema))


@lexicon_schemas.destroys(idempotent=True)
async def lexicon_delete_schemas(
    session: Session,
    entity_type: Annotated[EntityType, Field(description="Only schemas of this type.")]
    | None = None,
    name: Annotated[
        str, Field(min_length=1, description="Only the schema of this name; needs entity_type.")
    ]
    | None = None,
    confirm_all: Annotated[
        bool, Field(description="Must be true to delete every schema of the project.")
    ] = False,
) -> DeleteSchemasResponse:
    """Delete one schema, those of a type, or with confirm_all every schema of the project.

    What the Lexicon says of the events stays. At most 3,000 in one request. Only admins and owners;
    5 requests a minute for an organization. Returns how many were deleted; none is no error. App
    API: DELETE schemas[/{entity_type}[/{name}]].
    """
    if name is not None and entity_type is None:
        raise unfit("entity_type", "required beside name: event or profile")
    if entity_type is None and not confirm_all:
        raise unfit("confirm_all", "must be true to delete every schema; or give entity_type")
    app, path = session.app.at_project, schemas_path(entity_type, name)
    return _told(session, await app.delete_returning(path, DeleteSchemasResponse))


def _misnamed(entity_type: str, name: str, field: str) -> list[Problem]:
    if entity_type == "profile" and name != _PROFILE:
        return [(field, f"a profile is called {_PROFILE!r}, not {name!r}")]
    return []


def _told(session: Session, answer: T) -> T:
    """The answer to a change of schemas, after which what was answered before may be wrong."""
    session.forget()
    return answer
