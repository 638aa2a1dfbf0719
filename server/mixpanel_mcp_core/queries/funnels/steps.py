"""The parts of a funnel: its steps, what excludes a user, what must stay the same."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, PlainValidator, TypeAdapter

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.filters import Combinator, Filters
from mixpanel_mcp_core.queries.names import OneEvent, guard_event, is_blank
from mixpanel_mcp_core.queries.term import Term, guard_each, one_or_more
from mixpanel_mcp_core.queries.vocabulary import FunnelOrder, ResourceType
from mixpanel_mcp_core.queries.words import Whole, closed


class FunnelStep(Term):
    """One event that users must do, with conditions."""

    shorthand: ClassVar[str] = "event"
    event: OneEvent = Field(description='Event name, e.g. "Purchase"')
    label: str | None = Field(default=None, description="Name to show for the step")
    filters: Filters | None = Field(default=None, description="Conditions on this step only")
    filters_combinator: Combinator = Field(
        default="all", description="Whether all or any of the filters must hold"
    )
    order: Annotated[FunnelOrder, closed(FunnelOrder)] | None = Field(
        default=None, description='"any" lets this step happen at any point'
    )

    def guard(self) -> None:
        """Its filters, then the event name."""
        guard_each("filters", self.filters)
        if isinstance(self.event, str):
            guard_event(self.event)


class Exclusion(Term):
    """An event that, between two steps, drops the user from the funnel."""

    shorthand: ClassVar[str] = "event"
    event: str = Field(description='Event name, e.g. "Logout"')
    from_step: Whole = Field(default=0, description="Index of the step before, first is 0")
    to_step: Whole | None = Field(
        default=None, description="Index of the step after; last if absent"
    )

    def guard(self) -> None:
        """Event name, then the order of the steps."""
        guard_event(self.event)
        if self.from_step < 0:
            message = f"from_step counts from 0, got {self.from_step}."
            raise ParamValidationError(message, code="EX1_FROM_STEP_NEGATIVE")
        if self.to_step is not None and self.to_step < self.from_step:
            message = f"to_step {self.to_step} must be after from_step {self.from_step}."
            raise ParamValidationError(message, code="EX2_STEP_ORDER")


class HoldingConstant(Term):
    """A property that must have the same value in all steps."""

    shorthand: ClassVar[str] = "property"
    property: str = Field(description='Property name, e.g. "platform"')
    resource_type: Annotated[ResourceType, closed(ResourceType)] = Field(
        default="events", description='"people" for a profile property'
    )

    def guard(self) -> None:
        """The name."""
        if is_blank(self.property):
            message = 'property must be a name, e.g. "platform".'
            raise ParamValidationError(message, code="HC1_EMPTY_PROPERTY")


_FORM = 'Expected a list of steps such as ["Signup", "Purchase"].'
_read_step_list = one_or_more((str, Mapping, Term), "steps", _FORM)
_STEP_LIST = TypeAdapter(list[FunnelStep])


def _read_steps(value: Any) -> list[FunnelStep] | BehaviorRef:
    if isinstance(value, BehaviorRef):
        return value
    items = _read_step_list(value)
    if items and len(items) == 1 and isinstance(items[0], Mapping) and "behavior_id" in items[0]:
        return BehaviorRef.model_validate(items[0])
    return _STEP_LIST.validate_python(items)


_read_exclusions = one_or_more(
    (str, Mapping, Term), "exclusions", 'Expected exclusions such as {"event": "Logout"}.'
)
_read_constants = one_or_more(
    (str, Mapping, Term),
    "holding_constant",
    'Expected properties such as {"property": "platform"}.',
)
Steps = Annotated[
    list[FunnelStep] | BehaviorRef,
    PlainValidator(_read_steps, json_schema_input_type=list[FunnelStep]),
]
Exclusions = Annotated[list[Exclusion], BeforeValidator(_read_exclusions)]
HoldingConstants = Annotated[list[HoldingConstant], BeforeValidator(_read_constants)]
