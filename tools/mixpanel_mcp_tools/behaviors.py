"""Behaviors: funnels, retentions and sets of events under a name, for metrics to measure."""

from typing import Annotated, Literal, Unpack

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.keyed import (
    guard_deletable,
    named_like,
    refusals_in_short,
    row_of,
    rows_of,
)
from mixpanel_mcp_core.models.behaviors import (
    BehaviorChanges,
    BehaviorId,
    BehaviorIds,
    NewBehavior,
    SavedBehavior,
)
from mixpanel_mcp_core.models.definitions import Force, NameContains
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.queries.definitions import guard_behavior, guard_kind, guarded_texts
from mixpanel_mcp_core.session import Session

behaviors = Toolset("behaviors", "Saved behaviors: funnels, retentions, sets of events by name")


@behaviors.reads
async def list_behaviors(
    session: Session,
    behavior_type: Annotated[
        Literal["simple", "funnel", "retention"], Field(description="Only these.")
    ]
    | None = None,
    name_contains: NameContains | None = None,
) -> list[SavedBehavior]:
    """List the saved behaviors: funnels, retentions and sets of events.

    Metrics of `query` measure one as {"behavior_id": id, "type": its type}. App API: GET
    behaviors.
    """
    rows = rows_of(await session.app.at_project.raw("GET", "behaviors", {}), SavedBehavior)
    is_named = named_like(name_contains)
    return [row for row in rows if behavior_type in (None, row.type) and is_named(row)]


@behaviors.reads
async def get_behavior(session: Session, behavior_id: BehaviorId) -> SavedBehavior:
    """Fetch one saved behavior with its definition.

    404 when there is none. App API: GET behaviors/{id}.
    """
    answer = await session.app.at_project.raw("GET", f"behaviors/{behavior_id}", {})
    return row_of(answer, SavedBehavior)


@behaviors.writes
async def create_behavior(session: Session, **behavior: Unpack[NewBehavior]) -> SavedBehavior:
    """Save a funnel, a retention or a set of events under a name.

    Metrics measure it by its id: `query` takes {"event": {"behavior_id": id, "type": "simple"}},
    {"funnel": {"behavior_id": id, "type": "funnel"}} or the same with retention. The definition
    is checked before anything is sent. App API: POST behaviors.
    """
    texts = guarded_texts(behavior)
    definition = behavior["behavior"]
    if behavior.get("validate", True):
        guard_behavior(definition)
    body = {"type": definition.kind, **texts, "definition": definition.body}
    with refusals_in_short():
        answer = await session.app.at_project.raw("POST", "behaviors", {}, body)
    return row_of(answer, SavedBehavior)


@behaviors.writes(idempotent=True)
async def update_behavior(
    session: Session, behavior_id: BehaviorId, **changes: Unpack[BehaviorChanges]
) -> SavedBehavior:
    """Change a saved behavior for every metric that measures it: definition, name, text, mark.

    What is not given stays. The type cannot change (SM3_KIND_CHANGE). App API: GET
    behaviors/{id}, PATCH behaviors/{id}.
    """
    body = guarded_texts(changes)
    if (definition := changes.get("behavior")) is not None:
        if changes.get("validate", True):
            guard_behavior(definition)
        stored = await get_behavior(session, behavior_id)
        guard_kind(definition, behavior_id, stored.type)
        body["definition"] = definition.over(stored.definition).body
    body |= given(verified=changes.get("verified"))
    with refusals_in_short():
        answer = await session.app.at_project.raw("PATCH", f"behaviors/{behavior_id}", {}, body)
    return row_of(answer, SavedBehavior)


@behaviors.destroys(idempotent=True)
async def delete_behavior(session: Session, behavior_id: BehaviorId, force: Force = False) -> None:
    """Delete a saved behavior for good; metrics that measure it fail from then on.

    404 when there is none, BH4_DELETE_NOT_PERMITTED when this account may not change it. App
    API: GET behaviors/{id}, DELETE behaviors.
    """
    behavior = await get_behavior(session, behavior_id)
    if not force:
        guard_deletable([behavior], "BH4_DELETE_NOT_PERMITTED")
    await session.app.at_project.delete("behaviors", {"behaviors": [{"id": behavior_id}]})


@behaviors.destroys(idempotent=True)
async def delete_behaviors(
    session: Session, behavior_ids: BehaviorIds, force: Force = False
) -> None:
    """Delete several saved behaviors for good, or none when this account may not change one.

    Metrics that measure them fail from then on. App API: GET behaviors, DELETE behaviors.
    """
    if not behavior_ids:
        return
    if not force:
        rows = [row for row in await list_behaviors(session) if row.id in behavior_ids]
        guard_deletable(rows, "BH4_DELETE_NOT_PERMITTED")
    body = {"behaviors": [{"id": number} for number in behavior_ids]}
    await session.app.at_project.delete("behaviors", body)
