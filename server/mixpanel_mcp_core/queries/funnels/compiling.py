"""Funnel queries: from typed arguments to the bookmark that Mixpanel runs."""

from datetime import date
from typing import Any

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.bookmark_rules import bookmark_problems
from mixpanel_mcp_core.queries.problems import refuse

from .behavior import funnel_clause
from .query import FunnelPlan, FunnelQuery
from .rules import funnel_problems

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
    params = {"sections": plan.sections_of(_clause(plan)), "displayOptions": display}
    refuse(bookmark_problems(params, "funnel"))
    return params


def _clause(plan: FunnelPlan) -> dict[str, Any]:
    behavior = funnel_clause(plan.steps if isinstance(plan.steps, BehaviorRef) else plan)
    measurement = {"math": plan.math, "property": _property(plan), "stepIndex": None}
    return {"type": "metric", "behavior": behavior, "measurement": measurement}


def _property(plan: FunnelPlan) -> dict[str, Any] | None:
    if not plan.math_property:
        return None
    return {"name": plan.math_property, "type": "number", "resourceType": "events"}
