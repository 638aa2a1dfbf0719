"""The rules on the arguments of a query on profiles, in the order of their report."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from mixpanel_mcp_core.queries.dates import is_real_day
from mixpanel_mcp_core.queries.filters import FILTER_FORM
from mixpanel_mcp_core.queries.names import is_blank
from mixpanel_mcp_core.queries.problems import Problem

from .query import MOST_WORKERS, UserPlan
from .reading import Misfit
from .texts import is_writable


def where_problems(plan: UserPlan) -> Iterator[Problem]:
    """What makes `where` no conditions at all; reported before, and instead of, all else."""
    if isinstance(plan.where, Misfit):
        message = f"{FILTER_FORM} Or the text of one raw selector. Got {plan.where}."
        yield Problem("U9", "where", message)


def user_problems(plan: UserPlan) -> Iterator[Problem]:
    """Everything that is wrong with the arguments."""
    return chain(
        _identity_problems(plan),
        _misfit_problems(plan),
        _second_cohort_problems(plan),
        limit_problems(plan.limit),
        _emptiness_problems(plan),
        _moment_problems(plan.as_of, plan.today),
        _everyone_problems(plan),
        _property_problems(plan),
        _output_problems(plan),
        _cohort_filter_problems(plan),
        _aggregate_problems(plan),
        _segment_problems(plan),
        _percentile_problems(plan),
        _mode_problems(plan),
        workers_problems(plan.workers),
        _definition_problems(plan),
    )


def limit_problems(limit: int | None) -> Iterator[Problem]:
    """A limit that would return nobody."""
    if limit is not None and limit <= 0:
        message = f"limit must be a positive number of profiles, or null for all, got {limit}."
        yield Problem("U3", "limit", message)


def workers_problems(workers: int) -> Iterator[Problem]:
    """More pages at once than Mixpanel allows, or none."""
    if not 1 <= workers <= MOST_WORKERS:
        message = f"workers must be from 1 to {MOST_WORKERS}, got {workers}."
        yield Problem("U23", "workers", message)


def _identity_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.distinct_id is not None and plan.distinct_ids is not None:
        message = "Give either distinct_id, for one user, or distinct_ids, for several."
        yield Problem("U1", "distinct_id", message)


def _misfit_problems(plan: UserPlan) -> Iterator[Problem]:
    for index, condition in enumerate(plan.conditions()):
        if isinstance(condition, Misfit):
            message = f"{FILTER_FORM} Got {condition}."
            yield Problem("U0", f"where[{index}]", message)


def _second_cohort_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.cohort is not None and plan.cohorts_of("in_cohort"):
        message = "Name the cohort either here or in an in_cohort filter, not both."
        yield Problem("U2", "cohort", message)


def _emptiness_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.distinct_ids is not None and not plan.distinct_ids:
        message = 'distinct_ids must name a user, e.g. ["user-1"]; leave it out for all users.'
        yield Problem("U4", "distinct_ids", message)
    if plan.sort_by is not None and is_blank(plan.sort_by):
        yield Problem("U5", "sort_by", 'sort_by must be the name of a property, e.g. "ltv".')


def _moment_problems(as_of: str | int | None, today: date) -> Iterator[Problem]:
    if not isinstance(as_of, str):
        return
    if not is_real_day(as_of):
        message = f"as_of {as_of!r} must be a day, written YYYY-MM-DD, e.g. 2025-01-31."
        yield Problem("U6", "as_of", message)
    elif date.fromisoformat(as_of) > today:
        message = f"as_of must not be in the future: {as_of} is after today, {today}."
        yield Problem("U8", "as_of", message)


def _everyone_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.include_all_users and plan.cohort is None and not plan.cohorts_of("in_cohort"):
        message = "include_all_users needs a cohort, whose users without a profile it adds."
        yield Problem("U7", "include_all_users", message)


def _property_problems(plan: UserPlan) -> Iterator[Problem]:
    named = [(path, each.property) for path, each in plan.filters() if each.property is not None]
    for path, name in named:
        if isinstance(name, str) and is_blank(name):
            message = 'property must be a name, e.g. "plan".'
            yield Problem("U10", f"{path}._property", message)
    for path, name in named:
        if not isinstance(name, str):
            message = "Profiles are filtered by the plain name of a property, not a custom one."
            yield Problem("U25", f"{path}._property", message)


def _output_problems(plan: UserPlan) -> Iterator[Problem]:
    names = plan.output_properties
    if names is not None and not names:
        message = 'output_properties must name a property, e.g. ["$email"]; leave it out for all.'
        yield Problem("U29", "properties", message)
    for index, name in enumerate(names or ()):
        if is_blank(name):
            message = 'output_properties holds a name without text; write e.g. "$email".'
            yield Problem("U11", f"properties[{index}]", message)


def _cohort_filter_problems(plan: UserPlan) -> Iterator[Problem]:
    for path, each in plan.filters():
        if each.operator == "not_in_cohort":
            message = "Profiles can be asked for in a cohort only; save the opposite cohort."
            yield Problem("U12", path, message)
    if (count := len(plan.cohorts_of("in_cohort"))) > 1:
        message = f"At most one in_cohort filter, got {count}; save a cohort that unites them."
        yield Problem("U13", "where", message)


def _aggregate_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.mode != "aggregate":
        return
    path, has_property = "aggregate_property", plan.aggregate_property is not None
    if plan.aggregate != "count" and not has_property:
        message = f'aggregate {plan.aggregate!r} needs aggregate_property, e.g. "ltv".'
        yield Problem("U14", path, message)
    if plan.aggregate == "count" and has_property:
        message = 'aggregate "count" takes no aggregate_property; choose e.g. "extremes".'
        yield Problem("U15", path, message)


def _segment_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.segment_by is not None and plan.mode != "aggregate":
        yield Problem("U16", "segment_by", 'segment_by needs mode "aggregate".')
    for index, cohort in enumerate(plan.segment_by or ()):
        if cohort <= 0:
            message = f"The id of a saved cohort is a positive number, got {cohort}."
            yield Problem("U17", f"segment_by[{index}]", message)


def _percentile_problems(plan: UserPlan) -> Iterator[Problem]:
    path, value = "percentile", plan.percentile
    if plan.mode == "aggregate":
        if plan.aggregate == "percentile" and value is None:
            yield Problem("U26", path, 'aggregate "percentile" needs percentile, e.g. 95.')
        if plan.aggregate != "percentile" and value is not None:
            message = f'percentile is for aggregate "percentile", not {plan.aggregate!r}.'
            yield Problem("U27", path, message)
    if value is not None and not 0 < value < 100:
        message = f"percentile must be above 0 and below 100, got {value}."
        yield Problem("U28", path, message)


def _mode_problems(plan: UserPlan) -> Iterator[Problem]:
    if plan.mode == "profiles":
        return
    given = {
        "U18": ("parallel", plan.parallel or None),
        "U19": ("sort_by", plan.sort_by),
        "U20": ("search", plan.search),
        "U21": ("distinct_id", _either(plan.distinct_id, plan.distinct_ids)),
        "U22": ("properties", plan.output_properties),
        "U30": ("as_of", plan.as_of),
    }
    for code, (path, value) in given.items():
        if value is not None:
            name = {"properties": "output_properties"}.get(path, path)
            yield Problem(code, path, f'{name} is for mode "profiles"; set it, or leave this out.')


def _either(first: object, second: object) -> object:
    return second if first is None else first


def _definition_problems(plan: UserPlan) -> Iterator[Problem]:
    if not is_writable(plan.cohort):
        message = "The cohort compares with a value that JSON cannot hold."
        yield Problem("U24", "cohort", message)
