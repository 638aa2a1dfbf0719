"""Live queries: the older endpoints, answered at once and never cached."""

from typing import Annotated, Any, Literal

from pydantic import Field

from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.fields import EventName, FromDate, ToDate, Where
from mixpanel_mcp_core.models.live_query import Segmentation
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.queries import (
    SavedFlowsResult,
    SavedReportResult,
    SavedReportType,
    funnel_dates,
    property_reference,
    read_saved_flows,
    read_saved_report,
)
from mixpanel_mcp_core.session import Session

live_query = Toolset("live_query", "Live queries of the older API, and saved reports run by id")

_EXPRESSION = ('properties["', 'user["', 'event["')

ReportId = Annotated[int, Field(gt=0, description="Id of the saved report (bookmark).")]
SegmentBy = Annotated[
    str, Field(description="Property to split by, e.g. 'country', or an expression.")
]


@live_query.reads
async def segmentation(
    session: Session,
    event: EventName,
    from_date: FromDate,
    to_date: ToDate,
    on: SegmentBy | None = None,
    unit: Annotated[Literal["day", "week", "month"], Field(description="Bucket size.")] = "day",
    where: Where | None = None,
) -> Segmentation:
    """Count one event over time, optionally split by a property. `query` can do more.

    Returns date, segment and count. Dates are days of the project's time zone. Query API: GET
    segmentation.
    """
    check_range(from_date, to_date)
    answer = await session.query.get(
        "segmentation",
        event=event,
        from_date=from_date,
        to_date=to_date,
        unit=unit,
        type="general",
        on=_expression(on),
        where=where or None,
    )
    series = (answer.get("data") or {}).get("values") or {}
    return Segmentation(
        event=event,
        from_date=from_date,
        to_date=to_date,
        unit=unit,
        segment_property=on,
        total=sum(count for days in series.values() for count in days.values()),
        series=series,
    )


@live_query.reads
async def query_saved_report(
    session: Session,
    bookmark_id: ReportId,
    bookmark_type: Annotated[
        SavedReportType, Field(description="Type of the saved report.")
    ] = "insights",
    from_date: FromDate | None = None,
    to_date: ToDate | None = None,
) -> SavedReportResult:
    """Run a saved report by its id, as it stands in Mixpanel, and read its numbers.

    Dates move saved funnels only (default the last 30 days); other reports keep their own.
    Returns the series of the report, its funnel steps, retention grid or flow transitions. An id
    of another type is refused by Mixpanel. Query API: GET insights, funnels, retention,
    arb_funnels.
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


def _expression(on: str | None) -> str | None:
    """A property name as the expression that reads it; an expression stays as it is."""
    if not on or any(start in on for start in _EXPRESSION):
        return on or None
    return property_reference(on)
