"""Queries on profiles: from typed arguments to the params that Mixpanel is asked with."""

import logging
from datetime import UTC, date, datetime
from typing import Any

from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.problems import Problem, refuse

from .param_rules import param_problems
from .query import UserPlan, UserQuery
from .rules import user_problems, where_problems
from .selectors import Inexpressible, dropped_values, property_reference, selector
from .texts import cohort_text, is_writable, json_text

log = logging.getLogger(__name__)


def compile_user(query: UserQuery, *, today: date | None = None) -> dict[str, Any]:
    """The params of a query on profiles, keys in wire order; what was not asked is absent.

    A day later than `today`, by default the local date, has no profiles yet. Raises
    ParamValidationError for the first object that cannot be, BookmarkValidationError
    for all problems of arguments that do not go together.
    """
    plan = UserPlan.of(query, today)
    plan.guard()
    refuse(where_problems(plan))
    refuse(user_problems(plan))
    params = {key: value for key, value in _params(plan).items() if value is not None}
    refuse(param_problems(params))
    return params


def unused_values(query: UserQuery) -> list[str]:
    """The properties whose filters list values that no profile can be compared with."""
    filters = UserPlan.of(query).filters()
    return [str(each.property) for _, each in filters if dropped_values(each)]


def _params(plan: UserPlan) -> dict[str, Any]:
    cohort = _cohort(plan)
    names, ids = plan.output_properties, plan.distinct_ids
    return {
        "where": _where(plan),
        "filter_by_cohort": cohort,
        "output_properties": None if names is None else json_text(names),
        **_order(plan),
        "as_of_timestamp": _timestamp(plan.as_of),
        "distinct_id": plan.distinct_id,
        "distinct_ids": None if ids is None else json_text(ids),
        "data_group_id": plan.group_id,
        "search": plan.search,
        "include_all_users": None if cohort is None else plan.include_all_users,
        **_aggregation(plan),
    }


def _where(plan: UserPlan) -> str | None:
    if isinstance(plan.where, str):
        return plan.where
    terms = [_selector(each) for _, each in plan.filters() if each.operator != "in_cohort"]
    return " and ".join(terms) if terms else None


def _selector(condition: Filter) -> str:
    if dropped := dropped_values(condition):
        log.warning("values that are no text and no number were left out: %r", dropped)
    try:
        return selector(condition)
    except Inexpressible as error:
        refuse([Problem("U_FILTER", "where", f"{condition.property!r}: {error}.")])
        raise


def _cohort(plan: UserPlan) -> str | None:
    for condition in plan.cohorts_of("in_cohort"):
        if not is_writable(condition.cohort):
            message = "The cohort compares with a value that JSON cannot hold."
            refuse([Problem("U_COHORT", "where", message)])
        return cohort_text(condition.cohort)
    return None if plan.cohort is None else cohort_text(plan.cohort)


def _order(plan: UserPlan) -> dict[str, str]:
    if plan.sort_by is None:
        return {}
    return {"sort_key": property_reference(plan.sort_by), "sort_order": plan.sort_order}


def _timestamp(as_of: str | int | None) -> int | None:
    if not isinstance(as_of, str):
        return as_of
    return int(datetime.fromisoformat(as_of).replace(tzinfo=UTC).timestamp())


def _aggregation(plan: UserPlan) -> dict[str, Any]:
    if plan.mode != "aggregate":
        return {}
    cohorts = plan.segment_by
    segments = None if cohorts is None else json_text({str(each): True for each in cohorts})
    return {"action": _action(plan), "segment_by_cohorts": segments}


def _action(plan: UserPlan) -> str:
    if plan.aggregate == "count":
        return "count()"
    name = property_reference(plan.aggregate_property or "")
    if plan.aggregate == "percentile":
        return f"percentile({name}, {plan.percentile})"
    return f"{plan.aggregate}({name})"
