"""What the queries on events have in common: period, filters, breakdowns, data group."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from .dates import DEFAULT_LAST, TimeComparison, time_problems, time_section
from .filter_clauses import filter_clauses, with_sentinel
from .filters import Filter, FrequencyFilter, Where
from .group_clauses import bucket_problems, group_clauses
from .groups import GroupBy, Groups
from .problems import Problem
from .term import guard_each
from .vocabulary import QueryTimeUnit
from .words import JudgedWhole, Whole, is_id, judged_later

DataGroupId = Annotated[
    JudgedWhole | None,
    Field(description="Count groups of this data group instead of users"),
]


class Period(TypedDict, total=False):
    """The days that a query is about."""

    from_date: Annotated[str | None, Field(description='First day, e.g. "2025-01-01"')]
    to_date: Annotated[str | None, Field(description="Last day; needs from_date, default today")]
    last: Annotated[Whole | None, Field(description="Last n days instead of dates, default 30")]


class ReportQuery(Period, total=False):
    """The arguments that insights, funnels and retention take."""

    group_by: Annotated[Groups | None, Field(description="Breakdowns, in order")]
    where: Annotated[Where | None, Field(description="Filters on all events; all must hold")]
    time_comparison: Annotated[
        TimeComparison | None, Field(description="Show another period beside this one")
    ]
    data_group_id: DataGroupId


class EventQuery(ReportQuery, total=False):
    """The arguments that insights and funnels take."""

    unit: Annotated[
        Annotated[QueryTimeUnit, judged_later] | None,
        Field(description="Time unit of the series, default day"),
    ]


@with_config(ConfigDict(extra="forbid"))
class Limited(TypedDict, total=False):
    """How much of a result to fetch."""

    limit: Annotated[
        Annotated[Whole, Field(ge=1, le=50_000)] | None,
        Field(description="Most segments to return, 1 to 50000, default 3000"),
    ]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The arguments of any query on events with their defaults filled in."""

    from_date: str | None = None
    to_date: str | None = None
    last: int = DEFAULT_LAST
    data_group_id: Any = None
    today: date = field(default_factory=date.today)

    @classmethod
    def of(cls, query: Mapping[str, Any], today: date | None) -> Self:
        """The plan of a query; null counts as absent, `limit` belongs to the request."""
        names = {each.name for each in fields(cls)}
        given: dict[str, Any] = {**query, "today": today}
        return cls(**{key: given[key] for key in given if key in names and given[key] is not None})

    def moved(self, names: Iterable[str]) -> list[str]:
        """Those of these arguments that are not at their default."""
        defaults = {each.name: each.default for each in fields(self)}
        # A list may have been given, and be as empty as the default.
        return [name for name in names if getattr(self, name) not in (defaults[name], [])]

    def data_group_problems(self) -> Iterator[Problem]:
        """A data group id that no data group can have."""
        if self.data_group_id is not None and not is_id(self.data_group_id):
            message = f"data_group_id must be a positive number, got {self.data_group_id!r}."
            yield Problem("DG1_INVALID_DATA_GROUP_ID", "data_group_id", message)


@dataclass(frozen=True, kw_only=True)
class EventPlan(Plan):
    """The common arguments of insights, funnels and the like with their defaults filled in."""

    unit: str = "day"
    group_by: Sequence[str | GroupBy] = ()
    where: Sequence[Filter | FrequencyFilter] = ()
    time_comparison: TimeComparison | None = None

    def guard(self) -> None:
        """The breakdowns, the filters and the comparison, in this order."""
        guard_each("group_by", self.group_by)
        guard_each("where", self.where)
        if self.time_comparison:
            self.time_comparison.guard_at("time_comparison")

    def period_and_bucket_problems(self) -> Iterator[Problem]:
        """The rules on time, then those on buckets."""
        yield from time_problems(self.from_date, self.to_date, self.last)
        yield from bucket_problems(self.group_by)

    def sections_of(self, clause: dict[str, Any]) -> dict[str, Any]:
        """`sections` of a report that shows one clause: a funnel, or retention."""
        return {
            "show": [clause],
            "time": self.time(),
            "filter": [with_sentinel(entry) for entry in filter_clauses(self.where)],
            "group": self.groups(),
            "formula": [],
            **self.data_group(),
        }

    def time(self) -> list[dict[str, Any]]:
        """`sections.time`."""
        return time_section(self.from_date, self.to_date, self.last, self.unit, self.today)

    def groups(self) -> list[dict[str, Any]]:
        """`sections.group`."""
        return group_clauses(self.group_by, self.data_group_id)

    def data_group(self) -> dict[str, Any]:
        """The key of `sections` that names the data group, where there is one."""
        if self.data_group_id is None:
            return {}
        return {"globalDataGroupId": str(self.data_group_id)}

    def comparison(self) -> dict[str, Any]:
        """The key of `displayOptions` for another period, where there is one."""
        if self.time_comparison is None:
            return {}
        return {"timeComparison": self.time_comparison.clause()}
