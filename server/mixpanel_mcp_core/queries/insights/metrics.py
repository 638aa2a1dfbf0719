"""The metrics of an insights query that count events or the users of a cohort."""

from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.cohorts import Cohort, CohortDefinition, guard_cohort
from mixpanel_mcp_core.queries.custom_properties import PropertySpec
from mixpanel_mcp_core.queries.filters import Combinator, Filters
from mixpanel_mcp_core.queries.measures import NEEDS_PROPERTY
from mixpanel_mcp_core.queries.term import Term, guard_each
from mixpanel_mcp_core.queries.vocabulary import MathType, PerUserAggregation, SegmentMethod
from mixpanel_mcp_core.queries.words import Number, judged_later

from .events import EventSpec, guard_metric_event


class Metric(Term):
    """One event with its own aggregation and filters."""

    event: EventSpec = Field(description='Event name, e.g. "Purchase"')
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
        """Its filters, then event, property, percentile and segment method."""
        guard_each("filters", self.filters)
        guard_metric_event(self.event, bool(self.filters))
        if self.math in NEEDS_PROPERTY and self.property is None:
            message = f'math {self.math!r} needs property, e.g. "amount".'
            raise ParamValidationError(message, code="V13_METRIC_MATH_PROPERTY")
        if self.math == "percentile" and self.percentile_value is None:
            message = 'math "percentile" needs percentile_value, e.g. 95.'
            raise ParamValidationError(message, code="V26_PERCENTILE_REQUIRES_VALUE")
        guard_segment_method(self.segment_method)


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


def guard_segment_method(word: str | None) -> None:
    """Raise ParamValidationError for a way of counting users in segments that there is not."""
    if word not in (None, "all", "first"):
        message = f'segment_method must be "all" or "first", got {word!r}.'
        raise ParamValidationError(message, code="MT2_INVALID_SEGMENT_METHOD")
