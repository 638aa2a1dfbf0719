"""Schemas of the Lexicon as their published API takes them: these keys and no others."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import AliasChoices, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import either_case

JsonObject = dict[str, Any]

EntityType = Literal["event", "profile"]
SchemaType = Annotated[EntityType, Field(description="What is described.")]
SchemaName = Annotated[
    str, Field(min_length=1, description="Event name; '$user', the only name of a profile.")
]
_Kind = Literal["array", "boolean", "integer", "null", "number", "object", "string"]

_CLOSED = ConfigDict(extra="forbid")

# Null takes a key away, which a missing one does not.
EntityWords = TypedDict(
    "EntityWords",
    {
        "$source": Annotated[str | None, Field(description="Where the schema comes from.")],
        "displayName": Annotated[str | None, Field(description="Name that is shown.")],
        "tags": Annotated[list[str] | None, Field(description="Tags; replaces all.")],
        "hidden": Annotated[bool | None, Field(description="Out of sight in Mixpanel.")],
        "dropped": Annotated[
            bool | None, Field(description="Events only: no longer stored when they arrive.")
        ],
        "contacts": Annotated[list[str] | None, Field(description="Owners' emails.")],
        "teamContacts": Annotated[list[str] | None, Field(description="Names of teams.")],
    },
    total=False,
)
EntityMetadata = TypedDict("EntityMetadata", {"com.mixpanel": EntityWords | None}, total=False)


@with_config(_CLOSED)
class PropertyWords(TypedDict, total=False):
    """What the Lexicon says of a property."""

    displayName: Annotated[str | None, Field(description="Name that is shown.")]
    hidden: Annotated[bool | None, Field(description="Out of sight in Mixpanel.")]
    dropped: Annotated[bool | None, Field(description="No longer stored.")]


PropertyMetadata = TypedDict(
    "PropertyMetadata", {"com.mixpanel": PropertyWords | None}, total=False
)
for _closed in (EntityWords, EntityMetadata, PropertyMetadata):
    with_config(_CLOSED)(_closed)


@with_config(_CLOSED)
class PropertySchema(TypedDict):
    """What a property should look like."""

    type: _Kind
    description: NotRequired[str]
    metadata: NotRequired[PropertyMetadata]


@with_config(_CLOSED)
class Schema(TypedDict, total=False):
    """What an event or profile should carry."""

    description: Annotated[str, Field(description="What it is.")]
    properties: Annotated[
        dict[str, PropertySchema],
        Field(
            description="By name, each with type (array, boolean, integer, null, number, object or "
            'string), description, metadata: {"amount": {"type": "number"}}.'
        ),
    ]
    metadata: EntityMetadata


@with_config(_CLOSED)
class NewSchema(TypedDict):
    """The schema of one event or profile."""

    entityType: Annotated[EntityType, Field(validation_alias=either_case("entity_type"))]
    name: SchemaName
    schemaJson: Annotated[
        Schema,
        Field(validation_alias=AliasChoices("schemaJson", "schema_json", "schema_definition")),
    ]
