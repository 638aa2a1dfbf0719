"""Bookmarks of insights reports to a plan."""

from dataclasses import replace

from .bookmarks import (
    listed,
    mapping,
    read_filters,
    read_groups,
    read_limit,
    read_property,
    read_range,
    read_selection,
    sections,
)
from .calls import Context, Json
from .errors import not_emulated, wrong
from .membership import read_cohort
from .plan import Insights, Measure, Metric, Selection
from .selections import ALL

SERIES = ("line", "column", "stacked-line", "stacked-column")
TOTALS = ("bar", "table", "pie", "stacked-bar", "insights-metric")


def read_insights(body: Json, context: Context) -> Insights:
    """Return the plan of an insights request; 400 for what is wrong or not emulated."""
    bookmark = mapping(body.get("bookmark"), "bookmark")
    section = sections(bookmark)
    chart = (bookmark.get("displayOptions") or {}).get("chartType", "line")
    if chart not in (*SERIES, *TOTALS):
        raise not_emulated(f"the chart type {chart!r}")
    return Insights(
        metrics=_metrics(section),
        range=read_range(section, context),
        filters=read_filters(section.get("filter")),
        breakdowns=read_groups(section),
        series=chart in SERIES,
        limit=read_limit(body),
    )


def _metrics(section: Json) -> tuple[Metric, ...]:
    shown = [mapping(clause, "show") for clause in listed(section.get("show"), "show")]
    if any(clause.get("type") == "formula" for clause in shown) or section.get("formula"):
        raise not_emulated("formulas")
    metrics = [_metric(clause) for clause in shown if not clause.get("isHidden")]
    if not metrics:
        raise wrong("The report shows no metric.")
    if len(metrics) > 26:
        raise wrong("A report may show at most 26 metrics.")
    return _told_apart(metrics)


def _metric(clause: Json) -> Metric:
    behavior = mapping(clause.get("behavior"), "behavior")
    if behavior.get("type") == "cohort":
        return _cohort_metric(clause, behavior)
    selection = read_selection(behavior)
    name = clause.get("name") or behavior.get("renamed") or selection.event
    measurement = mapping(clause.get("measurement") or {}, "measurement")
    return Metric(str(name), selection, _measure(measurement))


def _cohort_metric(clause: Json, behavior: Json) -> Metric:
    math = mapping(clause.get("measurement") or {}, "measurement").get("math", "unique")
    if math != "unique":
        raise wrong(f"A cohort metric counts people (unique), not {math!r}")
    if behavior.get("filters"):
        raise not_emulated("filters of a cohort metric")
    name = clause.get("name") or behavior.get("renamed") or behavior.get("name")
    cohort = read_cohort(behavior)
    return Metric(str(name or ""), Selection(ALL), Measure("unique"), cohort)


def _measure(measurement: Json) -> Measure:
    owner = measurement.get("property")
    entry = mapping(owner, "measurement.property") if owner else None
    percentile = measurement.get("percentile")
    if percentile is not None and not isinstance(percentile, int | float):
        raise wrong("percentile must be a number")
    return Measure(
        math=str(measurement.get("math", "total")),
        property=read_property(entry, entry.get("name")) if entry else None,
        percentile=percentile,
        per_user=measurement.get("perUserAggregation"),
        first_only=measurement.get("segmentMethod") == "first",
    )


def _told_apart(metrics: list[Metric]) -> tuple[Metric, ...]:
    names = [metric.name for metric in metrics]
    if len(set(names)) == len(names):
        return tuple(metrics)
    return tuple(
        replace(metric, name=f"{chr(ord('A') + place)}. {metric.name}")
        for place, metric in enumerate(metrics)
    )
