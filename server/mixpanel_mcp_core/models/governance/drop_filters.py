"""Drop filters: events that Mixpanel throws away on arrival."""

from typing import Annotated, Any, ClassVar, Required

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from mixpanel_mcp_core.fields import EventName, null_counts
from mixpanel_mcp_core.models.wire import CamelAnswered

DropFilterId = Annotated[int, Field(description="Drop filter id, from list_drop_filters.")]
_CONDITIONS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object"},
    "description": "Conditions that an event must all meet; [] drops all events of the name. E.g. "
    '[{"property": "env", "operator": "equals", "value": "test"}].',
}
# Mixpanel documents no shape for them, so that whatever is given is sent.
DropConditions = Annotated[Any, null_counts, WithJsonSchema(_CONDITIONS)]


class DropFilter(CamelAnswered):
    """A rule for events that are not to be kept."""

    listed: ClassVar[tuple[str, ...]] = ("id", "event_name", "filters", "active", "created")

    id: int
    event_name: str
    filters: list[Any] | None = None
    active: bool | None = None
    display_name: str | None = None
    created: str | None = None


class DropFilterLimitsResponse(CamelAnswered):
    """How many drop filters a project may have."""

    filter_limit: int


class NewDropFilter(TypedDict, total=False):
    """A drop filter to create."""

    event_name: Required[EventName]
    filters: Required[DropConditions]


class DropFilterChanges(TypedDict, total=False):
    """Changes to a drop filter; what is not given stays."""

    event_name: EventName
    filters: DropConditions
    active: Annotated[bool, Field(description="False keeps the filter but lets events through.")]
