"""What an insights query measures: events, cohorts, and formulas over them."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.cohorts import Cohort, CohortDefinition, guard_cohort
from mixpanel_mcp_core.queries.custom_properties import PropertySpec
from mixpanel_mcp_core.queries.filters import Combinator, Filters
from mixpanel_mcp_core.queries.measures import NEEDS_PROPERTY
from mixpanel_mcp_core.queries.names import guard_event, is_blank
from mixpanel_mcp_core.queries.problems import Problem, refuse
from mixpanel_mcp_core.queries.term import Term
from mixpanel_mcp_core.queries.unbuilt import Unbuilt
from mixpanel_mcp_core.queries.vocabulary import MathType, PerUserAggregation, SegmentMethod
from mixpanel_mcp_core.queries.words import Number, judged_later


def _read_event_name(value: Any) -> str | Unbuilt:
    if isinstance(value, str | Unbuilt):
        return value
    if isinstance(value, Mapping | list):
        return Unbuilt("A metric of several, custom or saved events")
    message = f"Expected the name of an event, got {value!r}."
    raise ParamValidationError(message, code="MT5_INVALID_EVENT_TYPE")


EventName = Annotated[str | Unbuilt, PlainValidator(_read_event_name, json_schema_input_type=str)]


class Metric(Term):
    """One event with its own aggregation and filters."""

    event: EventName = Field(description='Event name, e.g. "Purchase"')
    math: Annotated[MathType, judged_later] = Field(
        default="total", description='Aggregation; "total" counts, or sums property'
    )
    property: PropertySpec | None = Field(
        default=None, description='Property to aggregate, e.g. "amount"'
    )
    per_user: Annotated[PerUserAggregation, judged_later] | None = Field(
        default=None, description="Aggregate per user first; needs property"
    )
    percentile_value: Number | None = Field(
        default=None, description='For math "percentile", e.g. 95'
    )
    filters: Filters | None = Field(default=None, description="Conditions on this event only")
    filters_combinator: Combinator = Field(
        default="all", description="Whether all or any of the filters must hold"
    )
    segment_method: Annotated[SegmentMethod, judged_later] | None = Field(
        default=None, description='"first" counts only the first event of each user'
    )

    def guard(self) -> None:
        """Its filters, then event name, property, percentile and segment method."""
        for condition in self.filters or ():
            condition.guard()
        if isinstance(self.event, Unbuilt):
            self.event.guard()
        guard_event(self.event)
        if self.math in NEEDS_PROPERTY and self.property is None:
            message = f'math {self.math!r} needs property, e.g. "amount".'
            raise ParamValidationError(message, code="V13_METRIC_MATH_PROPERTY")
        if self.math == "percentile" and self.percentile_value is None:
            message = 'math "percentile" needs percentile_value, e.g. 95.'
            raise ParamValidationError(message, code="V26_PERCENTILE_REQUIRES_VALUE")
        if self.segment_method not in (None, "all", "first"):
            message = f'segment_method must be "all" or "first", got {self.segment_method!r}.'
            raise ParamValidationError(message, code="MT2_INVALID_SEGMENT_METHOD")


class Formula(Term):
    """An expression over the metrics of the query, which it calls A, B, ... in order."""

    formula: str
    label: str | None = None
    metrics: Any = None

    def guard(self) -> None:
        """The expression; operands of its own are recognised, not compiled."""
        if self.metrics is not None:
            Unbuilt("A formula with metrics of its own").guard()
        guard_expression(self.formula)


class CohortMetric(Term):
    """The number of users in a saved cohort."""

    cohort: Cohort
    name: str | None = None

    def guard(self) -> None:
        """Id and label."""
        if isinstance(self.cohort, CohortDefinition):
            message = "A cohort metric needs the id of a saved cohort, not a definition."
            raise ParamValidationError(message, code="CM5_INLINE_COHORT_METRIC")
        guard_cohort(self.cohort, self.name, "CM1", "CM2")


def guard_expression(expression: str) -> None:
    """Raise ParamValidationError for a formula without text."""
    if is_blank(expression):
        message = 'formula must be an expression such as "(B / A) * 100".'
        raise ParamValidationError(message, code="FM1_EMPTY_EXPRESSION")


_UNBUILT = {
    "metric_id": "A saved metric (metric_id)",
    "funnel": "A funnel as a metric",
    "retention": "Retention as a metric",
}
_KINDS: dict[str, type[Term]] = {"formula": Formula, "cohort": CohortMetric}
EventItemValue = str | Metric | CohortMetric | Formula | Unbuilt


def _read_item(value: Any) -> EventItemValue:
    if isinstance(value, str | Term | Unbuilt):
        return cast("EventItemValue", value)
    for key, feature in _UNBUILT.items():
        if key in value:
            return Unbuilt(feature)
    kind = next((_KINDS[key] for key in _KINDS if key in value), Metric)
    return cast("EventItemValue", kind.model_validate(value))


_FORM = 'Expected events such as {"event": "Login", "math": "unique"} or plain names.'
_KINDS_OF_ITEM = (str, Mapping, Term, Unbuilt)


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
    str | Metric | CohortMetric | Formula | Unbuilt,
    PlainValidator(_read_item, json_schema_input_type=Metric),
]
EventItems = Annotated[list[EventItem], BeforeValidator(_read_items)]
