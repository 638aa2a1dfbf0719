"""The arguments of a query on user profiles."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from mixpanel_mcp_core.queries.cohorts import Cohort, CohortDefinition
from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.vocabulary import SortOrder, UserAggregate, UserMode
from mixpanel_mcp_core.queries.words import Number, Whole, closed, judged_later

from .reading import ALL, Condition, Conditions, Ids, Misfit, Moment, Names, UserLimit, UserWhere

DEFAULT_LIMIT = 1
MOST_WORKERS = 5


@with_config(ConfigDict(extra="forbid"))
class UserQuery(TypedDict, total=False):
    """Profiles that meet conditions, or one figure about all of them."""

    where: Annotated[
        UserWhere,
        Field(description="Filters; all must hold. Also the text of one raw selector expression"),
    ]
    cohort: Annotated[
        Cohort | None,
        Field(description="Only users in this saved cohort, e.g. 123; or a cohort definition"),
    ]
    mode: Annotated[
        Annotated[UserMode, closed(UserMode)] | None,
        Field(description="profiles lists users, aggregate computes over them; default aggregate"),
    ]
    limit: Annotated[
        UserLimit,
        Field(
            description="profiles: most to return, default 1; null, or a number above their count, "
            "for all"
        ),
    ]
    output_properties: Annotated[
        Names | None,
        Field(
            description='profiles: only these properties, e.g. ["$email", "plan"]; default all',
            validation_alias=AliasChoices("output_properties", "properties"),
        ),
    ]
    sort_by: Annotated[str | None, Field(description='profiles: property to sort by, e.g. "ltv"')]
    sort_order: Annotated[
        Annotated[SortOrder, judged_later] | None,
        Field(description="Order of sort_by, default descending"),
    ]
    search: Annotated[str | None, Field(description="profiles: text to find in them")]
    distinct_id: Annotated[str | None, Field(description="profiles: only this user")]
    distinct_ids: Annotated[Names | None, Field(description="profiles: only these users")]
    as_of: Annotated[
        Moment,
        Field(description='profiles: as they were on this day, e.g. "2025-01-31", or Unix seconds'),
    ]
    group_id: Annotated[
        str | None, Field(description="Id of a data group: its groups instead of users, e.g. 42")
    ]
    include_all_users: Annotated[
        bool | None, Field(description="With a cohort: also its users without a profile")
    ]
    parallel: Annotated[bool | None, Field(description="profiles: read several pages at once")]
    workers: Annotated[Whole | None, Field(description="Pages at once, 1 to 5, default 5")]
    aggregate: Annotated[
        Annotated[UserAggregate, judged_later] | None,
        Field(description="aggregate: what to compute, default count"),
    ]
    aggregate_property: Annotated[
        str | None, Field(description='Property for all but count, e.g. "ltv"')
    ]
    percentile: Annotated[
        Number | None, Field(description="For percentile: above 0, below 100, e.g. 95")
    ]
    segment_by: Annotated[
        Ids | None, Field(description="aggregate: a value for each of these cohorts, e.g. [12]")
    ]


@dataclass(frozen=True, kw_only=True)
class UserPlan:
    """A query on profiles with its defaults filled in; a limit of None is no limit."""

    where: Conditions = ()
    cohort: int | CohortDefinition | None = None
    mode: str = "aggregate"
    limit: int | None = DEFAULT_LIMIT
    output_properties: Sequence[str] | None = None
    sort_by: str | None = None
    sort_order: str = "descending"
    search: str | None = None
    distinct_id: str | None = None
    distinct_ids: Sequence[str] | None = None
    as_of: str | int | None = None
    group_id: str | None = None
    include_all_users: bool = False
    parallel: bool = False
    workers: int = MOST_WORKERS
    aggregate: str = "count"
    aggregate_property: str | None = None
    percentile: int | float | None = None
    segment_by: Sequence[int] | None = None
    today: date = field(default_factory=date.today)

    @classmethod
    def of(cls, query: UserQuery, today: date | None = None) -> Self:
        """The plan of a query; null counts as absent but for `limit`, where it means all."""
        names = {each.name for each in fields(cls)}
        given: dict[str, Any] = {**query, "today": today}
        known = {key: given[key] for key in given if key in names and given[key] is not None}
        if given.get("limit", DEFAULT_LIMIT) in (ALL, None):
            known["limit"] = None
        return cls(**known)

    def guard(self) -> None:
        """Raise ParamValidationError for the first object that cannot be."""
        for index, condition in enumerate(self.conditions()):
            condition.guard_at(f"where[{index}]")
        if isinstance(self.where, Misfit):
            self.where.guard_at("where")
        if isinstance(self.cohort, CohortDefinition):
            self.cohort.guard_at("cohort")

    def conditions(self) -> Sequence[Condition]:
        """What stands in the list of filters; none for a raw selector."""
        return () if isinstance(self.where, str | Misfit) else self.where

    def filters(self) -> list[tuple[str, Filter]]:
        """The filters, each with its path."""
        return [
            (f"where[{index}]", condition)
            for index, condition in enumerate(self.conditions())
            if isinstance(condition, Filter)
        ]

    def cohorts_of(self, operator: Literal["in_cohort", "not_in_cohort"]) -> list[Filter]:
        """The filters on being in a cohort, or on not being in one."""
        return [each for _, each in self.filters() if each.operator == operator]
