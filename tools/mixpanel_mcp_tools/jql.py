"""JQL: the operation that runs a script, and five analyses that run one of ours."""

from itertools import pairwise
from typing import Annotated, Any

from pydantic import AliasChoices, Field

from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.fields import EventName, FromDate, ToDate
from mixpanel_mcp_core.jql import run, script, understood
from mixpanel_mcp_core.models.jql import (
    DailyCounts,
    EngagementDistribution,
    NumericSummary,
    PropertyCoverage,
    PropertyDistribution,
    read_coverage,
    read_distribution,
    read_engagement,
    read_summary,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools import jql_script

jql = Toolset("jql", "JQL, in maintenance mode: scripts over raw events, five ready analyses")

PERCENTILES = [25, 50, 75, 90, 95, 99]
BUCKETS = [1, 2, 5, 10, 25, 50, 100]

PropertyName = Annotated[str, Field(min_length=1, description="Event property, by name.")]
EventNames = Annotated[
    list[EventName] | None, Field(description="Only these events; without it all.")
]


jql.reads(jql_script.jql)


@jql.reads
async def property_distribution(
    session: Session,
    event: EventName,
    property: PropertyName,
    from_date: FromDate,
    to_date: ToDate,
    limit: Annotated[int, Field(ge=1, description="Most values to return.")] = 20,
) -> PropertyDistribution:
    """Count an event by the values of one property, the most frequent first, with percentages.

    Runs on JQL, which is in maintenance mode. `query` answers the same: events=[event],
    group_by=[property], mode='total', from_date and to_date; it also says how many events lack
    the property, which are left out here. Lists and objects count as their JSON text. Returns
    value, count and percentage of all events that have the property, JSON null included. Query
    API: POST jql.
    """
    asked = _asked(from_date, to_date, event=event)
    rows = await _analysis(
        session, "property_distribution", **asked, property=property, limit=limit
    )
    with understood():
        return PropertyDistribution(
            **asked, property_name=property, **read_distribution(rows, limit)
        )


@jql.reads
async def numeric_summary(
    session: Session,
    event: EventName,
    property: PropertyName,
    from_date: FromDate,
    to_date: ToDate,
    percentiles: Annotated[
        list[Annotated[int, Field(gt=0, lt=100)]],
        Field(min_length=1, description="Percentiles from 1 to 99."),
    ] = PERCENTILES,
) -> NumericSummary:
    """Summarise a numeric property: count, sum, mean, standard deviation, range, percentiles.

    Runs on JQL, which is in maintenance mode. `query` answers the same: mode='total', from_date,
    to_date, and entries of events with event, property and math: numeric_summary for count, mean
    and var, whose square root is stddev; total, min, max, median, p25, p75, p90, p99; percentile
    with percentile_value. Only numbers count, not texts of digits. Percentiles are estimates at
    Mixpanel. Zeros where no event has a number. Query API: POST jql.
    """
    asked = _asked(from_date, to_date, event=event)
    rows = await _analysis(
        session, "numeric_summary", **asked, property=property, percentiles=percentiles
    )
    with understood():
        return NumericSummary(**asked, property_name=property, **read_summary(rows))


@jql.reads
async def daily_counts(
    session: Session, from_date: FromDate, to_date: ToDate, events: EventNames = None
) -> DailyCounts:
    """Count events by day and name.

    Runs on JQL, which is in maintenance mode. `event_counts` answers the same for events that are
    named: events, from_date, to_date, unit='day'; it also has the days with 0, which are left out
    here. Returns date in the project's time zone, event and count. Query API: POST jql.
    """
    asked = _asked(from_date, to_date, events=events or None)
    rows = await _analysis(session, "daily_counts", **asked)
    with understood():
        return DailyCounts(**asked, counts=rows)


@jql.reads
async def engagement_distribution(
    session: Session,
    from_date: FromDate,
    to_date: ToDate,
    events: EventNames = None,
    buckets: Annotated[
        list[Annotated[int, Field(ge=1)]],
        Field(min_length=1, description="Least number of events of each bucket, ascending."),
    ] = BUCKETS,
) -> EngagementDistribution:
    """Count users by how many events they did: how many did one, 2-4, 5-9 and so on.

    Runs on JQL, which is in maintenance mode. For one event `query` answers the same:
    events=[{event, math: 'unique'}], mode='total', from_date, to_date and
    group_by=[{frequency_of: event, bucket_size, bucket_min, bucket_max}], buckets of one width.
    Users below the first bucket are left out. Returns bucket_min, bucket_label, user_count and
    percentage of the users in all buckets. Query API: POST jql.
    """
    if any(low >= high for low, high in pairwise(buckets)):
        raise ParamValidationError(
            f"buckets: must ascend, each once: {sorted(set(buckets))}, not {buckets}."
        )
    asked = _asked(from_date, to_date, events=events or None)
    rows = await _analysis(session, "engagement_distribution", **asked, buckets=buckets)
    with understood():
        return EngagementDistribution(**asked, **read_engagement(rows, buckets))


@jql.reads
async def property_coverage(
    session: Session,
    event: EventName,
    property_names: Annotated[
        list[PropertyName],
        Field(
            min_length=1,
            description="Event properties, by name.",
            validation_alias=AliasChoices("property_names", "properties"),
        ),
    ],
    from_date: FromDate,
    to_date: ToDate,
) -> PropertyCoverage:
    """Tell in which part of an event's records each of some properties has a value.

    Runs on JQL, which is in maintenance mode. `query` answers the same, two entries of events for
    each property: the event alone, and with filters=[{property, operator: 'is_set'}];
    mode='total', from_date, to_date. JSON null counts as no value. Returns property,
    defined_count, null_count and coverage_percentage, in the order asked for. Query API: POST jql.
    """
    asked = _asked(from_date, to_date, event=event)
    rows = await _analysis(session, "property_coverage", **asked, properties=property_names)
    with understood():
        return PropertyCoverage(**asked, **read_coverage(rows, property_names))


def _asked(from_date: str, to_date: str, **more: Any) -> dict[str, Any]:
    """What is asked and repeated in the result, the days in their order."""
    check_range(from_date, to_date)
    return {"from_date": from_date, "to_date": to_date, **more}


async def _analysis(session: Session, name: str, **params: Any) -> list[Any]:
    """The rows of a script of ours."""
    return await run(session.query.caller, script(name), params)
