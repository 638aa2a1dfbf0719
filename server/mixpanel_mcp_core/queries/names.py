"""What makes the name of an event or a property unusable."""

import re
from typing import Annotated, Any, cast

from pydantic import PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError

from .words import refusal

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSEEN = re.compile("[\\s\u200b\u200c\u200d\ufeff\u00ad\u2060]+")


def is_blank(name: str) -> bool:
    """Empty, or nothing but white space."""
    return not name.strip()


def has_control_character(name: str) -> bool:
    """Holds a control character other than tab and line end."""
    return bool(_CONTROL.search(name))


def is_invisible(name: str) -> bool:
    """Nothing but white space and characters without width."""
    return bool(_UNSEEN.fullmatch(name))


def _read_one_event(value: Any) -> str | list[Any]:
    if isinstance(value, str | list):
        return cast("str | list[Any]", value)
    raise refusal("event", f'Expected the name of an event, e.g. "Login", got {value!r}.')


OneEvent = Annotated[str | list[Any], PlainValidator(_read_one_event, json_schema_input_type=str)]
"""The name of an event; several are let through to a rule of the query, with its own code."""


def guard_event(name: str) -> None:
    """Raise ParamValidationError for an event name that no event can have."""
    if is_blank(name):
        raise ParamValidationError(
            'event must be the name of an event, for example "Login".', code="EV1_EMPTY_EVENT"
        )
    if has_control_character(name):
        raise ParamValidationError(
            f"event {name!r} must not contain control characters.", code="EV2_CONTROL_CHAR_EVENT"
        )
