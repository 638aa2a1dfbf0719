"""The rules on a flow's bookmark, whoever built it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast, get_args

from mixpanel_mcp_core.queries.names import is_blank
from mixpanel_mcp_core.queries.problems import Problem, word_problems
from mixpanel_mcp_core.queries.vocabulary import FlowCountType

_CHARTS = ("sankey", "top-paths", "tree")
_VERSION = 2


def flow_bookmark_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong with a flow's bookmark: steps, words, dates, version, numbers."""
    return chain(
        _step_problems(params.get("steps")),
        _word_problems(params),
        _rest_problems(params),
        _finite_problems(params, ""),
    )


def _step_problems(steps: Any) -> Iterator[Problem]:
    if not isinstance(steps, list) or not steps:
        yield Problem("FLB1_EMPTY_STEPS", "steps", "A flow needs a list of at least one step.")
        return
    for index, step in enumerate(cast("list[Any]", steps)):
        event = cast("Mapping[str, Any]", step).get("event") if isinstance(step, Mapping) else None
        if not isinstance(event, str) or is_blank(event):
            message = 'A step needs the name of an event, e.g. "Login".'
            yield Problem("FLB2_EMPTY_STEP_EVENT", f"steps[{index}].event", message)


def _word_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    for code, field, valid in (
        ("FLB3_INVALID_COUNT_TYPE", "count_type", get_args(FlowCountType)),
        ("FLB4_INVALID_CHART_TYPE", "chartType", _CHARTS),
    ):
        if (word := params.get(field)) is not None:
            yield from word_problems(code, field, word, valid)


def _rest_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    if "date_range" not in params:
        message = 'A flow needs date_range, e.g. {"type": "in the last", ...}.'
        yield Problem("FLB5_MISSING_DATE_RANGE", "date_range", message)
    if params.get("version") != _VERSION:
        message = f"version must be {_VERSION}, got {params.get('version')!r}."
        yield Problem("FLB6_INVALID_VERSION", "version", message)


def _finite_problems(value: object, path: str) -> Iterator[Problem]:
    """JSON has no other numbers than finite ones, wherever they stand."""
    if isinstance(value, Mapping):
        for key, each in cast("Mapping[str, object]", value).items():
            yield from _finite_problems(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, each in enumerate(cast("Sequence[object]", value)):
            yield from _finite_problems(each, f"{path}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(
            "B20B_FILTER_VALUE_NOT_FINITE", path, f"A number must be finite, got {value}."
        )
