"""The Lexicon: what events and properties mean, and what is hidden or dropped."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from mixpanel_mcp_core.models.wire import Answered, CamelAnswered, either_case
from mixpanel_mcp_core.tables import Table

JsonObject = dict[str, Any]

DefinedEvent = Annotated[
    str, Field(min_length=1, description="Event name as it is sent, not its display name.")
]
DefinedProperty = Annotated[
    str, Field(min_length=1, description="Property name as it is sent, not its display name.")
]
TagName = Annotated[str, Field(min_length=1, description="Tag name, e.g. 'core'.")]
Hidden = Annotated[bool, Field(description="Leave it out of menus and of 'all events'.")]
Dropped = Annotated[bool, Field(description="Throw it away when it arrives; stored data stays.")]
Merged = Annotated[bool, Field(description="Mark as merged into another one.")]
Verified = Annotated[bool, Field(description="Mark as checked and good to use.")]
Sensitive = Annotated[bool, Field(description="Mark as personal data.")]
Tags = Annotated[list[str], Field(description="Tag names; replaces all of them, [] removes them.")]
Resource = Annotated[
    Literal["Event", "User"], Field(description="Event property, or property of user profiles.")
]
Description = Annotated[str, Field(description="What it means; '' clears it.")]
DisplayName = Annotated[
    str | None,
    Field(
        description="Name to show instead of the sent one.",
        validation_alias=either_case("display_name"),
    ),
]


class EventDefinition(CamelAnswered):
    """An event as the Lexicon knows it."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "display_name",
        "description",
        "hidden",
        "dropped",
        "merged",
        "verified",
        "tags",
        "custom_event_id",
        "contacts",
        "status",
        "last_modified",
    )

    id: int
    name: str
    display_name: str | None = None
    description: str | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    verified: bool | None = None
    tags: list[str] | None = None
    custom_event_id: int | None = None
    last_modified: str | None = None
    status: str | None = None
    platforms: list[str] | None = None
    created_utc: str | None = None
    modified_utc: str | None = None


class PropertyDefinition(CamelAnswered):
    """A property of events, profiles or groups as the Lexicon knows it."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "resource_type",
        "display_name",
        "description",
        "example_value",
        "hidden",
        "dropped",
        "merged",
        "sensitive",
    )

    id: int | None = None
    name: str
    resource_type: str | None = None
    display_name: str | None = None
    description: str | None = None
    example_value: str | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    sensitive: bool | None = None
    data_group_id: str | None = None


class LexiconTag(Answered):
    """A label of events; id 0 where Mixpanel tells only its name."""

    id: int
    name: str


class SchemaGraph(BaseModel):
    """Which event carries which property, with the Lexicon's rows of both as Mixpanel has them."""

    model_config = ConfigDict(frozen=True)

    computed_at: str
    events: list[JsonObject]
    properties: list[JsonObject]
    user_properties: list[JsonObject]
    event_to_properties: dict[str, list[str]]
    property_to_events: dict[str, list[str]]
    include_density: bool
    meta: dict[str, int]
    params: dict[str, bool]

    def table(self) -> Table:
        """A row for each event: what it means, whether it is hidden, what it carries."""
        rows = {row.get("name"): row for row in self.events}
        columns = ["description", "hidden", "dropped", "tags"]
        return Table(
            ["event", *columns, "properties"],
            [
                [name, *(rows.get(name, {}).get(key) for key in columns), carried]
                for name, carried in self.event_to_properties.items()
            ],
        )

    def appendix(self) -> list[str]:
        """The properties of profiles, which belong to no event; how often each is set if asked."""
        names = ", ".join(str(row["name"]) for row in self.user_properties if row.get("name"))
        told = [f"user properties: {names}"] if names else []
        shares = [
            f"{row['name']} {row['density']}"
            for row in self.properties
            if row.get("name") and row.get("density") is not None
        ]
        return [*told, f"share of events with a property: {', '.join(shares)}"] if shares else told


class Change(BaseModel):
    """One entry of a bulk change: only what is given changes, unknown keys are left out."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)
    single: ClassVar[str]

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set - {"name", "id", "resource_type"}:
            told = "says nothing that this tool changes; a description is set by"
            raise ValueError(f"{told} {self.single}")
        return self


class BulkEventUpdate(Change):
    """Changes to one event, which `name` or `id` tells."""

    single = "update_event_definition"
    name: DefinedEvent | None = None
    id: Annotated[int, Field(description="Definition id, in the place of the name.")] | None = None
    hidden: Hidden | None = None
    dropped: Dropped | None = None
    merged: Merged | None = None
    verified: Verified | None = None
    tags: Tags | None = None
    display_name: Annotated[str, Field(description="Name to show.")] | None = None
    contacts: Annotated[list[str], Field(description="E-mail addresses of owners.")] | None = None
    team_contacts: list[str] | None = Field(
        None, alias="team_contacts", description="Names of owning teams."
    )


class BulkPropertyUpdate(Change):
    """Changes to one property, which `name` and `resource_type` tell."""

    single = "update_property_definition"
    name: DefinedProperty
    resource_type: Resource
    id: Annotated[int, Field(description="Definition id.")] | None = None
    hidden: Hidden | None = None
    dropped: Dropped | None = None
    sensitive: Sensitive | None = None
    display_name: Annotated[str, Field(description="Name to show.")] | None = None
    example_value: Annotated[str, Field(description="A typical value, as text.")] | None = None
    data_group_id: Annotated[str, Field(description="Data group of a group property.")] | None = (
        None
    )


class EventChanges(TypedDict, total=False):
    """Changes to an event's definition; what is not given stays."""

    hidden: Hidden
    dropped: Dropped
    merged: Merged
    verified: Verified
    tags: Tags
    display_name: DisplayName
    description: Description


class PropertyChanges(TypedDict, total=False):
    """Changes to a property's definition; what is not given stays."""

    hidden: Hidden
    dropped: Dropped
    merged: Merged
    sensitive: Sensitive
    display_name: DisplayName
    description: Description
    example_value: Annotated[
        str | None,
        Field(
            description="A typical value, as text.", validation_alias=either_case("example_value")
        ),
    ]
    resource_type: Annotated[
        Literal["Event", "User"] | None,
        Field(
            description="Event property, or property of user profiles.",
            validation_alias=either_case("resource_type"),
        ),
    ]
