"""Which levels params are held to, by the type of their report, and saved definitions by kind."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast, get_args

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import definitions_schema

from mixpanel_mcp_core.queries.problems import Problem, unknown_word
from mixpanel_mcp_core.queries.vocabulary import ChartType

from .behaviors import SUB_BEHAVIOR
from .definitions import DEFINITIONS
from .findings import findings
from .kinds import Kind
from .reports import DISPLAY_OPTIONS, FLOW_PARAMS, SECTIONED_PARAMS
from .sections import SECTIONS
from .sorting import SORTING

_WHOLE: Mapping[str, Kind] = {
    "insights": SECTIONED_PARAMS,
    "funnels": SECTIONED_PARAMS,
    "retention": SECTIONED_PARAMS,
    "flows": FLOW_PARAMS,
}
_PARTS: Mapping[str, Kind] = {"sections": SECTIONS, "displayOptions": DISPLAY_OPTIONS}
_CHARTS: tuple[str, ...] = get_args(ChartType)


def schema_problems(params: Mapping[str, Any], report_type: str | None) -> Iterator[Problem]:
    """What is wrong with the shape of params: of `sorting` first, then of the rest.

    Without a type, or with one that has no levels of its own, only the parts that are there are
    looked at: `sections` and `displayOptions`. Charts that nobody knows are warned of.
    """
    rest = dict(params)
    if (sorting := rest.get("sorting")) is not None:
        del rest["sorting"]
        yield from _sorting_problems(sorting)
    if report_type in _WHOLE:
        yield from findings(_validator(report_type), rest)
        return
    for name in _PARTS:
        if name in rest:
            yield from findings(_validator(name), rest[name], name)


def definition_problems(kind: str, definition: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a saved definition: of a metric, formula or warehouse, or a behavior."""
    yield from findings(_validator(kind), definition, "definition")


def _sorting_problems(sorting: object) -> Iterator[Problem]:
    if not isinstance(sorting, Mapping):
        yield Problem("S5_NOT_A_DICT", "sorting", "Expected an object.")
        return
    by_chart = cast("Mapping[str, Any]", sorting)
    for chart in by_chart:
        if chart not in _CHARTS:
            place = f"sorting.{chart}"
            yield unknown_word(
                "S4_UNKNOWN_CHART_TYPE", place, "chart type", chart, _CHARTS, severity="warning"
            )
    known = {chart: config for chart, config in by_chart.items() if chart in _CHARTS}
    yield from findings(_validator("sorting"), known, "sorting", sorting=True)


@cache
def _validator(name: str) -> SchemaValidator:
    kind = {**_WHOLE, **_PARTS, **DEFINITIONS, "sorting": SORTING}[name]
    return SchemaValidator(definitions_schema(kind, [SUB_BEHAVIOR]))
