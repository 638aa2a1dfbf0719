"""The arguments of a flow query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Required

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.groups import GroupBy, Groups
from mixpanel_mcp_core.queries.query import DataGroupId, Period, Plan
from mixpanel_mcp_core.queries.term import guard_each, one_or_more
from mixpanel_mcp_core.queries.vocabulary import FlowCountType, FlowMode, FlowWindowUnit
from mixpanel_mcp_core.queries.words import Whole, judged_later

from .filters import FlowFilters
from .steps import FlowStep, FlowSteps, Hops

_read_names = one_or_more((str,), "event_names", 'Expected names of events such as ["Page View"].')
_Names = Annotated[list[str], BeforeValidator(_read_names)]
_Unread = Annotated[Any, WithJsonSchema({"type": "string"})]
_NamesJudgedLater = Annotated[list[_Unread], BeforeValidator(_read_names)]


class _Anchors(TypedDict):
    event: Required[
        Annotated[
            FlowSteps,
            Field(description='Anchor events, in order, e.g. {"event": "Login", "forward": 2}'),
        ]
    ]


@with_config(ConfigDict(extra="forbid"))
class FlowQuery(_Anchors, Period, total=False):
    """What users do before, between and after events."""

    forward: Annotated[
        Hops | None, Field(description="Events to follow after each anchor, 0 to 5, default 3")
    ]
    reverse: Annotated[
        Hops | None, Field(description="Events to show before each anchor, 0 to 5, default 0")
    ]
    conversion_window: Annotated[
        Whole | None,
        Field(description="Time for a path, in conversion_window_unit, default 7"),
    ]
    conversion_window_unit: Annotated[
        Annotated[FlowWindowUnit, judged_later] | None,
        Field(description="Unit of conversion_window, default day; session needs a window of 1"),
    ]
    count_type: Annotated[
        Annotated[FlowCountType, judged_later] | None,
        Field(description="Count users, all anchors, or sessions (unit session); default unique"),
    ]
    cardinality: Annotated[
        Whole | None, Field(description="Most events to tell apart at a step, 1 to 50, default 3")
    ]
    collapse_repeated: Annotated[
        bool | None, Field(description="Take repetitions of an event for one")
    ]
    hidden_events: Annotated[
        _NamesJudgedLater | None, Field(description="Events to leave out of the paths")
    ]
    mode: Annotated[
        Annotated[FlowMode, judged_later] | None,
        Field(
            description="sankey: steps and transitions; paths: whole paths; tree; default sankey"
        ),
    ]
    where: Annotated[
        FlowFilters | None,
        Field(description="Filters on all events; all must hold; at most one cohort"),
    ]
    data_group_id: DataGroupId
    segments: Annotated[Groups | None, Field(description="Breakdowns, in order")]
    exclusions: Annotated[
        _Names | None, Field(description="Events that drop the whole path they occur in")
    ]


@dataclass(frozen=True, kw_only=True)
class FlowPlan(Plan):
    """A flow query with its defaults filled in."""

    event: Sequence[FlowStep]
    forward: Any = 3
    reverse: Any = 0
    conversion_window: int = 7
    conversion_window_unit: str = "day"
    count_type: str = "unique"
    cardinality: int = 3
    collapse_repeated: bool = False
    hidden_events: Sequence[Any] = ()
    mode: str = "sankey"
    where: Sequence[Filter] = ()
    segments: Sequence[str | GroupBy] | None = None
    exclusions: Sequence[str] = ()

    def steps(self) -> list[FlowStep]:
        """The anchors, each with its directions."""
        return [step.filled(self.forward, self.reverse) for step in self.event]

    def end(self) -> str | None:
        """The last day; a range without an end ends today."""
        if self.from_date is None or self.to_date is not None:
            return self.to_date
        return self.today.isoformat()

    def guard(self) -> None:
        """Raise ParamValidationError for the first object that cannot be."""
        guard_each("event", self.event)
        guard_each("where", self.where)
        guard_each("segments", self.segments)
        for step in self.steps():
            step.guard_directions()
