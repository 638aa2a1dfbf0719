"""Custom events: one name for any of several events."""

from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.models.wire import Answered

CustomEventId = Annotated[
    int, Field(description="Custom event id: custom_event_id, from list_custom_events.")
]


class CustomEventAlternative(Answered):
    """An event that a custom event stands for."""

    event: str = Field(min_length=1)


class CustomEvent(Answered):
    """A name that stands for any of its alternatives."""

    id: int
    name: str
    alternatives: list[CustomEventAlternative] = []
