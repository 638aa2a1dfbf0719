"""The rules on the arguments of a funnel query, in the order of their report."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import get_args

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.dates import window_problems
from mixpanel_mcp_core.queries.filter_clauses import filters_problems, where_problems
from mixpanel_mcp_core.queries.group_clauses import group_problems
from mixpanel_mcp_core.queries.measures import FUNNEL_NEEDS_PROPERTY, FUNNEL_TAKES_NO_PROPERTY
from mixpanel_mcp_core.queries.names import is_invisible
from mixpanel_mcp_core.queries.problems import Problem, word_problems
from mixpanel_mcp_core.queries.vocabulary import FunnelReentryMode
from mixpanel_mcp_core.queries.words import is_whole

from .behavior import FunnelShape
from .query import FunnelPlan
from .steps import FunnelStep

LONGEST_WINDOW = {
    "second": 31_708_800,
    "minute": 528_480,
    "hour": 8808,
    "day": 367,
    "week": 52,
    "month": 12,
    "session": 12,
}
_WINDOW_CODES = ("F3_CONVERSION_WINDOW_POSITIVE", "F3_CONVERSION_WINDOW_MAX")
_MOST_STEPS = 100
_MOST_CONSTANTS = 3
_SAVED_SETTINGS = (
    "conversion_window",
    "conversion_window_unit",
    "order",
    "exclusions",
    "holding_constant",
    "reentry_mode",
)


def funnel_problems(plan: FunnelPlan) -> Iterator[Problem]:
    """Everything that is wrong with the arguments."""
    if isinstance(plan.steps, BehaviorRef):
        return _saved_funnel_problems(plan, plan.steps)
    return chain(
        plan.data_group_problems(),
        _step_problems(plan.funnel_steps),
        _window_problems(plan),
        _session_problems(plan, plan.math),
        _property_problems(plan),
        _exclusion_problems(plan),
        _constant_problems(plan),
        plan.period_and_bucket_problems(),
        group_problems(plan.group_by),
        step_filter_problems(plan),
        _reentry_problems(plan),
        where_problems(plan.where),
    )


def behavior_problems(shape: FunnelShape, math: str) -> Iterator[Problem]:
    """What is wrong with the funnel of a metric; paths begin inside the metric."""
    return chain(
        _step_problems(shape.funnel_steps),
        _window_problems(shape),
        _session_problems(shape, math),
        _exclusion_problems(shape),
        _constant_problems(shape),
        _reentry_problems(shape),
    )


def _saved_funnel_problems(plan: FunnelPlan, saved: BehaviorRef) -> Iterator[Problem]:
    return chain(
        plan.data_group_problems(),
        _reference_problems(plan, saved),
        _property_problems(plan),
        plan.period_and_bucket_problems(),
        group_problems(plan.group_by),
        where_problems(plan.where),
    )


def _reference_problems(plan: FunnelPlan, saved: BehaviorRef) -> Iterator[Problem]:
    if saved.type != "funnel":
        message = f'steps must refer to a behavior of type "funnel", got {saved.type!r}.'
        yield Problem("F13_BEHAVIOR_REF_TYPE", "steps", message)
    for name in plan.moved(_SAVED_SETTINGS):
        message = f"A saved funnel has its own {name}; leave it out."
        yield Problem("F14_BEHAVIOR_REF_SETTINGS", name, message)


def _step_problems(steps: Sequence[FunnelStep]) -> Iterator[Problem]:
    if len(steps) < 2:
        message = f"A funnel needs at least two steps, got {len(steps)}."
        yield Problem("F1_MIN_STEPS", "steps", message)
    if len(steps) > _MOST_STEPS:
        message = f"A funnel has at most {_MOST_STEPS} steps, got {len(steps)}."
        yield Problem("F1_MAX_STEPS", "steps", message)
    for index, step in enumerate(steps):
        if not isinstance(step.event, str):
            message = "A step is one event; give its name."
            yield Problem("F2_EMPTY_STEP_EVENT", f"steps[{index}]", message)
        elif is_invisible(step.event):
            message = f"Event {step.event!r} must contain a visible character."
            yield Problem("F2_INVISIBLE_STEP_EVENT", f"steps[{index}]", message)


def _window_problems(shape: FunnelShape) -> Iterator[Problem]:
    path, unit = "conversion_window", shape.conversion_window_unit
    if is_whole(shape.conversion_window):
        yield from window_problems(shape.conversion_window, unit, LONGEST_WINDOW, _WINDOW_CODES)
    else:
        message = f"{path} is a whole number such as 7, got {shape.conversion_window!r}."
        yield Problem("F3_CONVERSION_WINDOW_TYPE", path, message)
    yield from word_problems(
        "F7_INVALID_WINDOW_UNIT", "conversion_window_unit", unit, LONGEST_WINDOW
    )
    if unit == "second" and shape.conversion_window == 1:
        message = "conversion_window is at least 2 for unit 'second'."
        yield Problem("F7_SECOND_MIN_WINDOW", path, message, suggestion=("2",))


def _session_problems(shape: FunnelShape, math: str) -> Iterator[Problem]:
    in_sessions = shape.conversion_window_unit == "session"
    if math == "conversion_rate_session":
        if not in_sessions:
            message = 'math "conversion_rate_session" needs conversion_window_unit "session".'
            yield Problem("F9_SESSION_MATH_REQUIRES_SESSION_WINDOW", "math", message)
    elif in_sessions and shape.conversion_window != 1:
        message = 'With conversion_window_unit "session" and this math, conversion_window is 1.'
        yield Problem("F9_SESSION_WINDOW_REQUIRES_ONE", "conversion_window", message)


def _property_problems(plan: FunnelPlan) -> Iterator[Problem]:
    path, has_property = "math_property", plan.math_property is not None
    if plan.math in FUNNEL_NEEDS_PROPERTY and not has_property:
        message = f'math {plan.math!r} needs math_property, e.g. "amount".'
        yield Problem("F10_MATH_MISSING_PROPERTY", path, message)
    if plan.math in FUNNEL_TAKES_NO_PROPERTY and has_property:
        message = f'math {plan.math!r} takes no math_property; choose e.g. "average".'
        yield Problem("F11_MATH_REJECTS_PROPERTY", path, message)


def _exclusion_problems(shape: FunnelShape) -> Iterator[Problem]:
    steps = len(shape.funnel_steps)
    for index, exclusion in enumerate(shape.exclusions):
        path, start, end = f"exclusions[{index}]", exclusion.from_step, exclusion.to_step
        if end is not None and end <= start:
            message = f"to_step {end} must be after from_step {start}."
            yield Problem("F4_EXCLUSION_STEP_ORDER", path, message)
        for name, step in (("to_step", end), ("from_step", start)):
            if step is not None and step >= steps:
                message = f"{name} {step} must be below the number of steps, {steps}."
                yield Problem("F4_EXCLUSION_STEP_BOUNDS", path, message)


def _constant_problems(shape: FunnelShape) -> Iterator[Problem]:
    count = len(shape.holding_constant)
    if count > _MOST_CONSTANTS:
        message = f"At most {_MOST_CONSTANTS} properties can be held constant, got {count}."
        yield Problem("F8_MAX_HOLDING_CONSTANT", "holding_constant", message)


def step_filter_problems(shape: FunnelShape) -> Iterator[Problem]:
    """Custom properties in the filters of the steps."""
    for index, step in enumerate(shape.funnel_steps):
        yield from filters_problems(f"steps[{index}].filters", step.filters)


def _reentry_problems(shape: FunnelShape) -> Iterator[Problem]:
    if (mode := shape.reentry_mode) is not None:
        valid = get_args(FunnelReentryMode)
        yield from word_problems("F12_INVALID_REENTRY_MODE", "reentry_mode", mode, valid)
