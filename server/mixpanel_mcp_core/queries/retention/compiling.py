"""Retention queries: from typed arguments to the bookmark that Mixpanel runs."""

from datetime import date
from typing import Any

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.bookmark_rules import bookmark_problems
from mixpanel_mcp_core.queries.problems import refuse

from .behavior import retention_clause
from .query import RetentionPlan, RetentionQuery
from .rules import retention_conflicts, retention_problems

_CHARTS = {"curve": "retention-curve", "trends": "line", "table": "table"}


def compile_retention(query: RetentionQuery, *, today: date | None = None) -> dict[str, Any]:
    """The bookmark of a retention query, keys in wire order.

    A range without an end ends on `today`, by default the local date. Raises
    ParamValidationError for the first object that cannot be, BookmarkValidationError
    for all problems of arguments that do not go together.
    """
    plan = RetentionPlan.of(query, today)
    plan.guard()
    refuse(retention_conflicts(plan))
    refuse(retention_problems(plan))
    params = {
        "sections": plan.sections_of(_clause(plan)),
        "displayOptions": {"chartType": _CHARTS[plan.mode], **plan.comparison()},
        "sorting": _sorting(),
        "columnWidths": {"bar": {}},
    }
    refuse(bookmark_problems(params, "retention"))
    return params


def _clause(plan: RetentionPlan) -> dict[str, Any]:
    saved = plan.born_event if isinstance(plan.born_event, BehaviorRef) else None
    behavior = retention_clause(saved or plan)
    measurement: dict[str, Any] = {"math": plan.math}
    if plan.retention_cumulative:
        measurement["retentionCumulative"] = True
    return {"type": "metric", "behavior": behavior, "measurement": measurement}


def _sorting() -> dict[str, Any]:
    """How the web interface first sorts the table; Mixpanel expects it with every report."""
    by_average = {"sortBy": "value", "sortOrder": "desc", "valueField": "averageValue"}
    by_size = {"sortBy": "value", "sortOrder": "desc", "valueField": "size", "viewNLimit": 12}
    return {
        "bar": {"colSortAttrs": [], "sortBy": "column"},
        "line": {"sortBy": "column", "colSortAttrs": [by_average]},
        "table": {"sortBy": "column", "colSortAttrs": [by_size]},
    }
