"""Live queries: the older endpoints, answered at once and never cached."""

from typing import Annotated, Literal

from pydantic import Field

from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.fields import EventName, FromDate, ToDate, Where
from mixpanel_mcp_core.models.live_query import Segmentation
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

live_query = Toolset("live_query", "Live queries of the older API: segmentation and the like")

_EXPRESSION = ('properties["', 'user["', 'event["')

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


def _expression(on: str | None) -> str | None:
    """A property name as the expression that reads it; an expression stays as it is."""
    if not on or any(start in on for start in _EXPRESSION):
        return on or None
    escaped = on.replace("\\", "\\\\").replace('"', '\\"')
    return f'properties["{escaped}"]'
