"""Insights queries: from typed arguments to the bookmark that Mixpanel runs."""

from datetime import date
from typing import Any

from mixpanel_mcp_core.queries.bookmark_rules import bookmark_problems
from mixpanel_mcp_core.queries.custom_properties import (
    DATASET,
    CustomPropertyRef,
    InlineCustomProperty,
    inline_clause,
)
from mixpanel_mcp_core.queries.filter_clauses import filter_clauses
from mixpanel_mcp_core.queries.measures import wire_math
from mixpanel_mcp_core.queries.problems import refuse

from .metrics import CohortMetric, Formula, Metric
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
    hidden = bool(formulas)
    metrics = [_metric_clause(plan, item, hidden) for item in plan.metrics()]
    return [*metrics, *map(_formula_clause, formulas)]


def _metric_clause(
    plan: InsightsPlan, item: str | Metric | CohortMetric, hidden: bool
) -> dict[str, Any]:
    if isinstance(item, CohortMetric):
        return _cohort_clause(item, hidden)
    clause: dict[str, Any] = {
        "type": "metric",
        "behavior": _behavior(item),
        "measurement": _plain_measurement(plan) if isinstance(item, str) else _measurement(item),
    }
    return {**clause, "isHidden": True} if hidden else clause


def _behavior(item: str | Metric) -> dict[str, Any]:
    plain = isinstance(item, str)
    return {
        "type": "event",
        "name": item if plain else item.event,
        "resourceType": "events",
        "filtersDeterminer": "all" if plain else item.filters_combinator,
        "filters": [] if plain else filter_clauses(item.filters),
    }


def _plain_measurement(plan: InsightsPlan) -> dict[str, Any]:
    spec, per_user = plan.math_property, plan.per_user
    return _measurement_clause(plan.math, spec, per_user, plan.percentile_value)


def _measurement(metric: Metric) -> dict[str, Any]:
    clause = _measurement_clause(
        metric.math, metric.property, metric.per_user, metric.percentile_value
    )
    if metric.segment_method is not None:
        clause["segmentMethod"] = metric.segment_method
    return clause


def _measurement_clause(
    math: str,
    spec: str | CustomPropertyRef | InlineCustomProperty | None,
    per_user: str | None,
    percentile: float | None,
) -> dict[str, Any]:
    clause: dict[str, Any] = {"math": wire_math(math)}
    if spec is not None:
        clause["property"] = measured_property(spec)
    if per_user is not None:
        clause["perUserAggregation"] = per_user
    if percentile is not None:
        clause["percentile"] = percentile
    return clause


def measured_property(spec: str | CustomPropertyRef | InlineCustomProperty) -> dict[str, Any]:
    """`measurement.property` for a name, a saved or an inline custom property."""
    match spec:
        case CustomPropertyRef():
            identification = {"customPropertyId": spec.custom_property_id}
            return {**identification, "name": "", "resourceType": "events"}
        case InlineCustomProperty():
            types = {"propertyType": spec.property_type} if spec.property_type else {}
            return {
                "customProperty": inline_clause(spec, resourceType=spec.resource_type, **types),
                "name": "",
                "resourceType": spec.resource_type,
                "dataset": DATASET,
                "dataGroupId": None,
            }
        case name:
            return {"name": name, "resourceType": "events"}


def _cohort_clause(item: CohortMetric, hidden: bool) -> dict[str, Any]:
    behavior = {
        "type": "cohort",
        "name": item.name or "",
        "resourceType": "cohorts",
        "dataGroupId": None,
        "dataset": DATASET,
        "filtersDeterminer": "all",
        "filters": list[Any](),
        "id": item.cohort,
    }
    measurement = {"math": "unique", "property": None, "perUserAggregation": None}
    return {
        "type": "metric",
        "behavior": behavior,
        "measurement": measurement,
        "isHidden": hidden,
    }


def _formula_clause(item: Formula) -> dict[str, Any]:
    clause: dict[str, Any] = {
        "type": "formula",
        "definition": item.formula,
        "measurement": {},
        "referencedMetrics": [],
    }
    return {**clause, "name": item.label} if item.label else clause
