"""What the demo's reports ask, as Mixpanel stores it: metrics, filters, breakdowns, steps."""

from typing import Any

Clause = dict[str, Any]

WAY_TO_THE_ORDER = (
    "Product Viewed",
    "Add to Cart",
    "Checkout Started",
    "Payment Added",
    "Order Completed",
)
"""The shop's main funnel."""


def insights(
    *show: Clause,
    days: int,
    chart: str = "line",
    unit: str = "day",
    where: tuple[Clause, ...] = (),
    by: tuple[Clause, ...] = (),
    **display: Any,
) -> Clause:
    """Give the params of a report of metrics over the last days."""
    return {
        "sections": {
            "show": list(show),
            "time": [last_days(days, unit)],
            "filter": list(where),
            "group": list(by),
        },
        "displayOptions": {"chartType": chart, "analysis": "linear", **display},
    }


def funnel(
    *steps: str,
    days: int,
    window: int = 7,
    where: tuple[Clause, ...] = (),
    by: tuple[Clause, ...] = (),
    constant: str = "",
) -> Clause:
    """Give the params of a funnel of people within a window of days."""
    show = {"type": "metric", "behavior": funnel_behavior(*steps, window=window, constant=constant)}
    measured = show | {"measurement": {"math": "conversion_rate_unique", "property": None}}
    return insights(measured, days=days, chart="funnel-steps", where=where, by=by)


def funnel_behavior(*steps: str, window: int, constant: str = "") -> Clause:
    """Give a funnel as a behavior; what is held `constant` is a property."""
    return {
        "type": "funnel",
        "resourceType": "events",
        "behaviors": [_step(name) | {"funnelOrder": "loose"} for name in steps],
        "conversionWindowDuration": window,
        "conversionWindowUnit": "day",
        "funnelOrder": "loose",
        "exclusions": [],
        "aggregateBy": [{"value": constant, "resourceType": "events"}] if constant else [],
    }


def retention(born: str, returned: str, *, days: int, by: tuple[Clause, ...] = ()) -> Clause:
    """Give the params of a weekly retention."""
    behavior = {
        "type": "retention",
        "resourceType": "events",
        "behaviors": [_step(born), _step(returned)],
        "retentionUnit": "week",
        "retentionAlignmentType": "birth",
    }
    show = {"type": "metric", "behavior": behavior, "measurement": {"math": "retention_rate"}}
    return insights(show, days=days, chart="retention-curve", unit="week", by=by)


def flow(name: str, *, forward: int = 0, reverse: int = 0, days: int) -> Clause:
    """Give the params of a flow from or to an event."""
    step = {"event": name, "step_label": name, "forward": forward, "reverse": reverse}
    return {
        "steps": [step | {"bool_op": "and", "property_filter_params_list": []}],
        "date_range": {
            "type": "in the last",
            "from_date": {"unit": "day", "value": days},
            "to_date": "$now",
        },
        "chartType": "sankey",
        "flows_merge_type": "graph",
        "count_type": "unique",
        "cardinality_threshold": 3,
        "version": 2,
        "conversion_window": {"unit": "day", "value": 7},
        "anchor_position": 1,
        "collapse_repeated": False,
        "show_custom_events": True,
        "hidden_events": [],
        "exclusions": [],
    }


def metric(counted: str, math: str = "total", owner: str | None = None, **more: Any) -> Clause:
    """Give a metric of one event, over the property `owner` if there is one."""
    measurement: Clause = {"math": math}
    if owner:
        measurement["property"] = {"name": owner, "resourceType": "events"}
    return {
        "type": "metric",
        "behavior": _step(counted) | {"resourceType": "events"},
        "measurement": measurement,
        **more,
    }


def formula(definition: str, *operands: Clause, name: str) -> Clause:
    """Give a formula over operands of its own."""
    clause = {"type": "formula", "definition": definition, "measurement": {}, "name": name}
    return clause | {"referencedMetrics": list(operands)}


def _step(name: str) -> Clause:
    """Give an event within a behavior."""
    return {"type": "event", "name": name, "filters": [], "filtersDeterminer": "all"}


def condition(name: str, operator: str, *values: str) -> Clause:
    """Give a filter on an event property that is text."""
    subject = {"value": name, "resourceType": "events", "filterType": "string"}
    asked = {"defaultType": "string", "filterOperator": operator}
    return subject | asked | ({"filterValue": list(values)} if values else {})


def grouped(name: str, kind: str = "string", resource: str = "events") -> Clause:
    """Give a breakdown by a property."""
    subject = {"value": name, "propertyName": name, "resourceType": resource}
    return subject | {"propertyType": kind, "typeCast": None, "propertyDefaultType": kind}


def last_days(days: int, unit: str = "day") -> Clause:
    """Give the range of the last days."""
    window = {"unit": "day", "value": days}
    return {"dateRangeType": "in the last", "unit": unit, "window": window}
