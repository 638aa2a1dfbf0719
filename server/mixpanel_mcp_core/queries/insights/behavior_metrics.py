"""Metrics of an insights query that are a funnel or a retention of their own."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.custom_properties import PropertySpec
from mixpanel_mcp_core.queries.funnels.behavior import FunnelBehavior
from mixpanel_mcp_core.queries.measures import FUNNEL_NEEDS_PROPERTY, FUNNEL_TAKES_NO_PROPERTY
from mixpanel_mcp_core.queries.retention.behavior import RetentionBehavior
from mixpanel_mcp_core.queries.term import Term
from mixpanel_mcp_core.queries.vocabulary import FunnelMathType, RetentionMathType
from mixpanel_mcp_core.queries.words import JudgedWhole, is_whole, judged_later

_BehaviorT = TypeVar("_BehaviorT", FunnelBehavior, RetentionBehavior)
_RETENTION_NEEDS_PROPERTY = ("average",)
_RETENTION_TAKES_NO_PROPERTY = ("retention_rate", "unique")


def _own_or_saved(kind: type[_BehaviorT]) -> PlainValidator:
    def read(value: Any) -> _BehaviorT | BehaviorRef:
        if isinstance(value, Mapping) and "behavior_id" in value:
            return BehaviorRef.model_validate(value)
        return value if isinstance(value, BehaviorRef) else kind.model_validate(value)

    return PlainValidator(read)


class FunnelMetric(Term):
    """The conversion of a funnel, as one line of the chart."""

    funnel: Annotated[FunnelBehavior | BehaviorRef, _own_or_saved(FunnelBehavior)]
    math: Annotated[FunnelMathType, judged_later] = "conversion_rate_unique"
    property: PropertySpec | None = None
    step_index: JudgedWhole = None
    label: str | None = None

    def guard(self) -> None:
        """The funnel, then math and property, then the step."""
        self.funnel.guard_at("funnel")
        if isinstance(self.funnel, BehaviorRef):
            self.funnel.guard_type("funnel")
        if self.math in FUNNEL_NEEDS_PROPERTY and self.property is None:
            message = f'math {self.math!r} needs property, e.g. "amount".'
            raise ParamValidationError(message, code="F10_MATH_MISSING_PROPERTY")
        if self.math in FUNNEL_TAKES_NO_PROPERTY and self.property is not None:
            message = f'math {self.math!r} takes no property; choose e.g. "average".'
            raise ParamValidationError(message, code="F11_MATH_REJECTS_PROPERTY")
        guard_index("step_index", self.step_index, "MT4_INVALID_INDEX")


class RetentionMetric(Term):
    """The retention of one bucket, as one line of the chart."""

    retention: Annotated[RetentionBehavior | BehaviorRef, _own_or_saved(RetentionBehavior)]
    math: Annotated[RetentionMathType, judged_later] = "retention_rate"
    bucket_index: JudgedWhole = None
    retention_cumulative: bool = False
    property: PropertySpec | None = None
    label: str | None = None

    def guard(self) -> None:
        """The retention, then math and property, then the bucket."""
        self.retention.guard_at("retention")
        if isinstance(self.retention, BehaviorRef):
            self.retention.guard_type("retention")
        if self.math in _RETENTION_NEEDS_PROPERTY and self.property is None:
            message = f'math {self.math!r} needs property, e.g. "amount".'
            raise ParamValidationError(message, code="BH3_PROPERTY_MATH")
        if self.math in _RETENTION_TAKES_NO_PROPERTY and self.property is not None:
            message = f'math {self.math!r} takes no property; choose "average".'
            raise ParamValidationError(message, code="BH3_PROPERTY_MATH")
        guard_index("bucket_index", self.bucket_index, "MT4_INVALID_INDEX")


def guard_index(field: str, value: Any, code: str) -> None:
    """Raise ParamValidationError for a place that is no whole number from 0."""
    if value is not None and not (is_whole(value) and value >= 0):
        raise ParamValidationError(f"{field} counts from 0, got {value!r}.", code=code)
