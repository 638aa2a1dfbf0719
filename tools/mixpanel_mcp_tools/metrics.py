"""Metrics: numbers that a project agreed on, defined once and used in many reports."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import MixpanelError, ParamValidationError, QueryError
from mixpanel_mcp_core.keyed import (
    guard_deletable,
    named_like,
    refusals_in_short,
    row_of,
    rows_of,
)
from mixpanel_mcp_core.models.definitions import Force, NameContains
from mixpanel_mcp_core.models.metrics import (
    BulkUpdateMetricEntry,
    MetricChanges,
    MetricId,
    MetricIds,
    NewMetric,
    SavedMetric,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.queries.definitions import (
    Definition,
    guard_kind,
    guard_metric,
    guarded_texts,
)
from mixpanel_mcp_core.queries.nodes import object_in
from mixpanel_mcp_core.queries.vocabulary import MetricRefType
from mixpanel_mcp_core.session import Session

metrics = Toolset("metrics", "Saved metrics: define once, use by id; formulas, goals, owners")


@metrics.reads
async def list_metrics(
    session: Session,
    metric_type: Annotated[MetricRefType, Field(description="Only these.")] | None = None,
    verified: Annotated[bool, Field(description="Only verified ones, or only others.")]
    | None = None,
    name_contains: NameContains | None = None,
    viewable_only: Annotated[bool, Field(description="Leave out what may not be seen.")] = False,
) -> list[SavedMetric]:
    """List the saved metrics with type, text and whether they are verified.

    get_metric adds definition and owner; `query` takes one as {"metric_id": id, "type": its type}.
    App API: GET metrics.
    """
    is_named = named_like(name_contains)
    return [
        row
        for row in rows_of(await session.app.at_project.raw("GET", "metrics", {}), SavedMetric)
        if metric_type in (None, row.type)
        and verified in (None, row.verified)
        and is_named(row)
        and not (viewable_only and row.can_view is False)
    ]


@metrics.reads
async def get_metric(session: Session, metric_id: MetricId) -> SavedMetric:
    """Fetch one saved metric with its definition, display and goals.

    404 when there is none. App API: GET metrics/{id}.
    """
    answer = await session.app.at_project.raw("GET", f"metrics/{metric_id}", {})
    return row_of(answer, SavedMetric)


@metrics.writes
async def create_metric(session: Session, **metric: Unpack[NewMetric]) -> SavedMetric:
    """Save a metric, a formula or a warehouse query under a name.

    Reports use it by its id: `query` as {"metric_id": id, "type": "metric" or "formula"}. The
    definition is checked before anything is sent. CREATE_FOLLOW_UP_FAILED: it was saved, but
    without its owner or mark. App API: POST metrics, PATCH metrics/{id}.
    """
    texts = guarded_texts(metric)
    definition = _complete(metric["definition"], metric)
    if metric.get("validate", True):
        guard_metric(definition)
    source = definition.warehouse_source_id
    body = {
        "type": definition.kind,
        **texts,
        "definition": definition.body,
        **given(warehouse_source_id=source),
    }
    with refusals_in_short():
        answer = await session.app.at_project.raw("POST", "metrics", {}, body)
    saved = row_of(answer, SavedMetric)
    rest = _marks({**metric, "verified": metric.get("verified") or None})
    return await _followed_up(session, saved, rest) if rest else saved


@metrics.writes(idempotent=True)
async def update_metric(
    session: Session, metric_id: MetricId, **changes: Unpack[MetricChanges]
) -> SavedMetric:
    """Change a saved metric for every report that uses it: definition, name, display, goals, owner.

    What is not given stays. `display` is merged into the stored one, null takes a setting away;
    `goals` replaces them all. The kind cannot change (SM3_KIND_CHANGE). App API: GET
    metrics/{id}, PATCH metrics/{id}.
    """
    body = guarded_texts(changes)
    if changes.keys() & {"definition", "display", "goals"}:
        body["definition"] = await _redefined(session, metric_id, changes)
    body |= _marks(changes)
    with refusals_in_short():
        answer = await session.app.at_project.raw("PATCH", f"metrics/{metric_id}", {}, body)
    return row_of(answer, SavedMetric)


@metrics.writes(idempotent=True)
async def bulk_update_metrics(
    session: Session,
    entries: Annotated[
        list[BulkUpdateMetricEntry], Field(description="One entry for each metric to change.")
    ],
    validate: Annotated[bool, Field(description="False sends definitions unchecked.")] = True,
) -> list[SavedMetric]:
    """Change names, texts, definitions, owners or marks of several saved metrics at once.

    What an entry does not give stays. Returns the metrics. App API: GET metrics/{id}, PATCH
    metrics.
    """
    if not entries:
        return []
    changes: list[dict[str, Any]] = []
    for entry in entries:
        fields = {name: getattr(entry, name) for name in type(entry).model_fields}
        change = {"id": entry.id, **guarded_texts(fields)}
        if entry.definition is not None:
            fields |= {"validate": validate}
            change["definition"] = await _redefined(session, entry.id, given(**fields))
        changes.append(change | _marks(fields))
    with refusals_in_short():
        answer = await session.app.at_project.raw("PATCH", "metrics", {}, {"metrics": changes})
    return rows_of(answer, SavedMetric)


@metrics.destroys(idempotent=True)
async def delete_metric(session: Session, metric_id: MetricId, force: Force = False) -> None:
    """Delete a saved metric for good; reports that use it fail from then on.

    SM5_NOT_FOUND_FOR_DELETE when there is none, SM6_DELETE_NOT_PERMITTED when this account may
    not change it. App API: GET metrics/{id}, DELETE metrics.
    """
    try:
        metric = await get_metric(session, metric_id)
    except QueryError as error:
        if error.status_code != 404:
            raise
        raise ParamValidationError(
            f"metric_id: there is no saved metric {metric_id}; see list_metrics.",
            code="SM5_NOT_FOUND_FOR_DELETE",
            details={"id": metric_id},
        ) from error
    if not force:
        guard_deletable([metric], "SM6_DELETE_NOT_PERMITTED")
    await session.app.at_project.delete("metrics", {"metrics": [{"id": metric_id}]})


@metrics.destroys(idempotent=True)
async def delete_metrics(session: Session, metric_ids: MetricIds, force: Force = False) -> None:
    """Delete several saved metrics for good, or none when this account may not change one.

    Reports that use them fail from then on. App API: GET metrics, DELETE metrics.
    """
    if not metric_ids:
        return
    if not force:
        rows = [row for row in await list_metrics(session) if row.id in metric_ids]
        guard_deletable(rows, "SM6_DELETE_NOT_PERMITTED")
    body = {"metrics": [{"id": number} for number in metric_ids]}
    await session.app.at_project.delete("metrics", body)


async def _redefined(
    session: Session, metric_id: int, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The stored definition of a metric under what a change says of it."""
    stored = await get_metric(session, metric_id)
    new: Definition = changes.get("definition") or Definition(stored.type, {})
    guard_kind(new, metric_id, stored.type)
    definition = _complete(new, changes, stored.definition)
    if changes.get("validate", True):
        guard_metric(definition, new.body)
    return definition.body


