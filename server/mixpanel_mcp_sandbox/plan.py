"""What a query asks, free of its wire form: selections, measures, breakdowns, filters."""

from dataclasses import dataclass
from typing import Literal

from .analyses import Analysis
from .formulas import Expression
from .membership import Cohort
from .predicates import Condition
from .properties import Property
from .timeline import Range
from .windows import Window

Combinator = Literal["all", "any"]
ValueKind = Literal["string", "number", "boolean", "datetime"]
Count = Literal["unique", "total", "session"]
Reentry = Literal["default", "basic", "optimized", "aggressive"]
FlowShape = Literal["flows_sankey", "flows_top_paths", "flows"]
Elapsed = Literal["day", "week", "month"]
Alignment = Literal["birth", "interval_start"]
Unbounded = Literal["none", "carry_back", "carry_forward", "consecutive_forward"]


@dataclass(frozen=True)
class Selection:
    """Which events count, and filters on them.

    Attributes:
        event: a name (`$all_events` for all), or what several alternatives are called.
        alternatives: an event counts that belongs to one of them; none for a single name.
    """

    event: str
    filters: tuple[Condition, ...] = ()
    combinator: Combinator = "all"
    alternatives: tuple["Selection", ...] = ()


@dataclass(frozen=True)
class Measure:
    """What is computed over the selected events."""

    math: str
    property: Property | None = None
    percentile: float | None = None
    per_user: str | None = None
    first_only: bool = False


@dataclass(frozen=True)
class Metric:
    """Numbers computed from events, shown or not; with `cohort` the size of that cohort."""

    name: str
    selection: Selection
    measure: Measure
    cohort: Cohort | None = None


@dataclass(frozen=True)
class Line:
    """One line of the chart: a metric, or a formula over some.

    Attributes:
        operands: places of the metrics among all of the plan; letters name them in this order.
        formula: None for the one metric itself.
    """

    name: str
    operands: tuple[int, ...]
    formula: Expression | None = None


@dataclass(frozen=True)
class Buckets:
    """Numeric buckets: size, lower bound, and the upper bound of the last one, if any."""

    size: float
    start: float = 0
    end: float | None = None


@dataclass(frozen=True)
class Breakdown:
    """Segments by a property.

    Attributes:
        buckets: what numbers fall into, automatic ones when there are none.
        item: the property of the items of a list of objects that is shown in its place.
    """

    property: Property
    kind: ValueKind
    buckets: Buckets | None = None
    item: Property | None = None

    def title(self) -> str:
        """Return what the breakdown is called in an answer."""
        return f"{self.property.name}.{self.item.name}" if self.item else self.property.name


@dataclass(frozen=True)
class CohortBreakdown(Breakdown):
    """Segments by a cohort, whose `property` is a membership.

    `inside` and `outside` say which of the members and the others are shown.
    """

    inside: bool = True
    outside: bool = True


@dataclass(frozen=True)
class Insights:
    """An insights query; without `series` each metric is one number for the whole range."""

    metrics: tuple[Metric, ...]
    lines: tuple[Line, ...]
    range: Range
    filters: tuple[Condition, ...]
    breakdowns: tuple[Breakdown, ...]
    series: bool
    limit: int
    analysis: Analysis

    @property
    def computed(self) -> Range:
        """The range with the earlier buckets that a rolling mean starts from."""
        return self.range.reaching_back(self.analysis.window - 1 if self.series else 0)


@dataclass(frozen=True)
class Step:
    """A step of a funnel and the name it is shown under; a `free` one may change places."""

    name: str
    selection: Selection
    free: bool = False


@dataclass(frozen=True)
class Exclusion:
    """An event that ends an attempt between the steps `after` and `before`, counted from 1."""

    selection: Selection
    after: int
    before: int


@dataclass(frozen=True)
class Funnel:
    """A funnel query.

    Attributes:
        window: how long an attempt may last.
        count: what is counted: people, their attempts, or their sessions with an attempt.
        reentry: how often a person may enter, and which of the attempts counts for a person.
        measure: what is computed over a property of the events of each step, None for nothing.
        filters: conditions on the first event of an attempt that has their property.
        constant: the properties that all steps of an attempt must agree in.
        trends: one funnel per bucket instead of one for the range.
    """

    steps: tuple[Step, ...]
    window: Window
    range: Range
    count: Count
    reentry: Reentry
    measure: Measure | None
    filters: tuple[Condition, ...]
    breakdowns: tuple[Breakdown, ...]
    exclusions: tuple[Exclusion, ...]
    constant: tuple[Property, ...]
    trends: bool
    limit: int


@dataclass(frozen=True)
class Anchor:
    """A step of a flow, and how many events are shown behind and before it."""

    selection: Selection
    forward: int
    reverse: int

    @property
    def name(self) -> str:
        """The name that its node bears."""
        return self.selection.event


@dataclass(frozen=True)
class Flow:
    """A flows query.

    Attributes:
        window: milliseconds after the first anchor, None for the anchor's session.
        cardinality: most events shown at a position by name.
        collapsed: a run of the same event is one event.
        hidden: events left out of the paths.
        excluded: events that no walk may contain.
        filters: conditions on every event, anchors included.
        breakdowns: by the value at the first anchor that has one.
    """

    anchors: tuple[Anchor, ...]
    range: Range
    count: Count
    window: int | None
    cardinality: int
    collapsed: bool
    hidden: tuple[str, ...]
    excluded: tuple[str, ...]
    filters: tuple[Condition, ...]
    breakdowns: tuple[Breakdown, ...]
    shape: FlowShape


@dataclass(frozen=True)
class Retention:
    """A retention query: who did `born`, and when they did `returned` afterwards.

    Attributes:
        name: what the metric is shown under.
        unit: what the time since the birth is counted in.
        alignment: whether units run from the birth itself or are those of the calendar.
        ends: for each bracket, the number of units after which it is over.
        unbounded: which returns count for a bracket beside those in it.
        measure: what is computed over the returns beside the people.
        filters: conditions on the birth.
        breakdowns: segments by properties of the birth.
        once: a person is born once in the range, not once in every bucket of it.
    """

    name: str
    born: Selection
    returned: Selection
    range: Range
    unit: Elapsed
    alignment: Alignment
    ends: tuple[int, ...]
    unbounded: Unbounded
    measure: Measure
    filters: tuple[Condition, ...]
    breakdowns: tuple[Breakdown, ...]
    limit: int
    once: bool = False
