"""The rules on a compiled bookmark, also on one that was written elsewhere.

They see the words that the arguments left open, and parts that a hand-written bookmark lacks.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast, get_args

from .entry_rules import RESOURCE_TYPES, filter_problems, group_problems
from .measures import (
    FUNNEL_MATHS,
    FUNNEL_NEEDS_PROPERTY,
    MATHS,
    NEEDS_PROPERTY,
    PER_USER,
    RETENTION_MATHS,
)
from .problems import Problem, unknown_word, word_problems
from .vocabulary import ChartType
from .words import is_id

Report = Literal["insights", "funnel", "retention"]
Node = Mapping[str, Any]

TIME_UNITS = frozenset(
    [
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "session",
        "hour_of_day",
        "day_of_week",
    ]
)
_RANGES = ("between", "in the last", "since")
BEHAVIOR_TYPES = frozenset(
    [
        "addiction",
        "cohort",
        "custom-event",
        "event",
        "formula",
        "funnel",
        "metric",
        "people",
        "retention",
        "retention-frequency",
        "saved-metric",
        "simple",
        "verified",
    ]
)
_NAMED_BEHAVIORS = ("event", "simple", "custom-event")
_DETERMINERS = ("all", "any")
# The maths of each kind of report, and those of them that a property is aggregated by.
_MEASURES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "insights": (MATHS, NEEDS_PROPERTY),
    "funnel": (FUNNEL_MATHS, FUNNEL_NEEDS_PROPERTY),
    "retention": (RETENTION_MATHS, frozenset()),
}
_PROPERTY_FIX = {"name": "<PROPERTY_NAME>", "type": "number", "resourceType": "events"}
_NAME_FIX = {"value": {"name": "<EVENT_NAME>"}}


def bookmark_problems(params: Node, report: Report) -> Iterator[Problem]:
    """Everything that is wrong with a bookmark: its parts, measurements, period, filters."""
    if "sections" not in params:
        yield Problem("B1_MISSING_SECTIONS", "params", "The bookmark has no sections.")
    if "displayOptions" not in params:
        yield Problem("B2_MISSING_DISPLAY_OPTIONS", "params", "The bookmark has no displayOptions.")
    sections = params.get("sections", {})
    if not isinstance(sections, Mapping):
        yield Problem("B1_MISSING_SECTIONS", "sections", "sections must be an object.")
        return
    if "displayOptions" in params:
        yield from _chart_problems(params["displayOptions"])
    if "sections" in params:
        yield from _section_problems(cast("Node", sections), report)


def _chart_problems(display: Node) -> Iterator[Problem]:
    charts: tuple[str, ...] = get_args(ChartType)
    if "chartType" not in display:
        message = "displayOptions needs a chartType, e.g. 'line'."
        yield Problem("B5_INVALID_CHART_TYPE", "displayOptions", message)
    else:
        place, word = "displayOptions.chartType", display["chartType"]
        yield from word_problems("B5_INVALID_CHART_TYPE", place, word, charts)


def _section_problems(sections: Node, report: Report) -> Iterator[Problem]:
    if "show" not in sections:
        yield Problem("B3_MISSING_SHOW", "sections", "sections has no show.")
    elif not sections["show"]:
        yield Problem("B4_SHOW_EMPTY", "sections.show", "show must hold at least one metric.")
    for index, clause in enumerate(sections.get("show", ())):
        yield from _clause_problems(clause, f"sections.show[{index}]", report)
    for index, entry in enumerate(sections.get("time", ())):
        yield from _time_problems(entry, f"sections.time[{index}]")
    for index, entry in enumerate(sections.get("filter", ())):
        yield from filter_problems(entry, f"sections.filter[{index}]")
    for index, entry in enumerate(sections.get("group", ())):
        yield from group_problems(entry, f"sections.group[{index}]")


def _time_problems(entry: Node, path: str) -> Iterator[Problem]:
    unit, kind = entry.get("unit"), entry.get("dateRangeType")
    if unit is not None:
        yield from word_problems("B12_INVALID_TIME_UNIT", f"{path}.unit", unit, TIME_UNITS)
    if kind is not None and kind not in _RANGES:
        message = f"dateRangeType {kind!r} is not valid. Valid are {', '.join(_RANGES)}."
        place = f"{path}.dateRangeType"
        yield Problem("B13_INVALID_DATE_RANGE_TYPE", place, message, "warning")


def _clause_problems(clause: Node, path: str, report: Report) -> Iterator[Problem]:
    kind = clause.get("type", "metric")
    if kind == "formula":
        yield from _operand_problems(clause.get("referencedMetrics") or (), path, report)
    if kind == "warehouse" and "id" not in clause and "query" not in clause:
        yield Problem("B28_WAREHOUSE_MISSING_ID", path, "A warehouse metric needs its id.")
    if "id" in clause and "behavior" not in clause:
        yield from _reference_problems(clause, path)
    elif kind == "metric":
        yield from _metric_problems(clause, path, report)


def _operand_problems(operands: Any, path: str, report: Report) -> Iterator[Problem]:
    for index, operand in enumerate(cast("list[Node]", operands)):
        place = f"{path}.referencedMetrics[{index}]"
        if "type" not in operand:
            message = 'A metric of a formula needs its type, e.g. "metric".'
            yield Problem("B29_OPERAND_MISSING_TYPE", place, message)
        else:
            yield from _clause_problems(operand, place, report)


def _reference_problems(node: Node, path: str) -> Iterator[Problem]:
    if not is_id(node["id"]):
        message = f"id must be a positive number, got {node['id']!r}."
        yield Problem("B27_INVALID_REFERENCE_ID", f"{path}.id", message)


def _metric_problems(clause: Node, path: str, report: Report) -> Iterator[Problem]:
    behavior = clause.get("behavior")
    if not isinstance(behavior, Mapping):
        yield Problem("B6_MISSING_BEHAVIOR", path, "A metric needs a behavior.")
        return
    node = cast("Node", behavior)
    yield from _behavior_problems(node, f"{path}.behavior")
    kind = node.get("type")
    measured = cast("Report", kind) if kind in ("funnel", "retention") else report
    measurement: Node = clause.get("measurement") or {}
    if kind == "cohort":
        yield from _cohort_problems(node, measurement, path)
    elif "math" in measurement:
        yield from _math_problems(measurement, f"{path}.measurement", measured)
    yield from _per_user_problems(measurement, f"{path}.measurement")
    for index, entry in enumerate(node.get("filters", ())):
        yield from filter_problems(entry, f"{path}.behavior.filters[{index}]")


def _behavior_problems(behavior: Node, path: str) -> Iterator[Problem]:
    kind, by_reference = behavior.get("type"), "id" in behavior and "name" not in behavior
    if kind is not None:
        code = "B7_INVALID_BEHAVIOR_TYPE"
        yield from word_problems(code, f"{path}.type", kind, BEHAVIOR_TYPES, "warning")
    if kind != "cohort" and by_reference:
        yield from _reference_problems(behavior, path)
    elif kind in _NAMED_BEHAVIORS and not behavior.get("name"):
        message = 'The behavior needs the name of an event, e.g. "Login".'
        yield Problem("B8_MISSING_EVENT_NAME", path, message, fix=_NAME_FIX)
    resource = behavior.get("resourceType")
    if kind != "cohort" and resource is not None:
        code, place = "B16_INVALID_RESOURCE_TYPE", f"{path}.resourceType"
        yield from word_problems(code, place, resource, RESOURCE_TYPES, "warning")
    code, place = "B19_INVALID_FILTERS_DETERMINER", f"{path}.filtersDeterminer"
    determiner = behavior.get("filtersDeterminer", "all")
    yield from word_problems(code, place, determiner, _DETERMINERS, "warning")


def _cohort_problems(behavior: Node, measurement: Node, path: str) -> Iterator[Problem]:
    place = f"{path}.behavior"
    if "id" in behavior and not is_id(behavior["id"]):
        message = f"The id of a cohort must be a positive number, got {behavior['id']!r}."
        yield Problem("B22_COHORT_BEHAVIOR_ID", f"{place}.id", message)
    if "id" not in behavior and "raw_cohort" not in behavior:
        message = "A cohort needs its id, or a definition as raw_cohort."
        yield Problem("B22_COHORT_MISSING_IDENTIFIER", place, message)
    if behavior.get("resourceType") != "cohorts":
        message = 'The resourceType of a cohort is "cohorts".'
        yield Problem("B23_COHORT_RESOURCE_TYPE", f"{place}.resourceType", message)
    if measurement.get("math") != "unique":
        message = 'A cohort counts its users: the math is "unique".'
        yield Problem("B24_COHORT_MATH", f"{path}.measurement.math", message)


def _math_problems(measurement: Node, path: str, report: Report) -> Iterator[Problem]:
    valid, needing = _MEASURES[report]
    word = measurement["math"]
    if word not in valid:
        yield unknown_word("B9_INVALID_MATH", f"{path}.math", "math", word, valid)
    elif word in needing and not measurement.get("property"):
        message = f"math {word!r} needs a property."
        yield Problem(
            "B10_MATH_MISSING_PROPERTY", f"{path}.property", message, "warning", fix=_PROPERTY_FIX
        )


def _per_user_problems(measurement: Node, path: str) -> Iterator[Problem]:
    per_user = measurement.get("perUserAggregation")
    if per_user is not None:
        place = f"{path}.perUserAggregation"
        yield from word_problems("B11_INVALID_PER_USER", place, per_user, PER_USER)
