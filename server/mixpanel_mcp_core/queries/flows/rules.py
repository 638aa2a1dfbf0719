"""The rules on the arguments of a flow query, in the order of their report."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import get_args

from mixpanel_mcp_core.queries.dates import time_problems, window_problems
from mixpanel_mcp_core.queries.filter_clauses import filters_problems, where_problems
from mixpanel_mcp_core.queries.names import has_control_character, is_invisible
from mixpanel_mcp_core.queries.problems import Problem, word_problems
from mixpanel_mcp_core.queries.suggestions import offer
from mixpanel_mcp_core.queries.vocabulary import (
    FiltersCombinator,
    FlowCountType,
    FlowMode,
    FlowWindowUnit,
)
from mixpanel_mcp_core.queries.words import is_whole

from .query import FlowPlan
from .steps import FlowStep

LONGEST_WINDOW = {"day": 366, "week": 52, "month": 12}
_WINDOW_CODES = ("FL7_CONVERSION_WINDOW_POSITIVE", "FL7_CONVERSION_WINDOW_MAX")
_MOST_EVENTS = 50
_COMBINATORS: tuple[str, ...] = get_args(FiltersCombinator)


def form_problems(plan: FlowPlan) -> Iterator[Problem]:
    """What is of the wrong form; reported before, and instead of, all else."""
    if not plan.event:
        message = 'A flow needs an event to start from, e.g. "Login".'
        return iter([Problem("FL1_EMPTY_STEPS", "steps", message)])
    steps = list(enumerate(plan.steps()))
    return chain(
        _direction_problems(plan.forward, plan.reverse),
        *(_step_form_problems(step, f"steps[{index}]") for index, step in steps),
        *(_filter_name_problems(step, f"steps[{index}].filters") for index, step in steps),
        _hidden_event_problems(plan.hidden_events),
    )


def flow_problems(plan: FlowPlan) -> Iterator[Problem]:
    """Everything that is wrong with the arguments, once each has its form."""
    return chain(
        plan.data_group_problems(),
        _step_problems(plan.steps()),
        _cardinality_problems(plan.cardinality),
        window_problems(
            plan.conversion_window, plan.conversion_window_unit, LONGEST_WINDOW, _WINDOW_CODES
        ),
        _word_problems(plan),
        _session_problems(plan),
        time_problems(plan.from_date, plan.end(), plan.last),
        where_problems(plan.where),
        _custom_property_problems(plan.event),
    )


def _direction_problems(forward: object, reverse: object, place: str = "") -> Iterator[Problem]:
    for name, hops in (("forward", forward), ("reverse", reverse)):
        if not is_whole(hops):
            message = f"{name} must be a whole number of events such as 3, got {hops!r}."
            yield Problem(f"FL_TYPE_{name.upper()}", f"{place}{name}", message)


def _step_form_problems(step: FlowStep, path: str) -> Iterator[Problem]:
    yield from _direction_problems(step.forward, step.reverse, f"{path}.")
    word = step.filters_combinator
    if word not in _COMBINATORS:
        message = f"filters_combinator {word!r} is not valid. {offer(word, _COMBINATORS)}"
        yield Problem("FL_INVALID_FILTERS_COMBINATOR", f"{path}.filters_combinator", message)


def _filter_name_problems(step: FlowStep, path: str) -> Iterator[Problem]:
    for index, condition in enumerate(step.filters or ()):
        name = condition.property
        if isinstance(name, str) and has_control_character(name):
            message = f"Property {name!r} must not contain control characters."
            yield Problem("FL_FILTER_CONTROL_CHAR", f"{path}[{index}]", message)


def _hidden_event_problems(names: Sequence[object]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if not isinstance(name, str):
            message = f'Expected the name of an event, e.g. "Page View", got {name!r}.'
            yield Problem("FL_INVALID_HIDDEN_EVENT_TYPE", f"hidden_events[{index}]", message)


def _step_problems(steps: Sequence[FlowStep]) -> Iterator[Problem]:
    for index, step in enumerate(steps):
        if is_invisible(step.event):
            message = f"Event {step.event!r} must contain a visible character."
            yield Problem("FL2_INVISIBLE_STEP_EVENT", f"steps[{index}]", message)
    if not any(step.forward or step.reverse for step in steps):
        message = "A flow looks forward or back: forward or reverse must be at least 1."
        yield Problem("FL5_NO_DIRECTION", "forward", message)


def _cardinality_problems(cardinality: int) -> Iterator[Problem]:
    if not 1 <= cardinality <= _MOST_EVENTS:
        message = f"cardinality must be 1 to {_MOST_EVENTS} events, got {cardinality}."
        yield Problem("FL6_CARDINALITY_RANGE", "cardinality", message)


def _word_problems(plan: FlowPlan) -> Iterator[Problem]:
    for code, field, words in (
        ("FL_INVALID_COUNT_TYPE", "count_type", FlowCountType),
        ("FL_INVALID_MODE", "mode", FlowMode),
        ("FL_INVALID_WINDOW_UNIT", "conversion_window_unit", FlowWindowUnit),
    ):
        yield from word_problems(code, field, getattr(plan, field), get_args(words))


def _session_problems(plan: FlowPlan) -> Iterator[Problem]:
    in_sessions = plan.conversion_window_unit == "session"
    if plan.count_type == "session" and not in_sessions:
        message = 'count_type "session" needs conversion_window_unit "session".'
        yield Problem("FL9_SESSION_REQUIRES_SESSION_WINDOW", "count_type", message)
    if in_sessions and plan.conversion_window != 1:
        message = 'With conversion_window_unit "session", conversion_window is 1.'
        yield Problem("FL10_SESSION_WINDOW_REQUIRES_ONE", "conversion_window", message)


def _custom_property_problems(steps: Sequence[FlowStep]) -> Iterator[Problem]:
    for index, step in enumerate(steps):
        yield from filters_problems(f"steps[{index}].filters", step.filters)
