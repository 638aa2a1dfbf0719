"""What a metric may count instead of one plain event: custom, several, or saved ones."""

from typing import Annotated, Any, Literal

from mixpanel_mcp_core.errors import ParamValidationError

from .names import guard_event, is_blank
from .suggestions import offer
from .term import Term
from .vocabulary import BehaviorType
from .words import JudgedWhole, is_id, judged_later

_TYPES = ("simple", "funnel", "retention")


class CustomEventRef(Term):
    """A saved custom event."""

    custom_event_id: JudgedWhole

    @property
    def name(self) -> str:
        """The name by which Mixpanel knows the event."""
        return f"$custom_event:{self.custom_event_id}"

    def guard(self) -> None:
        """The id."""
        guard_id(self.custom_event_id, "custom_event_id", "CE1_INVALID_ID")


class BehaviorRef(Term):
    """A saved funnel, retention or simple behavior."""

    behavior_id: JudgedWhole
    type: Annotated[BehaviorType, judged_later]

    def guard(self) -> None:
        """Id and type."""
        guard_id(self.behavior_id, "behavior_id", "BR1_INVALID_ID")
        if self.type not in _TYPES:
            message = f"type {self.type!r} is not valid. {offer(self.type, _TYPES)}"
            raise ParamValidationError(message, code="BR2_INVALID_TYPE")

    def guard_type(self, wanted: Literal["simple", "funnel", "retention"]) -> None:
        """Raise ParamValidationError for a behavior of another type than this place takes."""
        if self.type != wanted:
            message = f'A behavior of type "{wanted}" is needed here, got {self.type!r}.'
            raise ParamValidationError(message, code="BH5_BEHAVIOR_REF_TYPE")

    def clause(self) -> dict[str, Any]:
        """The behavior of a metric: nothing but the reference."""
        return {"type": self.type, "id": self.behavior_id}


def guard_id(value: Any, field: str, code: str) -> None:
    """Raise ParamValidationError for what is no positive whole number."""
    if not is_id(value):
        message = f"{field} must be a positive whole number, got {value!r}."
        raise ParamValidationError(message, code=code)


def guard_member(name: str) -> None:
    """Raise ParamValidationError for an event of a behavior that no event can be."""
    if is_blank(name):
        message = 'An event of a behavior needs a name, e.g. "Login".'
        raise ParamValidationError(message, code="BH2_EMPTY_EVENT")
    guard_event(name)
