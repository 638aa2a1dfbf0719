"""What a project contains: events and their properties, saved funnels, cohorts and reports."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from pydantic import BaseModel, Field, field_validator

from mixpanel_mcp_core.fields import PropertyType
from mixpanel_mcp_core.models.wire import Answered
from mixpanel_mcp_core.tables import Table


class FunnelInfo(BaseModel):
    """A saved funnel."""

    funnel_id: int
    name: str


class TopEvent(BaseModel):
    """One of today's most frequent events, compared with the same time yesterday."""

    event: str
    count: int | float
    percent_change: float


class SubPropertyInfo(BaseModel):
    """A key of the objects inside a property."""

    name: str
    type: PropertyType
    sample_values: list[Any]


class SubProperties(BaseModel):
    """All keys of the objects inside a property, and what was odd about them."""

    found: list[SubPropertyInfo]
    warnings: list[str]

    def value(self) -> list[dict[str, Any]]:
        """The keys alone."""
        return [each.model_dump() for each in self.found]

    def table(self) -> Table:
        """One row for each key."""
        rows = [
            [each.name, each.type, ", ".join(map(str, each.sample_values))] for each in self.found
        ]
        return Table(["name", "type", "sample_values"], rows)

    def remarks(self) -> list[str]:
        """What was odd."""
        return self.warnings


class SavedCohort(BaseModel):
    """A saved cohort, as the query API lists it."""

    id: int
    name: str
    count: int
    description: str = ""
    created: str
    is_visible: bool

    @field_validator("description", mode="before")
    @classmethod
    def _no_text(cls, value: Any) -> Any:
        return "" if value is None else value


class BookmarkInfo(Answered):
    """A saved report, in the older listing."""

    listed: ClassVar[tuple[str, ...]] = ("id", "name", "type", "dashboard_id", "modified")

    id: int
    name: str
    type: str
    project_id: int
    created: str
    modified: str
    workspace_id: int | None = None
    dashboard_id: int | None = None
    description: str | None = None
    creator_id: int | None = None
    creator_name: str | None = None

    def value(self) -> dict[str, Any]:
        """The report without what it does not say."""
        return self.model_dump(include=set(type(self).model_fields), exclude_none=True)


class LexiconMetadata(BaseModel):
    """What Mixpanel keeps beside a schema."""

    source: str | None = Field(None, validation_alias="$source")
    display_name: str | None = Field(None, validation_alias="displayName")
    tags: list[str] = []
    hidden: bool = False
    dropped: bool = False
    contacts: list[str] = []
    team_contacts: list[str] = Field([], validation_alias="teamContacts")


class LexiconProperty(BaseModel):
    """A property of a schema."""

    type: str = "string"
    description: str | None = None
    metadata: LexiconMetadata | None = None

    @field_validator("metadata", mode="before")
    @classmethod
    def _own(cls, value: Any) -> Any:
        return own_metadata(value)


class LexiconDefinition(BaseModel):
    """What a schema says of an event or of profiles."""

    properties: dict[str, LexiconProperty] = {}
    description: str | None = None
    metadata: LexiconMetadata | None = None

    @field_validator("metadata", mode="before")
    @classmethod
    def _own(cls, value: Any) -> Any:
        return own_metadata(value)


class LexiconSchema(BaseModel):
    """A documented event, or the documented profiles."""

    entity_type: str = Field(validation_alias="entityType")
    name: str
    definition: LexiconDefinition = Field(validation_alias="schemaJson")

    def value(self) -> dict[str, Any]:
        """The schema without what it does not say."""
        definition = self.definition
        properties = {
            name: _said(each, "type", "description", "metadata")
            for name, each in definition.properties.items()
        }
        return {
            "entity_type": self.entity_type,
            "name": self.name,
            "schema_json": {
                "properties": properties,
                **_said(definition, "description", "metadata"),
            },
        }


def own_metadata(value: Any) -> Any:
    """Mixpanel's own part of a schema's metadata, None where it says nothing."""
    if not isinstance(value, dict):
        return None
    return cast("Mapping[str, Any]", value).get("com.mixpanel") or None


def _said(model: BaseModel, *names: str) -> dict[str, Any]:
    given = {name: getattr(model, name) for name in names}
    return {
        name: value.model_dump() if isinstance(value, BaseModel) else value
        for name, value in given.items()
        if value is not None
    }
