"""Event deletion requests: stored events that are to be removed for good."""

from typing import Annotated, Any, ClassVar, Required

from pydantic import Field, field_validator
from typing_extensions import TypedDict

from mixpanel_mcp_core.fields import EventName
from mixpanel_mcp_core.models.wire import CamelAnswered, either_case


class EventDeletionRequest(CamelAnswered):
    """A request to delete events, and how far it has come."""

    listed: ClassVar[tuple[str, ...]] = (
        "id",
        "event_name",
        "from_date",
        "to_date",
        "filters",
        "status",
        "deleted_events_count",
        "created",
    )

    id: int
    display_name: str | None = None
    event_name: str
    from_date: str
    to_date: str
    filters: dict[str, Any] | None = None
    status: str
    deleted_events_count: int
    created: str
    requesting_user: dict[str, Any]

    @field_validator("filters", mode="before")
    @classmethod
    def _as_object(cls, value: Any) -> Any:
        """A list in place of the object, as some rows have it; an empty one says nothing."""
        if isinstance(value, list):
            return {"items": value} if value else None
        return value


class DeletionScope(TypedDict, total=False):
    """Which events are meant."""

    event_name: Required[Annotated[EventName, Field(validation_alias=either_case("event_name"))]]
    from_date: Required[
        Annotated[
            str,
            Field(
                description="First day, YYYY-MM-DD, at most 180 days back.",
                validation_alias=either_case("from_date"),
            ),
        ]
    ]
    to_date: Required[
        Annotated[
            str,
            Field(
                description="Last day, YYYY-MM-DD, included.",
                validation_alias=either_case("to_date"),
            ),
        ]
    ]
    filters: Annotated[
        dict[str, Any],
        Field(
            description="Only events that meet these conditions, as a request of "
            "list_deletion_requests has them; all without."
        ),
    ]
