"""The two events of retention: what users begin with, and what they come back for."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.filter_clauses import filter_clauses
from mixpanel_mcp_core.queries.filters import Combinator, Filters
from mixpanel_mcp_core.queries.names import OneEvent, guard_event
from mixpanel_mcp_core.queries.term import Term, guard_each
from mixpanel_mcp_core.queries.words import refusal


class RetentionEvent(Term):
    """An event with conditions."""

    shorthand: ClassVar[str] = "event"
    event: OneEvent = Field(description='Event name, e.g. "Sign Up"')
    filters: Filters | None = Field(default=None, description="Conditions on this event only")
    filters_combinator: Combinator = Field(
        default="all", description="Whether all or any of the filters must hold"
    )

    def guard(self) -> None:
        """Its filters, then the event name."""
        guard_each("filters", self.filters)
        if isinstance(self.event, str):
            guard_event(self.event)


def read_event(value: Any) -> RetentionEvent | BehaviorRef:
    """An event by name or object, or a saved behavior."""
    if isinstance(value, RetentionEvent | BehaviorRef):
        return value
    if isinstance(value, Mapping) and "behavior_id" in value:
        return BehaviorRef.model_validate(value)
    if isinstance(value, list):
        # One event is expected: a rule of the query says so, with its code.
        return RetentionEvent.model_validate({"event": value})
    return RetentionEvent.model_validate(value)


def _read_return_event(value: Any) -> RetentionEvent:
    event = read_event(value)
    if isinstance(event, BehaviorRef):
        raise refusal("event", "A saved behavior stands as born_event, without a return_event.")
    return event


BornEvent = Annotated[
    RetentionEvent | BehaviorRef,
    PlainValidator(read_event, json_schema_input_type=RetentionEvent),
]
ReturnEvent = Annotated[
    RetentionEvent, PlainValidator(_read_return_event, json_schema_input_type=RetentionEvent)
]


def event_clause(event: str | RetentionEvent) -> dict[str, Any]:
    """The event as one of the two behaviors of retention."""
    plain = isinstance(event, str)
    return {
        "type": "event",
        "id": None,
        "name": event if plain else event.event,
        "filters": [] if plain else filter_clauses(event.filters),
        "filtersDeterminer": "all" if plain else event.filters_combinator,
    }
