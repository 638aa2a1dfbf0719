"""The rules on the arguments of a retention query, in the order of their report."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, get_args

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.filter_clauses import filters_problems, where_problems
from mixpanel_mcp_core.queries.group_clauses import group_problems
from mixpanel_mcp_core.queries.groups import GroupBy
from mixpanel_mcp_core.queries.names import has_control_character, is_blank, is_invisible
from mixpanel_mcp_core.queries.problems import Problem, numbered, word_problems
from mixpanel_mcp_core.queries.vocabulary import (
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    TimeUnit,
)
from mixpanel_mcp_core.queries.words import is_whole

from .behavior import RetentionShape
from .events import RetentionEvent
from .query import RetentionPlan

_MOST_BUCKETS = 730
_SAVED_SETTINGS = ("return_event", "retention_unit", "alignment", "bucket_sizes", "unbounded_mode")


def retention_conflicts(plan: RetentionPlan) -> Iterator[Problem]:
    """Several events where one is expected; reported before, and instead of, all else."""
    for path, event in (("born_event", plan.born_event), ("return_event", plan.return_event)):
        if isinstance(event, RetentionEvent) and not isinstance(event.event, str):
            message = f"{path} is one event; give its name."
            yield Problem(_event_code("EMPTY", path), path, message)


def retention_problems(plan: RetentionPlan) -> Iterator[Problem]:
    """Everything that is wrong with the arguments."""
    if isinstance(plan.born_event, BehaviorRef):
        return _saved_retention_problems(plan, plan.born_event)
    return _own_retention_problems(plan, plan.born_event)


def _own_retention_problems(plan: RetentionPlan, born: RetentionEvent) -> Iterator[Problem]:
    return chain(
        plan.data_group_problems(),
        _event_problems("born_event", born),
        _event_problems("return_event", plan.return_event),
        plan.period_and_bucket_problems(),
        _size_problems(plan.bucket_sizes),
        _unit_problems(plan),
        _word_problems(plan),
        _breakdown_problems(plan.group_by),
        _unbounded_problems(plan),
        where_problems(plan.where),
        event_filter_problems(plan),
    )


def behavior_problems(shape: RetentionShape) -> Iterator[Problem]:
    """What is wrong with the retention of a metric; paths begin inside the metric."""
    return chain(
        _event_problems("born_event", shape.born_event),
        _event_problems("return_event", shape.return_event),
        _size_problems(shape.bucket_sizes),
        _unit_problems(shape),
        _unbounded_problems(shape),
    )


def _saved_retention_problems(plan: RetentionPlan, saved: BehaviorRef) -> Iterator[Problem]:
    return chain(
        plan.data_group_problems(),
        _reference_problems(plan, saved),
        plan.period_and_bucket_problems(),
        _word_problems(plan),
        _breakdown_problems(plan.group_by),
        where_problems(plan.where),
    )


def _reference_problems(plan: RetentionPlan, saved: BehaviorRef) -> Iterator[Problem]:
    if saved.type != "retention":
        message = f'born_event must refer to a behavior of type "retention", got {saved.type!r}.'
        yield Problem("R14_BEHAVIOR_REF_TYPE", "born_event", message)
    for name in plan.moved(_SAVED_SETTINGS):
        message = f"A saved retention behavior has its own {name}; leave it out."
        yield Problem("R15_BEHAVIOR_REF_SETTINGS", name, message)


def _event_problems(path: str, event: str | RetentionEvent | None) -> Iterator[Problem]:
    name = str(event.event) if isinstance(event, RetentionEvent) else event or ""
    if is_blank(name):
        message = f'{path} needs the name of an event, e.g. "Login".'
        yield Problem(_event_code("EMPTY", path), path, message)
    elif has_control_character(name):
        message = f"Event {name!r} must not contain control characters."
        yield Problem(_event_code("CONTROL_CHAR", path), path, message)
    elif is_invisible(name):
        message = f"Event {name!r} must contain a visible character."
        yield Problem(_event_code("INVISIBLE", path), path, message)


def _event_code(fault: str, path: str) -> str:
    rule = "R1" if path == "born_event" else "R2"
    return f"{rule}_{fault}_{path.upper()}"


def _size_problems(sizes: Sequence[Any]) -> Iterator[Problem]:
    singly = [problem for index, size in enumerate(sizes) for problem in _size(size, index)]
    yield from singly
    if len(sizes) > _MOST_BUCKETS:
        message = f"At most {_MOST_BUCKETS} bucket sizes, got {len(sizes)}."
        yield Problem("R5_BUCKET_SIZES_TOO_MANY", "bucket_sizes", message)
    if not singly and any(low >= high for low, high in pairwise(sizes)):
        message = f"Bucket sizes must be ascending without repetition, got {list(sizes)}."
        yield Problem("R6_BUCKET_SIZES_ASCENDING", "bucket_sizes", message)


def _size(size: Any, index: int) -> Iterator[Problem]:
    if not is_whole(size):
        message = f"A bucket size is a whole number such as 7, got {size!r}."
        yield Problem("R5_BUCKET_SIZES_INTEGER", f"bucket_sizes[{index}]", message)
    elif size <= 0:
        message = f"A bucket size must be positive, got {size}."
        yield Problem("R5_BUCKET_SIZES_POSITIVE", "bucket_sizes", message)


def _unit_problems(shape: RetentionShape) -> Iterator[Problem]:
    unit, alignment = shape.retention_unit, shape.alignment
    yield from _unknown("R7_INVALID_RETENTION_UNIT", "retention_unit", unit, TimeUnit)
    yield from _unknown("R8_INVALID_ALIGNMENT", "alignment", alignment, RetentionAlignment)


def _unbounded_problems(shape: RetentionShape) -> Iterator[Problem]:
    if (mode := shape.unbounded_mode) is not None:
        code, path = "R13_INVALID_UNBOUNDED_MODE", "unbounded_mode"
        yield from _unknown(code, path, mode, RetentionUnboundedMode)


def _word_problems(plan: RetentionPlan) -> Iterator[Problem]:
    yield from _unknown("R9_INVALID_MATH", "math", plan.math, RetentionMathType)
    yield from _unknown("R10_INVALID_MODE", "mode", plan.mode, RetentionMode)
    yield from _unknown("R11_INVALID_UNIT", "unit", plan.unit, TimeUnit)


def _unknown(code: str, path: str, word: str, words: Any) -> Iterator[Problem]:
    return word_problems(code, path, word, get_args(words))


def _breakdown_problems(items: Sequence[str | GroupBy]) -> Iterator[Problem]:
    for path, item in numbered("group_by", items):
        if isinstance(item, str) and is_blank(item):
            message = 'group_by must name a property, e.g. "country".'
            yield Problem("R12_EMPTY_GROUP_BY", path, message)
    kinds = {"property" if isinstance(item, str) else item.kind() for item in items}
    if "cohort" in kinds and kinds & {"property", "item"}:
        message = "Retention is broken down by cohorts or by properties, not by both at once."
        yield Problem("CB3_RETENTION_MIXED_BREAKDOWN", "group_by", message)
    yield from group_problems(items)


def event_filter_problems(shape: RetentionShape) -> Iterator[Problem]:
    """Custom properties in the filters of the two events."""
    for path, event in (("born_event", shape.born_event), ("return_event", shape.return_event)):
        if isinstance(event, RetentionEvent):
            yield from filters_problems(f"{path}.filters", event.filters)
