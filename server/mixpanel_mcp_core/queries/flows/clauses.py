"""Filters on a whole flow as they stand on the wire: one on cohorts, one on properties."""

from collections.abc import Sequence
from typing import Any

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.filter_clauses import cohort_identification, filter_clause
from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.operators import OPERATORS

_ELSEWHERE = ("defaultType", "value")


def where_clauses(conditions: Sequence[Filter]) -> dict[str, Any]:
    """`filter_by_cohort` and `filter_by_event`, each only where there are such filters.

    Raises ParamValidationError for a second cohort, and for custom properties.
    """
    cohorts = [_by_cohort(each) for each in conditions if _is_cohort(each)]
    if len(cohorts) > 1:
        message = f"A flow takes one cohort filter, got {len(cohorts)}."
        raise ParamValidationError(message, code="BB5_FLOW_MULTIPLE_COHORT_FILTERS")
    children = [_by_property(each) for each in conditions if not _is_cohort(each)]
    return {
        **({"filter_by_cohort": cohorts[0]} if cohorts else {}),
        **({"filter_by_event": {"operator": "and", "children": children}} if children else {}),
    }


def _is_cohort(condition: Filter) -> bool:
    return OPERATORS[condition.operator].operand == "cohort"


def _by_cohort(condition: Filter) -> dict[str, Any]:
    return {
        "name": condition.name or "",
        "negated": condition.operator == "not_in_cohort",
        **cohort_identification(condition.cohort),
    }


def _by_property(condition: Filter) -> dict[str, Any]:
    if not isinstance(condition.property, str):
        message = "The filters of a flow take plain property names only, no custom properties."
        raise ParamValidationError(message, code="BB3_FLOW_PROPERTY_FILTER_TYPE")
    clause = filter_clause(condition)
    kept = {key: value for key, value in clause.items() if key not in _ELSEWHERE}
    return {**kept, "propertyName": condition.property}
