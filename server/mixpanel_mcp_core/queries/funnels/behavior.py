"""A funnel as a behavior: its steps, its window, and what ends or splits an attempt.

A funnel query is one, and a metric of an insights query may be one.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from pydantic import PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.behaviors import BehaviorRef, guard_member
from mixpanel_mcp_core.queries.filter_clauses import filter_clauses
from mixpanel_mcp_core.queries.term import Term, guard_each
from mixpanel_mcp_core.queries.vocabulary import (
    ConversionWindowUnit,
    FunnelOrder,
    FunnelReentryMode,
)
from mixpanel_mcp_core.queries.words import JudgedWhole, closed, judged_later

from .steps import Exclusion, Exclusions, FunnelStep, HoldingConstant, HoldingConstants

DEFAULT_WINDOW = 14


class FunnelShape(Protocol):
    """What makes a funnel, in a query of its own or in a metric."""

    @property
    def funnel_steps(self) -> Sequence[FunnelStep]: ...
    @property
    def conversion_window(self) -> Any: ...
    @property
    def conversion_window_unit(self) -> str: ...
    @property
    def order(self) -> str: ...
    @property
    def exclusions(self) -> Sequence[Exclusion]: ...
    @property
    def holding_constant(self) -> Sequence[HoldingConstant]: ...
    @property
    def reentry_mode(self) -> str | None: ...


def _read_step(value: Any) -> str | FunnelStep:
    return value if isinstance(value, str) else FunnelStep.model_validate(value)


class FunnelBehavior(Term):
    """A funnel that a metric measures."""

    steps: list[Annotated[str | FunnelStep, PlainValidator(_read_step)]]
    conversion_window: JudgedWhole = DEFAULT_WINDOW
    conversion_window_unit: Annotated[ConversionWindowUnit, judged_later] = "day"
    order: Annotated[FunnelOrder, closed(FunnelOrder)] = "loose"
    exclusions: Exclusions = []
    holding_constant: HoldingConstants = []
    reentry_mode: Annotated[FunnelReentryMode, judged_later] | None = None

    @property
    def funnel_steps(self) -> Sequence[FunnelStep]:
        """The steps, plain names as steps without conditions."""
        return [FunnelStep(event=step) if isinstance(step, str) else step for step in self.steps]

    def guard(self) -> None:
        """The parts, then that there are two steps with names."""
        guard_each("steps", self.steps)
        guard_each("exclusions", self.exclusions)
        guard_each("holding_constant", self.holding_constant)
        if len(self.steps) < 2:
            message = f"A funnel needs at least two steps, got {len(self.steps)}."
            raise ParamValidationError(message, code="BH1_STEP_COUNT")
        for step in self.steps:
            if isinstance(step, str):
                guard_member(step)


def funnel_clause(shape: FunnelShape | BehaviorRef) -> dict[str, Any]:
    """The behavior on the wire; of a saved one nothing but the reference."""
    if isinstance(shape, BehaviorRef):
        return shape.clause()
    steps = shape.funnel_steps
    clause: dict[str, Any] = {
        "type": "funnel",
        "resourceType": "events",
        "behaviors": [_step(step, shape.order) for step in steps],
        "conversionWindowDuration": shape.conversion_window,
        "conversionWindowUnit": shape.conversion_window_unit,
        "funnelOrder": shape.order,
        "exclusions": [_exclusion(exclusion, len(steps)) for exclusion in shape.exclusions],
        "aggregateBy": [
            {"value": constant.property, "resourceType": constant.resource_type}
            for constant in shape.holding_constant
        ],
        "filter": [],
    }
    if shape.reentry_mode is not None:
        clause["funnelReentryMode"] = shape.reentry_mode
    return clause


def _step(step: FunnelStep, order: str) -> dict[str, Any]:
    clause: dict[str, Any] = {
        "type": "event",
        "id": None,
        "name": step.event,
        "filters": filter_clauses(step.filters),
        "filtersDeterminer": step.filters_combinator,
        "funnelOrder": step.order or order,
    }
    return clause if step.label is None else {**clause, "renamed": step.label}


def _exclusion(exclusion: Exclusion, steps: int) -> dict[str, Any]:
    # Steps count from 0 in arguments and from 1 on the wire.
    end = steps if exclusion.to_step is None else exclusion.to_step + 1
    return {"event": exclusion.event, "steps": {"from": exclusion.from_step + 1, "to": end}}
