"""Breakdowns as they stand on the wire, and the rules that look at them before they go there."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from .custom_properties import (
    DATASET,
    CustomPropertyRef,
    InlineCustomProperty,
    custom_property_problems,
    inline_clause,
)
from .filter_clauses import cohort_identification
from .groups import GroupBy
from .problems import Problem, numbered


def group_clauses(
    items: Sequence[str | GroupBy], data_group_id: int | None
) -> list[dict[str, Any]]:
    """One entry for each breakdown, in order; the data group goes as text."""
    group = None if data_group_id is None else str(data_group_id)
    return [_clause(item, group) for item in items]


def _clause(item: str | GroupBy, group: str | None) -> dict[str, Any]:
    if isinstance(item, str):
        return _property_clause(item, "string", "events")
    match item.kind():
        case "item":
            return _item_clause(item)
        case "cohort":
            return _cohort_clause(item, group)
        case "frequency":
            return _frequency_clause(item, group)
        case "property":
            return {**_by_property(item, group), **_buckets(item)}


def _by_property(item: GroupBy, group: str | None) -> dict[str, Any]:
    match item.property:
        case CustomPropertyRef() as spec:
            identification = {"customPropertyId": spec.custom_property_id}
            return {**identification, **_custom_tail("events", item.property_type, group)}
        case InlineCustomProperty() as spec:
            return _inline_clause(spec, item.property_type, group)
        case name:
            return _property_clause(name or "", item.property_type, item.resource_type)


def _property_clause(name: str, kind: str, resource: str) -> dict[str, Any]:
    return {
        "value": name,
        "propertyName": name,
        "resourceType": resource,
        "propertyType": kind,
        "propertyDefaultType": kind,
    }


def _inline_clause(
    spec: InlineCustomProperty, property_type: str, group: str | None
) -> dict[str, Any]:
    kind, resource = spec.property_type or property_type, spec.resource_type
    inline = inline_clause(spec, propertyType=kind, resourceType=resource)
    return {"customProperty": inline, **_custom_tail(resource, kind, group)}


def _custom_tail(resource: str, kind: str, group: str | None) -> dict[str, Any]:
    return {
        "value": None,
        "resourceType": resource,
        "profileType": None,
        "search": "",
        "dataGroupId": group,
        "dataset": DATASET,
        "propertyType": kind,
        "typeCast": None,
        "unit": None,
        "isHidden": False,
    }


def _buckets(item: GroupBy) -> dict[str, Any]:
    if item.bucket_size is None:
        return {}
    bounds = {"bucketSize": item.bucket_size, "min": item.bucket_min, "max": item.bucket_max}
    return {"customBucket": {key: value for key, value in bounds.items() if value is not None}}


def _item_clause(item: GroupBy) -> dict[str, Any]:
    part = {
        "resourceType": "event",
        "propertyName": item.sub,
        "propertyDefaultType": item.sub_type,
        "propertyType": item.sub_type,
    }
    return {
        "dataset": DATASET,
        "value": item.property,
        "resourceType": "events",
        "joinPropertyType": "list",
        "propertyType": "object",
        "listItemGroup": part,
    }


def _cohort_clause(item: GroupBy, group: str | None) -> dict[str, Any]:
    name = item.name or ""
    identification = cohort_identification(item.cohort)
    if "id" in identification:
        identification["groups"] = []
    sides = (False, True) if item.include_negated else (False,)
    cohorts = [
        {
            "name": name,
            "negated": negated,
            "data_group_id": group,
            **identification,
        }
        for negated in sides
    ]
    return {
        "value": [f"Not In {name}" if negated else name for negated in sides],
        "resourceType": "events",
        "profileType": None,
        "search": "",
        "dataGroupId": group,
        "propertyType": None,
        "typeCast": None,
        "cohorts": cohorts,
        "isHidden": False,
    }


def _frequency_clause(item: GroupBy, group: str | None) -> dict[str, Any]:
    event = item.frequency_of
    size, low, high = item.frequency_buckets()
    behavior = {
        "aggregationOperator": "total",
        "event": {"label": event, "value": event},
        "behaviorType": "$frequency",
        "filters": list[Any](),
        "filtersOperator": "and",
        "dateRange": None,
    }
    return {
        "dataset": DATASET,
        "behavior": behavior,
        "value": item.label or f"{event} Frequency",
        "resourceType": "people",
        "propertyType": "number",
        "dataGroupId": group,
        "customBucket": {"bucketSize": size, "min": low, "max": high, "disabled": False},
    }


def bucket_problems(items: Sequence[str | GroupBy]) -> Iterator[Problem]:
    """What is wrong with the buckets of breakdowns by property."""
    for path, item in numbered("group_by", items):
        if isinstance(item, GroupBy) and item.kind() == "property":
            yield from _bucket_problems(item, path)


def _bucket_problems(item: GroupBy, path: str) -> Iterator[Problem]:
    bounds = (item.bucket_min, item.bucket_max)
    numbers = [number for number in (item.bucket_size, *bounds) if number is not None]
    if not all(map(math.isfinite, numbers)):
        yield Problem("V24_BUCKET_NOT_FINITE", path, "Bucket numbers must be finite.")
    if item.bucket_size is None:
        if numbers:
            message = "bucket_min and bucket_max need bucket_size."
            yield Problem("V11_BUCKET_REQUIRES_SIZE", path, message)
        return
    if item.property_type != "number":
        message = f'Buckets need property_type "number", got {item.property_type!r}.'
        yield Problem("V12B_BUCKET_REQUIRES_NUMBER", path, message)
    if None in bounds:
        message = "bucket_size needs both bucket_min and bucket_max."
        yield Problem("V12C_BUCKET_REQUIRES_BOUNDS", path, message)


def group_problems(items: Sequence[str | GroupBy]) -> Iterator[Problem]:
    """What is wrong with custom properties to break down by."""
    for path, item in numbered("group_by", items):
        if isinstance(item, GroupBy):
            yield from custom_property_problems(item.property, path)
