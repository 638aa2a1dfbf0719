"""The kinds of metrics of an insights query, told apart by the key that only one of them has."""

from collections.abc import Mapping
from typing import Any, cast

from mixpanel_mcp_core.queries.term import Term

from .behavior_metrics import FunnelMetric, RetentionMetric
from .metrics import CohortMetric, Metric
from .references import MetricRef

OwnMetric = Metric | CohortMetric | FunnelMetric | RetentionMetric
AnyMetric = OwnMetric | MetricRef

_KINDS: dict[str, type[AnyMetric]] = {
    "metric_id": MetricRef,
    "funnel": FunnelMetric,
    "retention": RetentionMetric,
    "cohort": CohortMetric,
}


def read_metric(value: Any) -> AnyMetric:
    """The metric that an object describes."""
    if isinstance(value, Term):
        return cast("AnyMetric", value)
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    kind = next((_KINDS[key] for key in _KINDS if key in keys), Metric)
    return kind.model_validate(value)
