"""The schema registry, and what happens to events that do not follow it."""

from typing import Annotated, Any, Required

from pydantic import AliasChoices, Field
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import CamelAnswered, either_case

JsonObject = dict[str, Any]

# Without an enum: an empty word of a set counts as absent, and delete_schemas without a type
# deletes everything.
EntityType = Annotated[
    str, Field(min_length=1, description="What is described: event, custom_event or profile.")
]
EntityName = Annotated[
    str, Field(min_length=1, description="Event name; '$user' for the profile of users.")
]
SchemaJson = Annotated[
    JsonObject,
    Field(
        description='JSON Schema, e.g. {"description": "Paid order", "properties": {"amount": '
        '{"type": "number"}}, "required": ["amount"]}.',
        validation_alias=either_case("schema_json"),
    ),
]
# The words are shown to models and not enforced: Mixpanel may know more of them.
RuleEvent = Annotated[
    str,
    Field(
        description="What happens to what is not in the schema: 'Warn and Accept', 'Warn and Hide' "
        "or 'Warn and Drop'.",
        validation_alias=either_case("rule_event"),
        json_schema_extra={"enum": ["Warn and Accept", "Warn and Hide", "Warn and Drop"]},
    ),
]


class SchemaEntry(CamelAnswered):
    """The schema of one event or profile."""

    entity_type: str = Field(description="event, custom_event or profile.")
    name: str = Field(description="Event name; '$user' for the profile of users.")
    version: str | None = Field(None, description="Version, YYYY-MM-DD.")
    schema_definition: JsonObject = Field(alias="schemaJson", description="JSON Schema.")


class BulkCreateSchemasResponse(CamelAnswered):
    """How many schemas were put in and taken out."""

    added: int
    deleted: int


class BulkPatchResult(CamelAnswered):
    """What came of one entry: status ok, or error and why."""

    entity_type: str
    name: str
    status: str
    error: str | None = None


class DeleteSchemasResponse(CamelAnswered):
    """How many schemas were deleted, unless the answer was empty, as after any DELETE."""

    delete_count: int | None = None


class SchemaEnforcementConfig(CamelAnswered):
    """What is expected of events, and what happens to the others."""

    id: int | None = None
    last_modified: str | None = None
    last_modified_by: JsonObject | None = None
    rule_event: str | None = None
    notification_emails: list[str] | None = None
    events: list[JsonObject] | None = None
    common_properties: list[JsonObject] | None = None
    user_properties: list[JsonObject] | None = None
    initialized_by: JsonObject | None = None
    initialized_from: str | None = None
    initialized_to: str | None = None
    state: str | None = None


class ManySchemas(TypedDict, total=False):
    """Several schemas in one request."""

    entries: Required[Annotated[list[SchemaEntry], Field(description="One for each event.")]]
    truncate: Annotated[bool, Field(description="Delete the schemas that were there first.")]
    entity_type: Annotated[
        str | None,
        Field(
            description="Entity type of all entries; Mixpanel takes only event.",
            validation_alias=either_case("entity_type"),
        ),
    ]


class EnforcementChanges(TypedDict, total=False):
    """Changes to the enforcement; what is not given stays."""

    notification_emails: Annotated[
        list[str] | None,
        Field(
            description="Who is told of violations; replaces all.",
            validation_alias=either_case("notification_emails"),
        ),
    ]
    rule_event: Annotated[
        str | None,
        Field(
            description="'Warn and Accept', 'Warn and Hide' or 'Warn and Drop'.",
            validation_alias=either_case("rule_event"),
            json_schema_extra={"enum": ["Warn and Accept", "Warn and Hide", "Warn and Drop"]},
        ),
    ]
    events: Annotated[list[str], Field(description="Names of the events that are expected.")]
    event_properties: Annotated[
        dict[str, list[str]] | None,
        Field(
            description='Properties expected of each event, e.g. {"Purchase": ["amount"]}.',
            validation_alias=AliasChoices("event_properties", "properties"),
        ),
    ]


class Enforcement(TypedDict, total=False):
    """A whole enforcement in the place of the one there is."""

    common_properties: Required[
        Annotated[
            list[JsonObject],
            Field(
                description='Properties that any event may carry, e.g. {"name": "plan"}.',
                validation_alias=either_case("common_properties"),
            ),
        ]
    ]
    user_properties: Required[
        Annotated[
            list[JsonObject],
            Field(
                description="Properties of user profiles.",
                validation_alias=either_case("user_properties"),
            ),
        ]
    ]
    events: Required[
        Annotated[
            list[JsonObject],
            Field(description='Expected events, e.g. {"name": "Buy", "properties": [...]}.'),
        ]
    ]
    rule_event: Required[RuleEvent]
    notification_emails: Required[
        Annotated[
            list[str],
            Field(
                description="Who is told of violations.",
                validation_alias=either_case("notification_emails"),
            ),
        ]
    ]
    schema_id: Annotated[
        int | None,
        Field(
            description="Id of the enforcement, from get_schema_enforcement.",
            validation_alias=either_case("schema_id"),
        ),
    ]
