"""The items of `events`: plain names, metrics and formulas, read from what a caller writes."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, PlainValidator

from mixpanel_mcp_core.queries.problems import Problem, refuse
from mixpanel_mcp_core.queries.term import Term

from .formula import Formula
from .kinds import AnyMetric, read_metric
from .metrics import Metric

_FORM = 'Expected events such as {"event": "Login", "math": "unique"} or plain names.'
_KINDS_OF_ITEM = (str, Mapping, Term)


def _read_item(value: Any) -> str | AnyMetric | Formula:
    if isinstance(value, str | Formula):
        return value
    if isinstance(value, Mapping) and "formula" in value:
        return Formula.model_validate(value)
    return read_metric(value)


def _read_items(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and "formula" in value and "metrics" not in value:
        message = "events holds a formula, but no event that it could name."
        refuse([Problem("V0_NO_EVENTS", "events", message)])
    if isinstance(value, _KINDS_OF_ITEM):
        return [value]
    if not isinstance(value, list):
        refuse([_unknown_kind("events", value)])
    items = cast("list[Any]", value)
    refuse(
        _unknown_kind(f"events[{index}]", item)
        for index, item in enumerate(items)
        if not isinstance(item, _KINDS_OF_ITEM)
    )
    return items


def _unknown_kind(path: str, value: object) -> Problem:
    return Problem("V21_INVALID_EVENT_TYPE", path, f"{_FORM} Got {value!r}.")


EventItem = Annotated[
    str | AnyMetric | Formula, PlainValidator(_read_item, json_schema_input_type=Metric)
]
EventItems = Annotated[list[EventItem], BeforeValidator(_read_items)]
