"""The arguments of an insights query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Required

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.queries.query import EventPlan, EventQuery, Limited
from mixpanel_mcp_core.queries.term import guard_each
from mixpanel_mcp_core.queries.vocabulary import InsightsMode, MathType, PerUserAggregation
from mixpanel_mcp_core.queries.words import Number, Whole, closed, judged_later

from .formula import Formula, guard_expression
from .items import EventItem, EventItems
from .kinds import AnyMetric

# The words are published once, in the objects of `events`, to keep the tool's schema small.
_WORD = WithJsonSchema({"type": "string"})


class _Events(TypedDict):
    events: Required[
        Annotated[
            EventItems,
            Field(
                description='What to measure, e.g. {"event": "Login", "math": "unique"}; '
                'also {"formula": "B / A"} or {"cohort": 123}'
            ),
        ]
    ]


@with_config(ConfigDict(extra="forbid"))
class InsightsQuery(_Events, EventQuery, total=False):
    """Count, aggregate and compare events."""

    math: Annotated[
        Annotated[MathType, judged_later, _WORD] | None,
        Field(description='Math of events given as plain names only, e.g. "unique"'),
    ]
    math_property: Annotated[
        str | None, Field(description='Property of plain names only, e.g. "amount"')
    ]
    per_user: Annotated[
        Annotated[PerUserAggregation, judged_later, _WORD] | None,
        Field(description='Aggregation per user of plain names only, e.g. "total"'),
    ]
    percentile_value: Annotated[
        Number | None, Field(description="Percentile of plain names only, e.g. 95")
    ]
    formula: Annotated[
        str | None, Field(description='Expression over the events A, B, ..., e.g. "(B / A) * 100"')
    ]
    formula_label: Annotated[str | None, Field(description='Name of the formula, e.g. "Rate"')]
    rolling: Annotated[Whole | None, Field(description="Rolling average over n units, e.g. 7")]
    cumulative: Annotated[bool | None, Field(description="Running total over the period")]
    mode: Annotated[
        Annotated[InsightsMode, closed(InsightsMode)] | None,
        Field(description="A value per unit, one total, or a table; default timeseries"),
    ]


@with_config(ConfigDict(extra="forbid"))
class InsightsQueryWithLimit(InsightsQuery, Limited, total=False):
    """An insights query to run, not only to compile."""


_FOR_PLAIN_NAMES = ("math", "math_property", "per_user", "percentile_value")


def unused_measurement(query: InsightsQuery) -> list[str]:
    """The arguments that Mixpanel will not look at: they measure plain event names, of which
    there is none.
    """
    return InsightsPlan.of(query, None).unused()


@dataclass(frozen=True, kw_only=True)
class InsightsPlan(EventPlan):
    """An insights query with its defaults filled in."""

    events: Sequence[EventItem]
    math: str = "total"
    math_property: str | None = None
    per_user: str | None = None
    percentile_value: float | None = None
    formula: str | None = None
    formula_label: str | None = None
    rolling: int | None = None
    cumulative: bool = False
    mode: str = "timeseries"

    def guard(self) -> None:
        """Raise ParamValidationError for the first object that cannot be."""
        guard_each("events", self.events)
        super().guard()
        if self.formula is not None:
            guard_expression(self.formula)

    def metrics(self) -> list[str | AnyMetric]:
        """The items that count something, in order; letters name them."""
        return [item for item in self.events if not isinstance(item, Formula)]

    def formulas(self) -> list[Formula]:
        """The formulas over these metrics, in order."""
        items = [item for item in self.events if isinstance(item, Formula)]
        if self.formula is None:
            return items
        return [*items, Formula(formula=self.formula, label=self.formula_label)]

    def unused(self) -> list[str]:
        """The arguments for plain event names that are set although there is no such name."""
        plain = any(isinstance(item, str) for item in self.events)
        return [] if plain else self.moved(_FOR_PLAIN_NAMES)
