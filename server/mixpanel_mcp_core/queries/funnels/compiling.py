"""Funnel queries: from typed arguments to the bookmark that Mixpanel runs."""

from datetime import date
from typing import Any

from mixpanel_mcp_core.queries.bookmark_rules import bookmark_problems
from mixpanel_mcp_core.queries.filter_clauses import filter_clauses, with_sentinel
from mixpanel_mcp_core.queries.problems import refuse

from .query import FunnelPlan, FunnelQuery
from .rules import funnel_problems
from .steps import BehaviorRef, Exclusion, FunnelStep

_CHARTS = {"steps": "funnel-steps", "trends": "line", "table": "table"}


def compile_funnel(query: FunnelQuery, *, today: date | None = None) -> dict[str, Any]:
    """The bookmark of a funnel query, keys in wire order.

    A range without an end ends on `today`, by default the local date. Raises
    ParamValidationError for the first object that cannot be, BookmarkValidationError
    for all problems of arguments that do not go together.
    """
    plan = FunnelPlan.of(query, today)
    plan.guard()
    refuse(funnel_problems(plan))
    display = {"chartType": _CHARTS[plan.mode], **plan.comparison()}
    params = {"sections": _sections(plan), "displayOptions": display}
    refuse(bookmark_problems(params, "funnel"))
    return params


def _sections(plan: FunnelPlan) -> dict[str, Any]:
    return {
        "show": [_clause(plan)],
        "time": plan.time(),
        "filter": [with_sentinel(clause) for clause in filter_clauses(plan.where)],
        "group": plan.groups(),
        "formula": [],
        **plan.data_group(),
    }


def _clause(plan: FunnelPlan) -> dict[str, Any]:
    measurement = {"math": plan.math, "property": _property(plan), "stepIndex": None}
    return {"type": "metric", "behavior": _behavior(plan), "measurement": measurement}


def _property(plan: FunnelPlan) -> dict[str, Any] | None:
    if not plan.math_property:
        return None
    return {"name": plan.math_property, "type": "number", "resourceType": "events"}


def _behavior(plan: FunnelPlan) -> dict[str, Any]:
    if isinstance(plan.steps, BehaviorRef):
        return {"type": "funnel", "id": plan.steps.behavior_id}
    count = len(plan.steps)
    behavior: dict[str, Any] = {
        "type": "funnel",
        "resourceType": "events",
        "behaviors": [_step(step, plan.order) for step in plan.steps],
        "conversionWindowDuration": plan.conversion_window,
        "conversionWindowUnit": plan.conversion_window_unit,
        "funnelOrder": plan.order,
        "exclusions": [_exclusion(exclusion, count) for exclusion in plan.exclusions],
        "aggregateBy": [
            {"value": constant.property, "resourceType": constant.resource_type}
            for constant in plan.holding_constant
        ],
        "filter": [],
    }
    if plan.reentry_mode is not None:
        behavior["funnelReentryMode"] = plan.reentry_mode
    return behavior


def _step(step: FunnelStep, order: str) -> dict[str, Any]:
    clause: dict[str, Any] = {
        "type": "event",
        "id": None,
        "name": step.event,
        "filters": filter_clauses(step.filters),
        "filtersDeterminer": step.filters_combinator,
        "funnelOrder": step.order or order,
    }
    return clause if step.label is None else {**clause, "renamed": step.label}


def _exclusion(exclusion: Exclusion, steps: int) -> dict[str, Any]:
    # Steps count from 0 in arguments and from 1 on the wire.
    end = steps if exclusion.to_step is None else exclusion.to_step + 1
    return {"event": exclusion.event, "steps": {"from": exclusion.from_step + 1, "to": end}}
