"""Bookmarks of insights and funnels, and the events that they count."""

from typing import Any


def between(first: str, last: str, unit: str = "day") -> dict[str, Any]:
    """Return the clause of a range of days."""
    return {"dateRangeType": "between", "unit": unit, "value": [first, last]}


DAYS = between("2026-02-02", "2026-02-03")


def metric(name: str, math: str = "total", owner: str | None = None, **more: Any) -> dict[str, Any]:
    """Return the clause of one event metric, over the property `owner` if there is one."""
    behavior = {"type": "event", "name": name, "resourceType": "events", "filters": []}
    measurement = {"math": math, "perUserAggregation": more.pop("per_user", None)}
    if owner:
        measurement["property"] = {"name": owner, "resourceType": "events"}
    return {"type": "metric", "behavior": behavior, "measurement": measurement} | more


def formula(definition: str, *referenced: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the clause of a formula over the metrics of the report, or over its own."""
    clause = {"type": "formula", "definition": definition, "measurement": {}}
    return clause | {"referencedMetrics": list(referenced)} | more


def funnel(*steps: str, **more: Any) -> dict[str, Any]:
    """Return the clause of a funnel of unique people."""
    entries = [{"type": "event", "name": name, "filters": []} for name in steps]
    behavior = {"type": "funnel", "behaviors": entries, "exclusions": []} | more
    return {"type": "metric", "behavior": behavior, "measurement": {"math": "unique"}}


def group(name: str, kind: str = "string", source: str = "events") -> dict[str, Any]:
    """Return the clause of one breakdown."""
    return {"value": name, "propertyName": name, "resourceType": source, "propertyType": kind}


def frequency(name: str, **more: Any) -> dict[str, Any]:
    """Return the part that filters and breakdowns by the number of a person's events share."""
    event = {"label": name, "value": name}
    behavior = {"behaviorType": "$frequency", "aggregationOperator": "total", "event": event}
    return {"value": f"{name} Frequency", "resourceType": "people", "behavior": behavior | more}


def condition(name: str, operator: str, value: object = None) -> dict[str, Any]:
    """Return the clause of one filter."""
    return {"value": name, "filterOperator": operator, "filterValue": value}


def body(*show: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return the request of a report."""
    sections: dict[str, Any] = {"show": list(show), "time": [DAYS], "filter": [], "group": []}
    sections |= parts
    display = {"chartType": sections.pop("chart", "line"), **sections.pop("display", {})}
    limits = {"limit": sections.pop("limit", 3000)}
    bookmark = {"sections": sections, "displayOptions": display}
    return {"bookmark": bookmark, "project_id": 1, "queryLimits": limits}


def events(
    *names: str, who: str = "u1", day: str = "2026-02-02", **properties: Any
) -> list[dict[str, Any]]:
    """Return one event per name, of one person on one day."""
    time = f"{day}T10:00:00Z"
    return [{"event": n, "distinct_id": who, "time": time, "properties": properties} for n in names]
