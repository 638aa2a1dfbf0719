"""`POST /api/query/arb_funnels`: flows, the paths that people take around anchors.

SQL selects and orders the events, the state machine of `walks.py` takes the walks, and
`flow_shapes.py` shows them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice, product
from operator import itemgetter

from .bookmarks import DEFAULT_LIMIT
from .calls import Call, Endpoint, Json
from .database import Row
from .flow_shapes import Shape
from .flows_query import read_flow
from .flows_sql import Statement
from .plan import Flow
from .predicates import Clock
from .properties import UNDEFINED, Property
from .saved_cohorts import with_cohort_names
from .scan import holdings
from .segments import Segmentation, fitted
from .walks import Course, Event, Path, Walk, walks

Segment = tuple[str, ...]


def flow(call: Call, body: Json) -> Json:
    """Return a flows report; 400 for a bookmark that is wrong or not emulated."""
    plan = read_flow(with_cohort_names(call.database, body), call.context)
    query = Query(call, plan, Clock(call.now_ms, call.project.timezone))
    days = {"from_date": f"{plan.range.first}", "to_date": f"{plan.range.last}"}
    return {
        "computed_at": call.now.isoformat(),
        **query.parts(),
        "metadata": {"date_range": days, "sampling_factor": 1.0, "is_cached": False},
    }


def posted(call: Call) -> object:
    """Return the report of the bookmark in the body."""
    return flow(call, call.json())


@dataclass
class Tally:
    """Walks that show the same, counted: all of them, and those of each segment."""

    unique: bool
    overall: Counter[Path] = field(default_factory=Counter[Path])
    segments: dict[Segment, Counter[Path]] = field(
        default_factory=lambda: defaultdict[Segment, Counter[Path]](Counter)
    )

    def count(self, person: Iterable[Walk]) -> None:
        """Add a person's walks, where people are unique the first."""
        counted = islice(person, 1) if self.unique else person
        self.overall.update(walk.path for walk in counted if walk.path)

    def divide(self, person: Iterable[Walk], shown: Sequence[Segmentation]) -> None:
        """Add a person's walks to their segments, where people are unique the first of each."""
        seen: set[Segment] = set()
        for walk in person:
            for segment in _segments(walk.anchors, shown):
                if walk.path and not (self.unique and segment in seen):
                    self.segments[segment][walk.path] += 1
                seen.add(segment)

    def ranked(self) -> list[Segment]:
        """Return the segments that walks belong to, those of most walks first."""
        totals = {segment: counts.total() for segment, counts in self.segments.items()}
        return sorted(totals, key=lambda segment: (-totals[segment], segment))


@dataclass(frozen=True)
class Query:
    """A flow that is being answered."""

    call: Call
    plan: Flow
    clock: Clock

    def parts(self) -> Json:
        """Return the report of all walks, and one of each segment under `breakdowns`."""
        shape, tally = Shape(self._course(), self.plan.cardinality, self.plan.shape), self._tally()
        return {
            **shape.parts(tally.overall),
            "breakdowns": [
                {
                    "name": " / ".join(segment),
                    "values": list(segment),
                    "totalCount": str(tally.segments[segment].total()),
                    **shape.parts(tally.segments[segment]),
                }
                for segment in tally.ranked()[:DEFAULT_LIMIT]
            ],
        }

    def _course(self) -> Course:
        return Course(
            anchors=self.plan.anchors,
            window=self.plan.window,
            start=self.plan.range.start,
            end=self.plan.range.end,
            excludes=bool(self.plan.excluded),
            once=self.plan.count == "session",
        )

    def _tally(self) -> Tally:
        statement = Statement(self.plan, holdings(self.call), self.clock)

        def extremes(owner: Property) -> Row:
            return self.call.database.rows(statement.extremes(owner))[0]

        shown = [fitted(b, extremes, self.clock.timezone) for b in self.plan.breakdowns]
        tally = Tally(self.plan.count == "unique")
        for person in self._people(statement.events(shown)):
            taken = list(person) if shown else person
            tally.count(taken)
            if shown:
                tally.divide(taken, shown)
        return tally

    def _people(self, statement: str) -> Iterator[Iterator[Walk]]:
        """Give everybody's walks."""
        course = self._course()
        for _, events in groupby(self.call.database.rows(statement), itemgetter(0)):
            yield walks([Event._make(row[1:]) for row in events], course)


def _segments(anchors: Sequence[Event], shown: Sequence[Segmentation]) -> Iterator[Segment]:
    """Give the segments of a walk: per breakdown, by the first anchor with the property set."""
    labels: list[list[str]] = []
    for place, each in enumerate(shown):
        values = (anchor.segments[place] for anchor in anchors if anchor.segments is not None)
        texts = next((value for value in values if value is not None), None)
        labels.append([UNDEFINED] if texts is None else list(map(each.label, texts)))
    return product(*labels) if labels else iter(())


ENDPOINTS = (Endpoint("POST", "/api/query/arb_funnels", posted),)
