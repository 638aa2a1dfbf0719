"""The events that a flow is anchored on."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.names import guard_event
from mixpanel_mcp_core.queries.term import Term, guard_each, one_or_more
from mixpanel_mcp_core.queries.vocabulary import FiltersCombinator, FlowSessionEvent
from mixpanel_mcp_core.queries.words import JudgedWhole, judged_later

from .filters import FlowFilters

MOST_HOPS = 5
Hops = JudgedWhole
"""A number of events to follow; whatever else is given, a rule refuses."""

_RANGE_RULES = (("forward", "FL3_FORWARD_RANGE"), ("reverse", "FL4_REVERSE_RANGE"))


class FlowStep(Term):
    """One anchor: the event, how far to look from it, conditions on it."""

    shorthand: ClassVar[str] = "event"
    event: str = Field(description='Event name, e.g. "Login"')
    forward: Hops | None = Field(default=None, description="Events to follow after it, 0 to 5")
    reverse: Hops | None = Field(default=None, description="Events to show before it, 0 to 5")
    label: str | None = Field(default=None, description="Name to show for the step")
    filters: FlowFilters | None = Field(default=None, description="Conditions on this step only")
    filters_combinator: Annotated[FiltersCombinator, judged_later] = Field(
        default="all", description="Whether all or any of the filters must hold"
    )
    session_event: Annotated[FlowSessionEvent, judged_later] | None = Field(
        default=None, description='Only for "$session_start" (start) and "$session_end" (end)'
    )

    def filled(self, forward: object, reverse: object) -> "FlowStep":
        """The step with the query's directions where it has none of its own."""
        return self.model_copy(
            update={
                "forward": forward if self.forward is None else self.forward,
                "reverse": reverse if self.reverse is None else self.reverse,
            }
        )

    def guard(self) -> None:
        """Its filters, event name, directions, then the session event."""
        guard_each("filters", self.filters)
        guard_event(self.event)
        self.guard_directions()
        needed = "$session_start" if self.session_event == "start" else "$session_end"
        if self.session_event is not None and self.event != needed:
            message = (
                f"session_event {self.session_event!r} needs event {needed!r}, got {self.event!r}."
            )
            raise ParamValidationError(message, code="FS1_SESSION_EVENT_MISMATCH")

    def guard_directions(self) -> None:
        """Raise ParamValidationError for a number of events that no flow shows."""
        for name, code in _RANGE_RULES:
            hops = getattr(self, name)
            if isinstance(hops, int | float) and not 0 <= hops <= MOST_HOPS:
                message = f"{name} must be 0 to {MOST_HOPS} events, got {hops}."
                raise ParamValidationError(message, code=code)


_read_steps = one_or_more(
    (str, Mapping, Term), "event", 'Expected an event such as "Login" or {"event": "Login"}.'
)
FlowSteps = Annotated[list[FlowStep], BeforeValidator(_read_steps)]
