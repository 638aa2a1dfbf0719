"""Schemas of the Lexicon as their published API takes them: these keys and no others."""

from difflib import get_close_matches
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import either_case
from mixpanel_mcp_core.synonyms import meant

JsonObject = dict[str, Any]

EntityType = Literal["event", "profile"]
SchemaType = Annotated[EntityType, Field(description="What is described.")]
SchemaName = Annotated[
    str, Field(min_length=1, description="Event name; '$user', the only name of a profile.")
]
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")

_CLOSED = ConfigDict(extra="forbid")


def _type(word: str) -> str:
    """A type of a property, which no published schema lists since its name is free."""
    if word in _TYPES:
        return word
    near = meant(word, _TYPES) or next(iter(get_close_matches(word.lower(), _TYPES, n=1)), None)
    hint = f". Did you mean {near!r}?" if near else ""
    told = {"types": ", ".join(_TYPES), "hint": hint}
    raise PydanticCustomError("property_type", "must be one of {types}{hint}", told)


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

    type: Annotated[str, AfterValidator(_type)]
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
