"""The arguments of a funnel query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Required

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.queries.behaviors import BehaviorRef
from mixpanel_mcp_core.queries.query import EventPlan, EventQuery, Limited
from mixpanel_mcp_core.queries.term import guard_each
from mixpanel_mcp_core.queries.vocabulary import (
    ConversionWindowUnit,
    FunnelMathType,
    FunnelMode,
    FunnelOrder,
    FunnelReentryMode,
)
from mixpanel_mcp_core.queries.words import JudgedWhole, closed, judged_later

from .behavior import DEFAULT_WINDOW
from .steps import (
    Exclusion,
    Exclusions,
    FunnelStep,
    HoldingConstant,
    HoldingConstants,
    Steps,
)


class _Steps(TypedDict):
    steps: Required[
        Annotated[
            Steps,
            Field(description='Events in order, at least two, e.g. {"event": "Signup"}'),
        ]
    ]


@with_config(ConfigDict(extra="forbid"))
class FunnelQuery(_Steps, EventQuery, total=False):
    """How many users go from step to step, and how long it takes them."""

    conversion_window: Annotated[
        JudgedWhole | None,
        Field(description="Time to finish all steps, in conversion_window_unit, default 14"),
    ]
    conversion_window_unit: Annotated[
        Annotated[ConversionWindowUnit, judged_later] | None,
        Field(description="Unit of conversion_window, default day"),
    ]
    order: Annotated[
        Annotated[FunnelOrder, closed(FunnelOrder)] | None,
        Field(description="loose: in this order; any: in any order; default loose"),
    ]
    math: Annotated[
        Annotated[FunnelMathType, judged_later] | None,
        Field(description="What to compute, default conversion_rate_unique"),
    ]
    math_property: Annotated[
        str | None, Field(description='Property for average, sum and so on, e.g. "amount"')
    ]
    exclusions: Annotated[
        Exclusions | None, Field(description="Events that drop a user between two steps")
    ]
    holding_constant: Annotated[
        HoldingConstants | None,
        Field(description="Properties with the same value in all steps, at most 3"),
    ]
    mode: Annotated[
        Annotated[FunnelMode, closed(FunnelMode)] | None,
        Field(description="Steps, trend over time, or table; default steps"),
    ]
    reentry_mode: Annotated[
        Annotated[FunnelReentryMode, judged_later] | None,
        Field(description="How users may enter again, e.g. basic"),
    ]


@with_config(ConfigDict(extra="forbid"))
class FunnelQueryWithLimit(FunnelQuery, Limited, total=False):
    """A funnel query to run, not only to compile."""


@dataclass(frozen=True, kw_only=True)
class FunnelPlan(EventPlan):
    """A funnel query with its defaults filled in."""

    steps: list[FunnelStep] | BehaviorRef
    conversion_window: Any = DEFAULT_WINDOW
    conversion_window_unit: str = "day"
    order: str = "loose"
    math: str = "conversion_rate_unique"
    math_property: str | None = None
    exclusions: Sequence[Exclusion] = ()
    holding_constant: Sequence[HoldingConstant] = ()
    mode: str = "steps"
    reentry_mode: str | None = None

    @property
    def funnel_steps(self) -> Sequence[FunnelStep]:
        """The steps; a saved funnel shows none."""
        return [] if isinstance(self.steps, BehaviorRef) else self.steps

    def guard(self) -> None:
        """Raise ParamValidationError for the first object that cannot be."""
        if isinstance(self.steps, BehaviorRef):
            self.steps.guard_at("steps")
        guard_each("steps", self.funnel_steps)
        super().guard()
        guard_each("exclusions", self.exclusions)
        guard_each("holding_constant", self.holding_constant)
