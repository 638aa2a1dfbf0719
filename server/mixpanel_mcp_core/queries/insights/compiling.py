"""Insights queries: from typed arguments to the bookmark that Mixpanel runs."""

from datetime import date
from typing import Any

from mixpanel_mcp_core.queries.bookmark_rules import bookmark_problems
from mixpanel_mcp_core.queries.filter_clauses import filter_clauses
from mixpanel_mcp_core.queries.problems import refuse

from .clauses import formula_clause, metric_clause, plain_clause
from .kinds import AnyMetric
from .measured import measurement_clause
from .query import InsightsPlan, InsightsQuery
from .rules import insights_conflicts, insights_problems

_CHARTS = {"timeseries": "line", "total": "bar", "table": "table"}


def compile_insights(query: InsightsQuery, *, today: date | None = None) -> dict[str, Any]:
    """The bookmark of an insights query, keys in wire order.

    A range without an end ends on `today`, by default the local date. Raises
    ParamValidationError for the first object that cannot be, BookmarkValidationError
    for all problems of arguments that do not go together.
    """
    plan = InsightsPlan.of(query, today)
    plan.guard()
    refuse(insights_conflicts(plan))
    refuse(insights_problems(plan))
    params = {"sections": _sections(plan), "displayOptions": _display(plan)}
    refuse(bookmark_problems(params, "insights"))
    return params


def _sections(plan: InsightsPlan) -> dict[str, Any]:
    return {
        "show": _show(plan),
        "time": plan.time(),
        "filter": filter_clauses(plan.where),
        "group": plan.groups(),
        **plan.data_group(),
    }


def _display(plan: InsightsPlan) -> dict[str, Any]:
    analysis: dict[str, Any] = {"analysis": "linear"}
    if plan.rolling is not None:
        analysis = {"analysis": "rolling", "rollingWindowSize": plan.rolling}
    elif plan.cumulative:
        analysis = {"analysis": "cumulative"}
    return {"chartType": _CHARTS[plan.mode], **analysis, **plan.comparison()}


def _show(plan: InsightsPlan) -> list[dict[str, Any]]:
    formulas = plan.formulas()
    # A formula over the metrics of the query is shown in their place; one over its own is not.
    hidden = any(item.metrics is None for item in formulas)
    metrics = [_metric(plan, item, hidden) for item in plan.metrics()]
    return [*metrics, *map(formula_clause, formulas)]


def _metric(plan: InsightsPlan, item: str | AnyMetric, hidden: bool) -> dict[str, Any]:
    if not isinstance(item, str):
        return metric_clause(item, hidden)
    measurement = measurement_clause(
        plan.math, plan.math_property, plan.per_user, plan.percentile_value
    )
    return plain_clause(item, measurement, hidden)
