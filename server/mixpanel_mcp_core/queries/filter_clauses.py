"""Filters as they stand on the wire, and the rules that look at them before they go there."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .cohort_clauses import raw_cohort
from .cohorts import CohortDefinition
from .custom_properties import (
    DATASET,
    CustomPropertyRef,
    InlineCustomProperty,
    custom_property_problems,
    inline_clause,
)
from .filters import Filter, FrequencyFilter
from .operators import OPERATORS
from .problems import Problem, numbered


def filter_clauses(conditions: Iterable[Filter | FrequencyFilter] | None) -> list[dict[str, Any]]:
    """One entry for each condition, in order."""
    return [filter_clause(condition) for condition in conditions or ()]


def filter_clause(condition: Filter | FrequencyFilter) -> dict[str, Any]:
    """One condition, keys in wire order."""
    if isinstance(condition, FrequencyFilter):
        return _frequency_clause(condition)
    match OPERATORS[condition.operator].operand:
        case "items":
            return _items_clause(condition)
        case "cohort":
            return _cohort_clause(condition)
        case _:
            return _property_clause(condition)


def with_sentinel(clause: dict[str, Any]) -> dict[str, Any]:
    """Funnels and retention mark a custom property in `sections.filter` with a null `value`."""
    custom = "customPropertyId" in clause or "customProperty" in clause
    return {**clause, "value": None} if custom else clause


def _property_clause(condition: Filter) -> dict[str, Any]:
    spec = condition.property
    kind, resource = OPERATORS[condition.operator].type, str(condition.resource_type)
    if isinstance(spec, InlineCustomProperty):
        kind, resource = spec.property_type or kind, spec.resource_type
    clause = {
        "resourceType": resource,
        "filterType": kind,
        "defaultType": kind,
        "filterValue": condition.operand(),
        "filterOperator": OPERATORS[condition.operator].wire,
        **_identification(spec, kind),
    }
    if OPERATORS[condition.operator].operand == "recent":
        clause["filterDateUnit"] = condition.date_unit
    return clause


def _identification(spec: object, kind: str) -> dict[str, Any]:
    match spec:
        case CustomPropertyRef():
            return {"customPropertyId": spec.custom_property_id, "dataset": DATASET}
        case InlineCustomProperty():
            inline = inline_clause(spec, propertyType=kind, resourceType=spec.resource_type)
            return {"customProperty": inline, "dataset": DATASET}
        case _:
            return {"value": spec}


def _items_clause(condition: Filter) -> dict[str, Any]:
    items = [{**filter_clause(item), "dataset": DATASET} for item in _item_filters(condition)]
    return {
        "dataset": DATASET,
        "value": condition.property,
        "resourceType": condition.resource_type,
        "filterType": "object",
        "defaultType": "object",
        "filterJoinType": "list",
        "listQuantifier": condition.quantifier,
        "listItemFilters": items,
        "filterOperator": "true",
        "filterValue": True,
    }


def _item_filters(condition: Filter) -> Sequence[Filter]:
    if condition.item_filters:
        return condition.item_filters
    return [
        Filter(property=name, operator="equals", value=value, resource_type=condition.resource_type)
        for name, value in (condition.equals or {}).items()
    ]


def _cohort_clause(condition: Filter) -> dict[str, Any]:
    negated = condition.operator == "not_in_cohort"
    cohort = {
        "negated": negated,
        "name": condition.name or "",
        **cohort_identification(condition.cohort),
    }
    return {
        "resourceType": "events",
        "filterType": "list",
        "defaultType": "list",
        "filterValue": [{"cohort": cohort}],
        "filterOperator": OPERATORS[condition.operator].wire,
        "value": "$cohorts",
    }


def cohort_identification(cohort: object) -> dict[str, Any]:
    """The key that tells which cohort: the id of a saved one, or a definition."""
    if isinstance(cohort, CohortDefinition):
        return {"raw_cohort": raw_cohort(cohort, filter_clause)}
    return {"id": cohort}


def _frequency_clause(condition: FrequencyFilter) -> dict[str, Any]:
    event = condition.frequency_of
    behavior = {
        "aggregationOperator": "total",
        "behaviorType": "$frequency",
        "dateRange": _frequency_range(condition),
        "event": {"label": event, "value": event},
        "filters": filter_clauses(condition.event_filters),
        "filtersOperator": "and",
    }
    return {
        "dataset": DATASET,
        "resourceType": "people",
        "profileType": None,
        "search": "",
        "dataGroupId": None,
        "behavior": behavior,
        "filterType": "number",
        "defaultType": "number",
        "filterOperator": condition.operator,
        "filterValue": condition.value,
        "propertyObjectKey": None,
        "value": condition.label or f"{event} Frequency",
    }


def _frequency_range(condition: FrequencyFilter) -> dict[str, Any] | None:
    if condition.date_range_value is None:
        return None
    unit = condition.date_range_unit
    window = {"unit": unit, "value": condition.date_range_value}
    return {"type": "in the last", "unit": unit, "window": window}


def where_problems(conditions: Sequence[Filter | FrequencyFilter]) -> Iterator[Problem]:
    """Custom properties in the filters of a whole query."""
    for path, condition in numbered("where", conditions):
        if isinstance(condition, FrequencyFilter):
            yield from filters_problems(f"{path}.event_filters", condition.event_filters)
        else:
            yield from custom_property_problems(condition.property, path)


def filters_problems(path: str, conditions: Sequence[Filter] | None) -> Iterator[Problem]:
    """Custom properties in the filters of one event; each path has its index."""
    for index, condition in enumerate(conditions or ()):
        yield from custom_property_problems(condition.property, f"{path}[{index}]")