def _complete(
    definition: Definition, fields: Mapping[str, Any], stored: Mapping[str, Any] | None = None
) -> Definition:
    """A definition over the stored one, with the display and goals that stand beside it."""
    kept = stored or {}
    shown = object_in(kept.get("display")) | object_in(definition.body.get("display"))
    whole = definition.over(kept).body
    if display := fields.get("display"):
        whole["display"] = {k: v for k, v in {**shown, **display}.items() if v is not None}
    if (goals := fields.get("goals")) is not None:
        whole["goals"] = [goal.clause() for goal in goals]
    return replace(definition, body=whole)


def _marks(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Owner and mark as far as they are given."""
    owner = fields.get("owned_by")
    return given(owned_by=owner and {"id": owner}, verified=fields.get("verified"))


async def _followed_up(
    session: Session, saved: SavedMetric, rest: Mapping[str, Any]
) -> SavedMetric:
    """The new metric with what cannot be set while it is created."""
    try:
        answer = await session.app.at_project.raw("PATCH", f"metrics/{saved.id}", {}, rest)
        return row_of(answer, SavedMetric)
    except MixpanelError as error:
        raise MixpanelError(
            f"Metric {saved.id} was saved, but setting {' and '.join(rest)} failed: "
            f"{error.message.removesuffix('.')}. Use update_metric.",
            code="CREATE_FOLLOW_UP_FAILED",
            details={"metric_id": saved.id, "fields": list(rest)},
        ) from error
