"""What can be drawn of a result: `chart_of` a query's answer, for both drawers alike."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from mixpanel_mcp_core.models import live_query as live
from mixpanel_mcp_core.queries import (
    FlowResult,
    FunnelResult,
    InsightsResult,
    RetentionResult,
    UserResult,
)
from mixpanel_mcp_core.queries.nodes import object_in, objects_in
from mixpanel_mcp_core.queries.saved import SavedFlowsResult, SavedReportResult

from .flows import paths_chart, steps_chart, trees_chart
from .forms import Bars, Chart, Flow, Funnel, Grid, Lines, period
from .funnels import funnel_chart
from .retention import retention_chart
from .trends import dated_chart, insights_chart

__all__ = ["Chart", "chart_of", "is_drawn", "origin", "read_chart"]

_Told = Annotated[Lines | Bars | Funnel | Grid | Flow, Field(discriminator="kind")]


@singledispatch
def chart_of(value: object) -> Chart | None:
    """The chart of a result; None for what is not drawn."""
    return None


def is_drawn(kind: type) -> bool:
    """Whether results of this type have a chart."""
    return chart_of.dispatch(kind) is not chart_of.dispatch(object)


def read_chart(told: Mapping[str, Any]) -> Chart:
    """A chart out of what `Chart.told` told."""
    return TypeAdapter[Chart](_Told).validate_python(told)


def origin(source: Mapping[str, Any] | None) -> str:
    """Where the numbers of a chart come from."""
    if source is None:
        return ""
    named = f"project {source['project']}"
    return f"{named} · sandbox data" if source["sandbox"] else named


@chart_of.register
def _(value: InsightsResult) -> Chart:
    days = period(value.from_date, value.to_date)
    return insights_chart(value.series, value.time_comparison, value.headers, days)


@chart_of.register
def _(value: FunnelResult) -> Chart:
    return funnel_chart(value.table(), period(value.from_date, value.to_date))


@chart_of.register
def _(value: RetentionResult) -> Chart:
    behavior = object_in(
        _first(object_in(value.params.get("sections")).get("show")).get("behavior")
    )
    names = [str(each.get("name")) for each in objects_in(behavior.get("behaviors"))]
    title = f"Retention: {' → '.join(names)}" if names else "Retention"
    return retention_chart(value.grid(), title, period(value.from_date, value.to_date))


@chart_of.register
def _(value: FlowResult) -> Chart:
    days = _flow_days(object_in(value.params.get("date_range")))
    if value.mode == "tree":
        return trees_chart(value.trees, days)
    if value.mode == "paths":
        return paths_chart(value.flows, days)
    return steps_chart(value.steps, days)


@chart_of.register
def _(value: UserResult) -> Chart | None:
    """Profiles are a table, one figure is a sentence; figures by segment are bars."""
    if not value.meta.get("segmented"):
        return None
    figures = {
        name: {"all": each.get("count") if isinstance(each, dict) else each}
        for name, each in object_in(value.aggregate_data).items()
    }
    return dated_chart(figures, str(value.meta["action"]), "")


@chart_of.register
def _(value: SavedReportResult) -> Chart | None:
    days = period(value.from_date, value.to_date)
    match value.report_type:
        case "funnel":
            return funnel_chart(value.grid(), days)
        case "retention":
            return retention_chart(value.grid(), "Retention", days)
        case "flows":
            return steps_chart(objects_in(object_in(value.series).get("steps")))
        case _:
            return insights_chart(value.series, None, value.headers, days)


@chart_of.register
def _(value: SavedFlowsResult) -> Chart:
    return steps_chart(value.steps)


@chart_of.register(live.Segmentation)
@chart_of.register(live.NumericSegmentation)
@chart_of.register(live.PropertyCounts)
def _(value: live.Segmentation | live.NumericSegmentation | live.PropertyCounts) -> Chart:
    return dated_chart(value.series, value.event, period(value.from_date, value.to_date))


@chart_of.register
def _(value: live.EventCounts) -> Chart:
    return dated_chart(
        value.series, ", ".join(value.events[:3]), period(value.from_date, value.to_date)
    )


@chart_of.register(live.NumericSum)
@chart_of.register(live.NumericAverage)
def _(value: live.NumericSum | live.NumericAverage) -> Chart:
    word = "Sum" if isinstance(value, live.NumericSum) else "Average"
    title = f"{word} of {value.property_expr}: {value.event}"
    return dated_chart({title: value.results}, title, period(value.from_date, value.to_date))


@chart_of.register
def _(value: live.Funnel) -> Chart:
    return funnel_chart(value.table(), period(value.from_date, value.to_date))


@chart_of.register
def _(value: live.Retention) -> Chart:
    title = f"Retention: {value.born_event} → {value.return_event}"
    return retention_chart(value.table(), title, period(value.from_date, value.to_date))


@chart_of.register
def _(value: live.Frequency) -> Chart:
    title = f"Active in at least so many {value.addiction_unit}s: {value.event or 'any event'}"
    return retention_chart(value.table(), title, period(value.from_date, value.to_date))


def _flow_days(asked: dict[str, Any]) -> str:
    """The days that a flow was asked for; its answer does not repeat them."""
    begin = asked.get("from_date")
    if isinstance(begin, dict):
        span = object_in(begin)
        return f"last {span.get('value')} {span.get('unit')}s"
    return period(begin, asked.get("to_date"))


def _first(value: object) -> dict[str, object]:
    return next(iter(objects_in(value)), {})
