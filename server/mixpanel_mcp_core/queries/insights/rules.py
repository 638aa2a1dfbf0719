"""The rules on the arguments of an insights query, in the order of their report."""

from collections.abc import Callable, Iterator
from itertools import chain

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.custom_properties import custom_property_problems
from mixpanel_mcp_core.queries.filter_clauses import filters_problems, where_problems
from mixpanel_mcp_core.queries.formulas import formula_problems
from mixpanel_mcp_core.queries.funnels.rules import behavior_problems as funnel_problems
from mixpanel_mcp_core.queries.funnels.rules import step_filter_problems
from mixpanel_mcp_core.queries.group_clauses import group_problems
from mixpanel_mcp_core.queries.measures import (
    needs_per_user,
    needs_percentile,
    needs_property,
    per_user_problems,
    refuses_property,
)
from mixpanel_mcp_core.queries.names import has_control_character, is_blank, is_invisible
from mixpanel_mcp_core.queries.problems import Problem, inside
from mixpanel_mcp_core.queries.retention.rules import behavior_problems as retention_problems
from mixpanel_mcp_core.queries.retention.rules import event_filter_problems

from .behavior_metrics import FunnelMetric, RetentionMetric
from .events import names_of
from .formula import Formula
from .kinds import AnyMetric
from .metrics import CohortMetric, Metric
from .query import InsightsPlan
from .references import MetricRef

_LONGEST_ROLLING = 365


def insights_conflicts(plan: InsightsPlan) -> Iterator[Problem]:
    """What makes the question itself unclear; reported before, and instead of, all else."""
    if plan.formula is not None and any(isinstance(item, Formula) for item in plan.events):
        message = "Give formulas either in events or as formula, not both."
        yield Problem("V4_FORMULA_CONFLICT", "formula", message)


def insights_problems(plan: InsightsPlan) -> Iterator[Problem]:
    """Everything that is wrong with the arguments."""
    lettered = [item.formula for item in plan.formulas() if item.metrics is None]
    return chain(
        plan.data_group_problems(),
        _event_problems(plan),
        _ignored_problems(plan),
        _measure_problems(plan),
        formula_problems(lettered, len(plan.metrics())),
        _rolling_problems(plan),
        plan.period_and_bucket_problems(),
        group_problems(plan.group_by),
        _each_metric(plan, _custom_property_problems),
        _each_metric(plan, _metric_problems),
        _warehouse_problems(plan),
        where_problems(plan.where),
    )


def _event_problems(plan: InsightsPlan) -> Iterator[Problem]:
    if not plan.metrics() and not any(item.metrics is not None for item in plan.formulas()):
        yield Problem("V0_NO_EVENTS", "events", 'events must hold an event, e.g. "Login".')
    for index, item in enumerate(plan.events):
        if isinstance(item, str):
            yield from _name_problems(item, f"events[{index}]")
    yield from _each_metric(plan, _metric_name_problems)


def _each_metric(
    plan: InsightsPlan, rule: Callable[[AnyMetric, str], Iterator[Problem]]
) -> Iterator[Problem]:
    """Apply a rule to the metrics and to the operands of formulas, each with its path."""
    for index, item in enumerate(plan.events):
        path = f"events[{index}]"
        if isinstance(item, Formula):
            for place, operand in enumerate(item.operands()):
                yield from rule(operand, f"{path}.metrics[{place}]")
        elif not isinstance(item, str):
            yield from rule(item, path)


def _metric_name_problems(item: AnyMetric, path: str) -> Iterator[Problem]:
    for name in names_of(item.event) if isinstance(item, Metric) else ():
        yield from _name_problems(name, path)


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


def _ignored_problems(plan: InsightsPlan) -> Iterator[Problem]:
    if not any(isinstance(item, MetricRef) for item in plan.events):
        return
    for name in plan.unused():
        message = f"{name} is for plain event names; a saved metric has its own, or an override."
        yield Problem("V29_QUERY_MEASUREMENT_IGNORED", name, message)


def _metric_problems(item: AnyMetric, path: str) -> Iterator[Problem]:
    match item:
        case Metric():
            math, has_property = item.math, item.property is not None
            yield from refuses_property(math, has_property, "V14_METRIC_REJECTS_PROPERTY", path)
            yield from needs_per_user(math, item.per_user, path)
            yield from per_user_problems(math, item.per_user, has_property, path)
        case FunnelMetric() if not isinstance(item.funnel, BehaviorRef):
            yield from inside(path, funnel_problems(item.funnel, item.math))
        case RetentionMetric() if not isinstance(item.retention, BehaviorRef):
            yield from inside(path, retention_problems(item.retention))
        case _:
            pass


def _warehouse_problems(plan: InsightsPlan) -> Iterator[Problem]:
    if not plan.group_by and not plan.where:
        return
    for index, item in enumerate(plan.events):
        if isinstance(item, MetricRef) and item.type == "warehouse":
            message = "A warehouse metric is not broken down or filtered."
            yield Problem("V28_WAREHOUSE_BREAKDOWN", f"events[{index}]", message, "warning")


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


def _custom_property_problems(item: AnyMetric, path: str) -> Iterator[Problem]:
    if not isinstance(item, CohortMetric):
        yield from custom_property_problems(item.property, path)
    match item:
        case Metric():
            yield from filters_problems(f"{path}.filters", item.filters)
        case FunnelMetric() if not isinstance(item.funnel, BehaviorRef):
            yield from inside(path, step_filter_problems(item.funnel))
        case RetentionMetric() if not isinstance(item.retention, BehaviorRef):
            yield from inside(path, event_filter_problems(item.retention))
        case _:
            pass
