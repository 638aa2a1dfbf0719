"""Custom events: one name for any of several events."""

from typing import Annotated, Any, Unpack

from pydantic import AfterValidator, Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.forms import post_form
from mixpanel_mcp_core.models.governance.custom_events import CustomEvent, CustomEventId
from mixpanel_mcp_core.models.lexicon import EventChanges, EventDefinition
from mixpanel_mcp_core.models.wire import in_camel_case
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance

_DEFINITIONS = "data-definitions/events/"


def _distinct(names: list[str]) -> list[str]:
    if any(not name.strip() for name in names):
        raise ValueError("no name may be blank")
    if doubled := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ValueError(f"{doubled[0]!r} is there twice")
    return names


@governance.reads
async def list_custom_events(session: Session) -> list[EventDefinition]:
    """List the custom events with description, tags and whether they are hidden.

    Their id in queries and other calls is custom_event_id. App API: GET
    data-definitions/events/?custom_event=true.
    """
    return await session.app.get(_DEFINITIONS, list[EventDefinition], custom_event=True)


@governance.writes
async def create_custom_event(
    session: Session,
    name: Annotated[str, Field(min_length=1, description="Name, e.g. 'Page View'.")],
    alternatives: Annotated[
        list[str],
        Field(min_length=1, description="Event names, any of which counts; each once."),
        AfterValidator(_distinct),
    ],
) -> CustomEvent:
    """Create one event that stands for any of several, usable in every query at once.

    Returns it with its id and alternatives. App API: POST custom_events/.
    """
    events = [{"event": each} for each in alternatives]
    form = {"name": name, "alternatives": events}
    answer: Any = await post_form(session.app, "custom_events/", form)
    if isinstance(answer, dict) and isinstance(answer.get("custom_event"), dict):  # pyright: ignore
        answer = answer["custom_event"]  # pyright: ignore[reportUnknownVariableType]
    return read(answer, CustomEvent)


@governance.destroys(idempotent=True)
async def update_custom_event(
    session: Session, custom_event_id: CustomEventId, **changes: Unpack[EventChanges]
) -> EventDefinition:
    """Describe, rename, tag, verify or hide a custom event.

    What is not given stays; its alternatives cannot be changed. Returns its definition. Errors:
    UPDATE_TARGET_MISMATCH when Mixpanel changed another one. App API: PATCH
    data-definitions/events/.
    """
    body = {**in_camel_case(changes), "customEventId": custom_event_id}
    changed = await session.app.patch(_DEFINITIONS, EventDefinition, body)
    if changed.custom_event_id not in (None, custom_event_id):
        raise MixpanelError(
            f"Mixpanel changed custom event {changed.custom_event_id} ({changed.name!r}) in the "
            f"place of {custom_event_id}; set back what was changed there.",
            code="UPDATE_TARGET_MISMATCH",
        )
    return changed


@governance.destroys(idempotent=True)
async def delete_custom_event(session: Session, custom_event_id: CustomEventId) -> None:
    """Delete a custom event for good; the events in it stay, reports over it break.

    App API: DELETE data-definitions/events/.
    """
    await session.app.delete(_DEFINITIONS, {"customEventId": custom_event_id})
