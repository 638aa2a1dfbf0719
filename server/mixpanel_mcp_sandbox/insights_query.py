"""Bookmarks of insights reports to a plan."""

from collections.abc import Iterable
from dataclasses import replace

from .analyses import Analysis
from .bookmarks import (
    LINEAR,
    display_options,
    listed,
    mapping,
    read_limit,
    read_range,
    sections,
)
from .calls import Context, Json
from .clauses import read_filters, read_groups, read_selection
from .database import Database
from .errors import not_emulated, wrong
from .formulas import letters, parse
from .measures import NO_NUMBER
from .membership import read_cohort
from .plan import Insights, Line, Measure, Metric, Selection
from .property_entries import read_property
from .selections import ALL

SERIES = ("line", "column", "stacked-line", "stacked-column")
TOTALS = ("bar", "table", "pie", "stacked-bar", "insights-metric")
LONGEST_WINDOW = 365


def read_insights(body: Json, context: Context) -> Insights:
    """Return the plan of an insights request; 400 for what is wrong or not emulated."""
    bookmark = mapping(body.get("bookmark"), "bookmark")
    section = sections(bookmark)
    display = display_options(bookmark)
    chart = display.get("chartType", "line")
    if chart not in (*SERIES, *TOTALS):
        raise not_emulated(f"the chart type {chart!r}")
    metrics, lines = _shown(section, context.database)
    return Insights(
        metrics=tuple(metrics),
        lines=_told_apart(lines),
        range=read_range(section, context),
        filters=read_filters(section.get("filter"), context.database),
        breakdowns=read_groups(section, context.database),
        series=chart in SERIES,
        limit=read_limit(body),
        # A single number has no points before it.
        analysis=_analysis(display, metrics) if chart in SERIES else Analysis(),
    )


def _shown(section: Json, database: Database) -> tuple[list[Metric], dict[int, Line]]:
    """Return all metrics, and what is shown by the place of its clause."""
    if section.get("formula"):
        raise not_emulated("formulas beside the metrics")
    clauses = [mapping(clause, "show") for clause in listed(section.get("show"), "show")]
    metrics = [_metric(clause, database) for clause in clauses if not _is_formula(clause)]
    own = range(len(metrics))
    following = iter(own)
    lines: dict[int, Line] = {}
    for place, clause in enumerate(clauses):
        if _is_formula(clause):
            referenced = _referenced(clause, database)
            operands = range(len(metrics), len(metrics) + len(referenced)) if referenced else own
            metrics += referenced
            lines[place] = _formula(clause, operands, metrics)
        else:
            operand = next(following)
            lines[place] = Line(metrics[operand].name, (operand,))
    return metrics, {p: line for p, line in lines.items() if not clauses[p].get("isHidden")}


def _is_formula(clause: Json) -> bool:
    return clause.get("type") == "formula" or "formula" in clause


def _referenced(clause: Json, database: Database) -> list[Metric]:
    entries = listed(clause.get("referencedMetrics") or [], "referencedMetrics")
    return [_metric(mapping(entry, "referencedMetrics"), database) for entry in entries]


def _formula(clause: Json, operands: range, metrics: list[Metric]) -> Line:
    text = clause.get("definition") or clause.get("formula")
    if not isinstance(text, str):
        raise wrong("A formula needs a definition.")
    expression = parse(text, len(operands))
    for operand in expression.operands:
        math = metrics[operands[operand]].measure.math
        # A histogram has segments that the other metrics do not have.
        if math in (*NO_NUMBER, "histogram"):
            raise wrong(f"The formula {text!r} cannot compute with the math {math!r}.")
    return Line(str(clause.get("name") or text), tuple(operands), expression)


def _metric(clause: Json, database: Database) -> Metric:
    behavior = mapping(clause.get("behavior"), "behavior")
    if behavior.get("type") == "cohort":
        return _cohort_metric(clause, behavior)
    selection = read_selection(behavior, database)
    name = clause.get("name") or behavior.get("renamed") or selection.event
    measurement = mapping(clause.get("measurement") or {}, "measurement")
    return Metric(str(name), selection, _measure(measurement, database))


def _cohort_metric(clause: Json, behavior: Json) -> Metric:
    math = mapping(clause.get("measurement") or {}, "measurement").get("math", "unique")
    if math != "unique":
        raise wrong(f"A cohort metric counts people (unique), not {math!r}")
    if behavior.get("filters"):
        raise not_emulated("filters of a cohort metric")
    name = clause.get("name") or behavior.get("renamed") or behavior.get("name")
    cohort = read_cohort(behavior)
    return Metric(str(name or ""), Selection(ALL), Measure("unique"), cohort)


def _measure(measurement: Json, database: Database) -> Measure:
    owner = measurement.get("property")
    entry = mapping(owner, "measurement.property") if owner else None
    percentile = measurement.get("percentile")
    if percentile is not None and not isinstance(percentile, int | float):
        raise wrong("percentile must be a number")
    if measurement.get("rolling") or measurement.get("cumulative"):
        raise not_emulated("the analysis of a single metric")
    per_user = measurement.get("perUserAggregation")
    return Measure(
        math=str(measurement.get("math", "total")),
        property=read_property(entry, entry.get("name"), database) if entry else None,
        percentile=percentile,
        per_user=None if per_user is None else str(per_user),
        first_only=measurement.get("segmentMethod") == "first",
    )


def _analysis(display: Json, metrics: Iterable[Metric]) -> Analysis:
    kind = display.get("analysis") or "linear"
    if kind in LINEAR:
        return Analysis()
    if kind not in ("rolling", "cumulative"):
        raise wrong(f"Unknown analysis {kind!r}")
    for metric in metrics:
        if metric.measure.math in NO_NUMBER:
            raise wrong(
                f"The analysis {kind!r} cannot be made of the math {metric.measure.math!r}."
            )
    if kind == "cumulative":
        return Analysis("cumulative")
    window = display.get("rollingWindowSize")
    if not isinstance(window, int) or not 1 <= window <= LONGEST_WINDOW:
        raise wrong(f"rollingWindowSize must be a number from 1 to {LONGEST_WINDOW}")
    return Analysis("rolling", window)


def _told_apart(lines: dict[int, Line]) -> tuple[Line, ...]:
    if not lines:
        raise wrong("The report shows no metric.")
    if len({line.name for line in lines.values()}) == len(lines):
        return tuple(lines.values())
    return tuple(
        replace(line, name=f"{letters(place)}. {line.name}") for place, line in lines.items()
    )
