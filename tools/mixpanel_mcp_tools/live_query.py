"""Live queries: the older endpoints, answered at once and never cached."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.fields import CountKind, EventName, FromDate, ToDate, Where
from mixpanel_mcp_core.models.live_query import (
    EventCounts,
    Frequency,
    Funnel,
    NumericAverage,
    NumericSegmentation,
    NumericSum,
    PropertyCounts,
    Retention,
    Segmentation,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.queries import (
    SavedFlowsResult,
    SavedReportResult,
    SavedReportType,
    funnel_dates,
    object_in,
    property_reference,
    read_live_cohorts,
    read_live_funnel,
    read_saved_flows,
    read_saved_report,
)
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.activity import activity_feed, activity_feed_legacy

live_query = Toolset("live_query", "Live queries of the older API, and saved reports run by id")

_EXPRESSION = ('properties["', 'user["', 'event["')

ReportId = Annotated[
    int, Field(gt=0, description="Saved report (bookmark) id, from search_entities.")
]
SegmentBy = Annotated[
    str, Field(description="Property to split by, e.g. 'country', or an expression.")
]
Measured = Annotated[
    str, Field(description="Numeric property, e.g. 'amount', or an expression for a number.")
]
Unit = Annotated[Literal["day", "week", "month"], Field(description="Bucket size.")]
FineUnit = Annotated[
    Literal["hour", "day"], Field(description="Bucket size; hours for at most 31 days.")
]


@live_query.reads
async def segmentation(
    session: Session,
    event: EventName,
    from_date: FromDate,
    to_date: ToDate,
    on: SegmentBy | None = None,
    unit: Unit = "day",
    where: Where | None = None,
) -> Segmentation:
    """Count one event over time, optionally split by a property. `query` can do more.

    Returns date, segment and count. Dates are days of the project's time zone. Query API: GET
    segmentation.
    """
    asked = _asked(from_date, to_date, event=event, unit=unit)
    answer = await session.query.get(
        "segmentation", **asked, type="general", on=_expression(on), where=where or None
    )
    series = _values(answer)
    total = sum(count for days in series.values() for count in days.values())
    return Segmentation(**asked, segment_property=on, total=total, series=series)


@live_query.reads
async def segmentation_numeric(
    session: Session,
    event: EventName,
    from_date: FromDate,
    to_date: ToDate,
    on: Measured,
    unit: FineUnit = "day",
    where: Where | None = None,
    type: CountKind = "general",
) -> NumericSegmentation:
    """Count one event over time by ranges of a number, such as amounts from 0 to 100.

    Mixpanel chooses the ranges; `query` with a numeric group_by takes ranges of your own. Events
    without a number are left out. Returns date, bucket and count. Query API: GET
    segmentation/numeric.
    """
    asked = _asked(from_date, to_date, event=event, unit=unit)
    answer = await session.query.get(
        "segmentation/numeric", **asked, type=type, on=_expression(on), where=where or None
    )
    return NumericSegmentation(**asked, property_expr=on, series=_values(answer))


@live_query.reads
async def segmentation_sum(
    session: Session,
    event: EventName,
    from_date: FromDate,
    to_date: ToDate,
    on: Measured,
    unit: FineUnit = "day",
    where: Where | None = None,
) -> NumericSum:
    """Add up a number over the events of each day or hour, such as revenue from `amount`.

    What is no number adds 0, numbers written as text included. `query` with a property and
    math='total' can also split and filter without expressions. Returns date and sum. Query API:
    GET segmentation/sum.
    """
    asked = _asked(from_date, to_date, event=event, unit=unit)
    answer = object_in(
        await session.query.get(
            "segmentation/sum", **asked, on=_expression(on), where=where or None
        )
    )
    return NumericSum(
        **asked,
        property_expr=on,
        results=object_in(answer.get("results")),
        computed_at=answer.get("computed_at"),
    )


@live_query.reads
async def segmentation_average(
    session: Session,
    event: EventName,
    from_date: FromDate,
    to_date: ToDate,
    on: Measured,
    unit: FineUnit = "day",
    where: Where | None = None,
) -> NumericAverage:
    """Average a number over all events of each day or hour; events without it count as 0.

    To leave those out, use `query` with math='average', which averages the numbers alone. Returns
    date and average. Query API: GET segmentation/average.
    """
    asked = _asked(from_date, to_date, event=event, unit=unit)
    answer = await session.query.get(
        "segmentation/average", **asked, on=_expression(on), where=where or None
    )
    results = object_in(object_in(answer).get("results"))
    return NumericAverage(**asked, property_expr=on, results=results)


@live_query.reads
async def event_counts(
    session: Session,
    events: Annotated[list[EventName], Field(min_length=1, description="Event names.")],
    from_date: FromDate,
    to_date: ToDate,
    type: CountKind = "general",
    unit: Unit = "day",
) -> EventCounts:
    """Count several events over time, side by side. `query` adds filters and breakdowns.

    Returns date, event and count. Query API: GET events.
    """
    asked = _asked(from_date, to_date, type=type, unit=unit)
    answer = await session.query.get("events", **asked, event=json.dumps(events))
    return EventCounts(**asked, events=events, series=_values(answer))


@live_query.reads
async def property_counts(
    session: Session,
    event: EventName,
    property_name: Annotated[str, Field(min_length=1, description="Event property, by name.")],
    from_date: FromDate,
    to_date: ToDate,
    type: CountKind = "general",
    unit: Unit = "day",
    values: Annotated[
        list[str] | None, Field(description="Count only these values, written as text.")
    ] = None,
    limit: Annotated[
        int | None, Field(ge=1, description="Most values, the frequent first; default 255.")
    ] = None,
) -> PropertyCounts:
    """Count an event over time by the values of one property, all or only some of them.

    `query` with group_by also filters, groups by several properties and reads profiles. Returns
    date, value and count. Query API: GET events/properties.
    """
    asked = _asked(from_date, to_date, event=event, type=type, unit=unit)
    answer = await session.query.get(
        "events/properties",
        **asked,
        name=property_name,
        values=None if values is None else json.dumps(values),
        limit=limit,
    )
    return PropertyCounts(**asked, property_name=property_name, series=_values(answer))


@live_query.reads
async def funnel(
    session: Session,
    funnel_id: Annotated[int, Field(gt=0, description="Id of a saved funnel, from `funnels`.")],
    from_date: FromDate,
    to_date: ToDate,
    unit: Annotated[
        Literal["day", "week", "month"] | None,
        Field(description="Periods that are counted each for itself and then added up."),
    ] = None,
    on: Annotated[
        str | None,
        Field(
            description="Expression to split by, sent as it is, e.g. 'properties[\"$os\"]'. "
            "The result has all segments as one."
        ),
    ] = None,
) -> Funnel:
    """Run a saved funnel over some days: people at each step, and the conversion.

    Somebody who enters on three days counts three times; `query_funnel` counts people once, takes
    steps that were never saved, and shows segments. Returns step, event, count and
    conversion_rate from the step before. Query API: GET funnels.
    """
    days = _asked(from_date, to_date)
    answer = await session.query.get(
        "funnels", **days, funnel_id=funnel_id, unit=unit, on=on or None
    )
    return read_live_funnel(funnel_id, from_date, to_date, answer)


@live_query.reads
async def retention(
    session: Session,
    born_event: EventName,
    return_event: EventName,
    from_date: FromDate,
    to_date: ToDate,
    born_where: Where | None = None,
    return_where: Where | None = None,
    interval: Annotated[
        int, Field(ge=1, description="Days in a period; other than 1 it replaces unit.")
    ] = 1,
    interval_count: Annotated[
        int, Field(ge=1, description="Periods to look at after the first.")
    ] = 10,
    unit: Unit = "day",
) -> Retention:
    """Tell which part of the people who first did one event came back for another, by period.

    Only a person's first birth in the range counts. period_0 is the first period itself, not the
    whole cohort. `query_retention` has breakdowns, averages and other modes. Returns a row for
    each cohort. Query API: GET retention.
    """
    asked = _asked(from_date, to_date, born_event=born_event)
    answer = await session.query.get(
        "retention",
        **asked,
        event=return_event,
        retention_type="birth",
        interval_count=interval_count,
        unit=unit if interval == 1 else None,
        interval=None if interval == 1 else interval,
        born_where=born_where or None,
        where=return_where or None,
    )
    cohorts = read_live_cohorts(answer)
    return Retention(**asked, return_event=return_event, unit=unit, cohorts=cohorts)


@live_query.reads
async def frequency(
    session: Session,
    from_date: FromDate,
    to_date: ToDate,
    unit: Unit = "day",
    addiction_unit: Annotated[
        Literal["hour", "day"], Field(description="What is counted within each period.")
    ] = "hour",
    event: Annotated[
        str | None, Field(description="Event that counts as active; without it any event.")
    ] = None,
    where: Where | None = None,
) -> Frequency:
    """Tell in how many hours or days of each period people were active: how habitual it is.

    period_n is the number of people active in at least n of them. No typed query answers this.
    Returns a row for each day, week or month. Query API: GET retention/addiction.
    """
    asked = _asked(from_date, to_date, unit=unit, addiction_unit=addiction_unit)
    answer = await session.query.get(
        "retention/addiction", **asked, event=event or None, where=where or None
    )
    return Frequency(**asked, event=event or None, data=object_in(object_in(answer).get("data")))


live_query.reads(activity_feed)
live_query.reads(activity_feed_legacy)


@live_query.reads
async def query_saved_report(
    session: Session,
    bookmark_id: ReportId,
    bookmark_type: Annotated[
        SavedReportType,
        Field(description="Type of the saved report, as list_bookmarks_v2 tells."),
    ] = "insights",
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
) -> SavedReportResult:
    """Run a saved report by its id, as it stands in Mixpanel, and read its numbers.

    Dates move saved funnels only (default the last 30 days); other reports keep their own.
    Returns the series of the report, its funnel steps, retention grid or flow transitions. Query
    API: GET insights, funnels, retention, arb_funnels.
    """
    match bookmark_type:
        case "funnels":
            first, last = funnel_dates(from_date, to_date, session.today())
            check_range(first, last)
            answer = await session.query.get(
                "funnels", funnel_id=bookmark_id, from_date=first, to_date=last
            )
        case "flows":
            answer = await _saved_flows(session, bookmark_id)
        case kind:
            answer = await session.query.get(kind, bookmark_id=bookmark_id)
    return read_saved_report(bookmark_id, bookmark_type, answer)


@live_query.reads
async def query_saved_flows(session: Session, bookmark_id: ReportId) -> SavedFlowsResult:
    """Run a saved flow report by its id: which events lead to which, with conversion.

    Returns transitions with counts and the overall conversion. Query API: GET arb_funnels.
    """
    return read_saved_flows(bookmark_id, await _saved_flows(session, bookmark_id))


async def _saved_flows(session: Session, bookmark_id: int) -> Any:
    return await session.query.get(
        "arb_funnels", bookmark_id=bookmark_id, query_type="flows_sankey"
    )


def _asked(from_date: str, to_date: str, **more: Any) -> dict[str, Any]:
    """What is asked and repeated in the result, the days in their order."""
    check_range(from_date, to_date)
    return {"from_date": from_date, "to_date": to_date, **more}


def _values(answer: object) -> dict[str, Any]:
    return object_in(object_in(object_in(answer).get("data")).get("values"))


def _expression(on: str | None) -> str | None:
    """A property name as the expression that reads it; an expression stays as it is."""
    if not on or any(start in on for start in _EXPRESSION):
        return on or None
    return property_reference(on)
