"""JSON inside params: Mixpanel's profile endpoints take lists and cohorts as text."""

import json
from typing import Any

from mixpanel_mcp_core.queries.cohorts import CohortDefinition
from mixpanel_mcp_core.queries.filter_clauses import cohort_identification


def json_text(value: Any) -> str:
    """A value as JSON, spaced and escaped as the reference client sends it.

    Raises TypeError or ValueError for what JSON cannot hold.
    """
    return json.dumps(value, allow_nan=False)


def cohort_text(cohort: int | CohortDefinition | None) -> str:
    """`filter_by_cohort`: the id of a saved cohort, or a definition."""
    return json_text(cohort_identification(cohort))


def is_writable(cohort: int | CohortDefinition | None) -> bool:
    """Whether JSON can hold all the values that a definition compares with."""
    try:
        return bool(cohort_text(cohort))
    except (TypeError, ValueError):
        return False
