"""Metrics and formulas as they stand in `sections.show`."""

from typing import Any

from mixpanel_mcp_core.queries.custom_properties import DATASET
from mixpanel_mcp_core.queries.funnels.behavior import funnel_clause
from mixpanel_mcp_core.queries.retention.behavior import retention_clause

from .behavior_metrics import FunnelMetric, RetentionMetric
from .events import behavior_clause
from .formula import Formula
from .kinds import AnyMetric, OwnMetric
from .measured import measured_property, measurement_clause
from .metrics import CohortMetric, Metric
from .references import MetricRef

Clause = dict[str, Any]


def plain_clause(name: str, measurement: Clause, hidden: bool) -> Clause:
    """An event given as a plain name, measured as the query says."""
    behavior = behavior_clause(name, None, "all")
    return _shown({"type": "metric", "behavior": behavior, "measurement": measurement}, hidden)


def metric_clause(item: AnyMetric, hidden: bool) -> Clause:
    """A metric as a line of the chart, or hidden behind a formula."""
    if isinstance(item, MetricRef):
        clause = _shown(item.identity(), hidden)
        overrides = item.overrides_clause()
        return {**clause, "overrides": overrides} if overrides else clause
    if isinstance(item, CohortMetric):
        return {**_own(item), "isHidden": hidden}
    clause = _shown(_own(item), hidden)
    label = None if isinstance(item, Metric) else item.label
    return {**clause, "name": label} if label else clause


def formula_clause(item: Formula) -> Clause:
    """A formula, with its operands where it has its own."""
    clause: Clause = {
        "type": "formula",
        "definition": item.formula,
        "measurement": {},
        "referencedMetrics": [_operand(each) for each in item.operands()],
    }
    return {**clause, "name": item.label} if item.label else clause


def _operand(item: AnyMetric) -> Clause:
    return item.identity() if isinstance(item, MetricRef) else _own(item)


def _shown(clause: Clause, hidden: bool) -> Clause:
    return {**clause, "isHidden": True} if hidden else clause


def _own(item: OwnMetric) -> Clause:
    match item:
        case Metric():
            behavior = behavior_clause(item.event, item.filters, item.filters_combinator)
            measurement = _measurement(item)
        case CohortMetric():
            behavior = _cohort_behavior(item)
            measurement = {"math": "unique", "property": None, "perUserAggregation": None}
        case FunnelMetric():
            behavior = funnel_clause(item.funnel)
            measurement = _funnel_measurement(item)
        case RetentionMetric():
            behavior = retention_clause(item.retention)
            measurement = _retention_measurement(item)
    return {"type": "metric", "behavior": behavior, "measurement": measurement}


def _measurement(metric: Metric) -> Clause:
    clause = measurement_clause(
        metric.math, metric.property, metric.per_user, metric.percentile_value
    )
    if metric.segment_method is not None:
        clause["segmentMethod"] = metric.segment_method
    return clause


def _cohort_behavior(item: CohortMetric) -> Clause:
    return {
        "type": "cohort",
        "name": item.name or "",
        "resourceType": "cohorts",
        "dataGroupId": None,
        "dataset": DATASET,
        "filtersDeterminer": "all",
        "filters": list[Any](),
        "id": item.cohort,
    }


def _funnel_measurement(item: FunnelMetric) -> Clause:
    spec = item.property
    measured = None if spec is None else measured_property(spec, type="number")
    return {"math": item.math, "property": measured, "stepIndex": item.step_index}


def _retention_measurement(item: RetentionMetric) -> Clause:
    clause: Clause = {"math": item.math}
    if item.property is not None:
        clause["property"] = measured_property(item.property)
    if item.bucket_index is not None:
        clause["retentionBucketIndex"] = item.bucket_index
    if item.retention_cumulative:
        clause["retentionCumulative"] = True
    return clause
