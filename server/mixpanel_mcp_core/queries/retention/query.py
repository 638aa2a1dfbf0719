"""The arguments of a retention query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Required

from pydantic import BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.query import EventPlan, Limited, ReportQuery
from mixpanel_mcp_core.queries.term import one_or_more
from mixpanel_mcp_core.queries.vocabulary import (
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    TimeUnit,
)
from mixpanel_mcp_core.queries.words import JudgedWhole, judged_later

from .events import BornEvent, RetentionEvent, ReturnEvent

_read_sizes = one_or_more(
    (int, float, str), "bucket_sizes", "Expected whole numbers such as [1, 3, 7]."
)


class _Events(TypedDict):
    born_event: Required[
        Annotated[BornEvent, Field(description='What users begin with, e.g. {"event": "Sign Up"}')]
    ]


@with_config(ConfigDict(extra="forbid"))
class RetentionQuery(_Events, ReportQuery, total=False):
    """How many of those who did one event come back to do another."""

    return_event: Annotated[
        ReturnEvent | None,
        Field(description='What they come back for, e.g. {"event": "Login"} or "$any_event"'),
    ]
    retention_unit: Annotated[
        Annotated[TimeUnit, judged_later] | None,
        Field(description="Length of a retention bucket, default week"),
    ]
    alignment: Annotated[
        Annotated[RetentionAlignment, judged_later] | None,
        Field(description="Count from the born event (birth, default) or from calendar units"),
    ]
    bucket_sizes: Annotated[
        Annotated[list[JudgedWhole], BeforeValidator(_read_sizes)] | None,
        Field(description="Own buckets in retention_unit, ascending, e.g. [1, 3, 7, 14]"),
    ]
    unit: Annotated[
        Annotated[TimeUnit, judged_later] | None,
        Field(description="Users who began in the same unit form a cohort, default day"),
    ]
    math: Annotated[
        Annotated[RetentionMathType, judged_later] | None,
        Field(description="What to compute, default retention_rate"),
    ]
    mode: Annotated[
        Annotated[RetentionMode, judged_later] | None,
        Field(description="Curve, trend over time, or table; default curve"),
    ]
    unbounded_mode: Annotated[
        Annotated[RetentionUnboundedMode, judged_later] | None,
        Field(description="carry_back: back in a bucket or later; carry_forward: or earlier"),
    ]
    retention_cumulative: Annotated[
        bool | None, Field(description="Count a user in all buckets after the first return")
    ]


@with_config(ConfigDict(extra="forbid"))
class RetentionQueryWithLimit(RetentionQuery, Limited, total=False):
    """A retention query to run, not only to compile."""


@dataclass(frozen=True, kw_only=True)
class RetentionPlan(EventPlan):
    """A retention query with its defaults filled in."""

    born_event: RetentionEvent | BehaviorRef
    return_event: RetentionEvent | None = None
    retention_unit: str = "week"
    alignment: str = "birth"
    bucket_sizes: Sequence[Any] = ()
    math: str = "retention_rate"
    mode: str = "curve"
    unbounded_mode: str | None = None
    retention_cumulative: bool = False

    def guard(self) -> None:
        """Raise ParamValidationError for the first object that cannot be."""
        self.born_event.guard_at("born_event")
        if self.return_event is not None:
            self.return_event.guard_at("return_event")
        super().guard()
