"""Which results have charts: `chart_of` one of the typed queries, or of a saved report."""

from datetime import timedelta
from functools import singledispatch
from typing import Any

from mixpanel_mcp_core.queries import (
    FlowResult,
    FunnelResult,
    InsightsResult,
    RetentionResult,
    UserResult,
)
from mixpanel_mcp_core.queries.insights.rows import measured_names
from mixpanel_mcp_core.queries.nodes import object_in, objects_in
from mixpanel_mcp_core.queries.saved import SavedFlowsResult, SavedReportResult

from .dates import Days
from .flows import paths_chart, steps_chart, trees_chart
from .forms import Bar, Chart, Figures, number
from .funnels import funnel_chart
from .retention import cohorts_chart, retention_chart
from .trends import dated_chart, insights_chart

_WINDOWS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
}


@singledispatch
def chart_of(value: object) -> Chart | None:
    """The chart of a result; None for what is not drawn."""
    return None


def is_drawn(kind: type) -> bool:
    """Whether results of this type have a chart."""
    return chart_of.dispatch(kind) is not chart_of.dispatch(object)


def _days(value: InsightsResult | FunnelResult | RetentionResult | SavedReportResult) -> Days:
    return Days(value.from_date, value.to_date, value.computed_at)


@chart_of.register
def _(value: InsightsResult) -> Chart:
    names = measured_names(value.params)
    return insights_chart(value.series, value.time_comparison, value.headers, _days(value), names)


@chart_of.register
def _(value: FunnelResult) -> Chart:
    behavior = _behavior(value.params)
    length, unit = (behavior.get(f"conversionWindow{part}") for part in ("Duration", "Unit"))
    window = number(length) or 0
    days = _days(value)._replace(window=window * _WINDOWS.get(str(unit), timedelta()))
    return funnel_chart(value.table(), days)


@chart_of.register
def _(value: RetentionResult) -> Chart:
    behaviors = objects_in(_behavior(value.params).get("behaviors"))
    names = [str(each.get("name")) for each in behaviors]
    title = f"Retention: {' → '.join(names)}" if names else "Retention"
    grid = retention_chart(value.grid(), title, _days(value))
    over_time = object_in(value.params.get("displayOptions")).get("chartType") == "line"
    return cohorts_chart(grid, _days(value)) if over_time and not value.segments else grid


@chart_of.register
def _(value: FlowResult) -> Chart:
    title = _flow_title(objects_in(value.params.get("steps")))
    days = _flow_days(object_in(value.params.get("date_range")))
    if value.mode == "tree":
        return trees_chart(value.trees, title, days)
    if value.mode == "paths":
        return paths_chart(value.flows, title, days)
    return steps_chart(value.steps, title, days)


@chart_of.register
def _(value: UserResult) -> Chart | None:
    """Profiles are a table."""
    data = value.aggregate_data
    if value.mode == "profiles" or data is None:
        return None
    action = str(value.meta["action"])
    title = "Profiles" if action == "count()" else action
    figures = object_in(data) or {title: data}
    if not value.meta.get("segmented"):
        bars = [Bar(name, number(each)) for name, each in figures.items()]
        return Figures(title=title, figures=bars)
    by_cohort = {
        "all" if name == "$overall" else name: {"all": object_in(each).get("count", each)}
        for name, each in figures.items()
    }
    return dated_chart(by_cohort, f"{title} by cohort")


@chart_of.register
def _(value: SavedReportResult) -> Chart | None:
    match value.report_type:
        case "funnel":
            return funnel_chart(value.grid(), _days(value))
        case "retention":
            return retention_chart(value.grid(), "Retention", _days(value))
        case "flows":
            return steps_chart(objects_in(object_in(value.series).get("steps")))
        case _:
            return insights_chart(value.series, None, value.headers, _days(value))


@chart_of.register
def _(value: SavedFlowsResult) -> Chart:
    return steps_chart(value.steps)


def _flow_title(steps: list[dict[str, Any]]) -> str:
    """The event that a flow was asked about, and on which side of it."""
    if len(steps) != 1:
        return ""
    (step,) = steps
    sides = [word for word, key in (("before", "reverse"), ("after", "forward")) if step.get(key)]
    name = step.get("step_label") or step.get("event")
    return f"{' and '.join(sides).capitalize()} {name}" if sides and name else ""


def _flow_days(asked: dict[str, Any]) -> str:
    """The days that a flow was asked for; its answer does not repeat them."""
    begin = asked.get("from_date")
    if isinstance(begin, dict):
        span = object_in(begin)
        return f"last {span.get('value')} {span.get('unit')}s"
    return Days(str(begin or ""), str(asked.get("to_date") or "")).told()


def _behavior(params: dict[str, Any]) -> dict[str, Any]:
    """What the first metric of a query measures."""
    shown = objects_in(object_in(params.get("sections")).get("show"))
    return object_in(shown[0].get("behavior")) if shown else {}
