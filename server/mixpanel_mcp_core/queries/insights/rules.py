"""The rules on the arguments of an insights query, in the order of their report."""

from collections.abc import Iterator
from itertools import chain

from mixpanel_mcp_core.queries.custom_properties import custom_property_problems
from mixpanel_mcp_core.queries.filter_clauses import filters_problems, where_problems
from mixpanel_mcp_core.queries.formulas import formula_problems
from mixpanel_mcp_core.queries.group_clauses import group_problems
from mixpanel_mcp_core.queries.measures import (
    needs_per_user,
    needs_percentile,
    needs_property,
    per_user_problems,
    refuses_property,
)
from mixpanel_mcp_core.queries.names import has_control_character, is_blank, is_invisible
from mixpanel_mcp_core.queries.problems import Problem

from .metrics import Formula, Metric
from .query import InsightsPlan

_LONGEST_ROLLING = 365


def insights_conflicts(plan: InsightsPlan) -> Iterator[Problem]:
    """What makes the question itself unclear; reported before, and instead of, all else."""
    if plan.formula is not None and any(isinstance(item, Formula) for item in plan.events):
        message = "Give formulas either in events or as formula, not both."
        yield Problem("V4_FORMULA_CONFLICT", "formula", message)


def insights_problems(plan: InsightsPlan) -> Iterator[Problem]:
    """Everything that is wrong with the arguments."""
    expressions = [item.formula for item in plan.formulas()]
    return chain(
        plan.data_group_problems(),
        _event_problems(plan),
        _measure_problems(plan),
        formula_problems(expressions, len(plan.metrics())),
        _rolling_problems(plan),
        plan.period_and_bucket_problems(),
        group_problems(plan.group_by),
        _custom_property_problems(plan),
        _metric_problems(plan),
        where_problems(plan.where),
    )


def _event_problems(plan: InsightsPlan) -> Iterator[Problem]:
    if not plan.metrics():
        yield Problem("V0_NO_EVENTS", "events", 'events must hold an event, e.g. "Login".')
    for index, item in enumerate(plan.events):
        if isinstance(item, str):
            yield from _name_problems(item, f"events[{index}]")
        elif isinstance(item, Metric) and isinstance(item.event, str):
            yield from _name_problems(item.event, f"events[{index}]")


def _name_problems(name: str, path: str) -> Iterator[Problem]:
    if is_blank(name):
        yield Problem("V17_EMPTY_EVENT", path, 'An event needs a name, e.g. "Login".')
    elif has_control_character(name):
        message = f"Event {name!r} must not contain control characters."
        yield Problem("V22_CONTROL_CHAR_EVENT", path, message)
    elif is_invisible(name):
        message = f"Event {name!r} must contain a visible character."
        yield Problem("V22_INVISIBLE_EVENT", path, message)


def _measure_problems(plan: InsightsPlan) -> Iterator[Problem]:
    if not any(isinstance(item, str) for item in plan.events):
        return
    math, has_property = plan.math, plan.math_property is not None
    yield from needs_property(math, has_property, "V1_MATH_REQUIRES_PROPERTY", "math")
    yield from refuses_property(math, has_property, "V2_MATH_REJECTS_PROPERTY", "math_property")
    yield from needs_percentile(math, plan.percentile_value, "percentile_value")
    yield from needs_per_user(math, plan.per_user, "per_user")
    yield from per_user_problems(math, plan.per_user, has_property, "per_user")


def _metric_problems(plan: InsightsPlan) -> Iterator[Problem]:
    for index, item in enumerate(plan.events):
        if not isinstance(item, Metric):
            continue
        path, math, has_property = f"events[{index}]", item.math, item.property is not None
        yield from refuses_property(math, has_property, "V14_METRIC_REJECTS_PROPERTY", path)
        yield from needs_per_user(math, item.per_user, path)
        yield from per_user_problems(math, item.per_user, has_property, path)


def _rolling_problems(plan: InsightsPlan) -> Iterator[Problem]:
    rolling = plan.rolling
    if rolling is None:
        return
    if plan.cumulative:
        message = "Choose either rolling or cumulative."
        yield Problem("V5_ROLLING_CUMULATIVE_EXCLUSIVE", "rolling", message)
    if rolling <= 0:
        yield Problem("V6_ROLLING_POSITIVE", "rolling", f"rolling must be > 0, got {rolling}.")
    if rolling > _LONGEST_ROLLING:
        message = f"rolling must be at most {_LONGEST_ROLLING}, got {rolling}."
        yield Problem("V23_ROLLING_TOO_LARGE", "rolling", message)


def _custom_property_problems(plan: InsightsPlan) -> Iterator[Problem]:
    for index, item in enumerate(plan.events):
        if isinstance(item, Metric):
            yield from custom_property_problems(item.property, f"events[{index}]")
            yield from filters_problems(f"events[{index}].filters", item.filters)
