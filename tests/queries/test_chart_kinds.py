"""Every kind of result has the chart that suits it: scales, figures, tables, several projects."""

from typing import Any

import pytest

from mixpanel_mcp_core.charts import Chart, chart_of
from mixpanel_mcp_core.charts.dates import Days, labels
from mixpanel_mcp_core.charts.forms import Bar, Bars, Cohort, Figures, Grid, Group, Lines, Step
from mixpanel_mcp_core.charts.funnels import funnel_chart
from mixpanel_mcp_core.charts.retention import retention_chart
from mixpanel_mcp_core.charts.tables import table_chart
from mixpanel_mcp_core.charts.trends import insights_chart
from mixpanel_mcp_core.models import jql
from mixpanel_mcp_core.models.across import AcrossTargets, TargetAnswer
from mixpanel_mcp_core.models.results import SqlAnswer
from mixpanel_mcp_core.queries import FlowResult, FunnelResult, InsightsResult, UserResult
from mixpanel_mcp_core.tables import Table

NOVEMBER = {"from_date": "2026-11-01", "to_date": "2026-11-03"}
WEEKS = ["2026-11-02", "2026-11-09", "2026-11-16"]


def lines_of(chart: Chart | None) -> Lines:
    """A chart of lines; a failure where it is none."""
    assert isinstance(chart, Lines)
    return chart


def test_metrics_without_a_common_scale_have_plots_of_their_own() -> None:
    """Beside revenue a count would be flat; the count of visits shares its plot."""
    series = {
        "Orders": {"2026-11-01": 9},
        "Revenue": {"2026-11-01": 5_000},
        "Visits": {"2026-11-01": 70},
    }
    drawn = lines_of(insights_chart(series))
    assert [each.panel for each in drawn.series] == ["Visits, Orders", "Revenue", "Visits, Orders"]


def test_metrics_of_the_same_event_are_told_apart_by_what_they_measure() -> None:
    """The letters of the answer become words."""
    revenue = {"math": "average", "property": {"name": "revenue"}}
    shown: list[dict[str, Any]] = [
        {"type": "metric", "behavior": {"name": "Buy"}, "measurement": {"math": "total"}},
        {"type": "metric", "behavior": {"name": "Buy"}, "measurement": revenue},
    ]
    result = InsightsResult(
        series={"A. Buy": {"all": 4}, "B. Buy": {"all": 90}}, params={"sections": {"show": shown}}
    )
    figures = [Bar("Buy (total)", 4), Bar("Buy (average of revenue)", 90)]
    title = "Buy (total), Buy (average of revenue)"
    assert chart_of(result) == Figures(title=title, figures=figures)


def test_one_number_is_a_figure() -> None:
    """Beside what it was before."""
    drawn = insights_chart({"Buy": {"all": 4}}, {"Buy": {"all": 5}})
    assert drawn == Figures(title="Buy", figures=[Bar("Buy", 4, 5)])


def test_segments_of_several_metrics_are_bars_below_one_another() -> None:
    """Each metric with a scale of its own, all in the order of what is largest over all."""
    series = {"Buy": {"US": {"all": 1}, "DE": {"all": 2}}, "Visit": {"US": {"all": 70}}}
    bars = [Bar("US", 1, panel="Buy"), Bar("DE", 2, panel="Buy"), Bar("US", 70, panel="Visit")]
    assert insights_chart(series) == Bars(title="Buy, Visit", bars=bars)


def test_segments_of_several_metrics_are_the_same_lines_in_each_plot() -> None:
    """The largest over all are chosen, not those of one metric, under names without the metric."""
    days = {"2026-11-01": 1, "2026-11-02": 1}
    series = {
        metric: {name: {day: n * factor for day, n in days.items()} for name, factor in sizes}
        for metric, sizes in {
            "Buy": [(f"s{n}", 10 - n) for n in range(10)],
            "Revenue": [(f"s{n}", n * 900) for n in range(10)],
        }.items()
    }
    drawn = lines_of(insights_chart(series))
    chosen = ["s9", "s8", "s7", "s6", "s5", "s4", "s3", "s2"]
    assert [(each.panel, each.name) for each in drawn.series] == [
        (metric, name) for metric in ("Buy", "Revenue") for name in chosen
    ]
    assert drawn.notes == ["the 8 largest of 10 segments"]


def test_of_many_metrics_with_segments_the_first_are_drawn() -> None:
    """Six plots are what a chart can bear."""
    series = {f"m{n}": {"DE": {"2026-11-01": 1}, "US": {"2026-11-01": 2}} for n in range(8)}
    drawn = lines_of(insights_chart(series))
    assert [each.panel for each in drawn.series[::2]] == ["m0", "m1", "m2", "m3", "m4", "m5"]
    assert drawn.notes == ["the first 6 of 8 metrics"]


def test_weeks_that_are_not_whole_are_dotted() -> None:
    """The first was cut by the days asked for, the last is not over."""
    days = Days("2026-11-04", "2026-11-19", "2026-11-19T10:00:00+00:00")
    values = {f"{week}T00:00:00+00:00": 5 for week in WEEKS}
    drawn = lines_of(insights_chart({"Buy": values}, days=days))
    assert (drawn.cut, drawn.dotted) == ([0, 2], "not a whole week")


def test_days_stay_days_where_clocks_change() -> None:
    """One of them has 23 hours."""
    values = {f"2026-03-{day:02}T00:00:00-0{5 if day < 9 else 4}:00": 5 for day in range(5, 12)}
    days = Days("2026-03-05", "2026-03-11", "2026-03-11T10:00:00-04:00")
    drawn = lines_of(insights_chart({"Buy": values}, days=days))
    assert (drawn.cut, drawn.dotted) == ([6], "not a whole day")


def test_any_dates_of_a_table_are_drawn() -> None:
    """Some with a zone, some without, and the last there is."""
    dates = ["2026-03-01", "2026-03-02T00:00:00+00:00", "9999-12-31"]
    drawn = table_chart(Table(["at", "sold"], [[date, 1] for date in dates]))
    assert lines_of(drawn).dates == ["2026-03-01", "2026-03-02", "9999-12-31"]


def test_hours_to_come_are_not_drawn() -> None:
    """They had not begun when the numbers were counted."""
    values = {f"2026-11-04T{hour:02}:00:00+00:00": 5 for hour in range(24)}
    days = Days("2026-11-04", "2026-11-04", "2026-11-04T02:30:00+00:00")
    drawn = lines_of(insights_chart({"Buy": values}, days=days))
    assert drawn.labels == ["Nov 4 00:00", "Nov 4 01:00", "Nov 4 02:00"]
    assert (drawn.cut, drawn.dotted) == ([2], "not a whole hour")


def test_conversion_is_not_final_before_its_window_is_over() -> None:
    """Who began two days ago has five more days to convert."""
    behavior = {"conversionWindowDuration": 7, "conversionWindowUnit": "day"}
    block = {
        "count": {"1. Open": {"all": 10}, "2. Buy": {"all": 4}},
        "step_conv_ratio": {},
        "overall_conv_ratio": {"1. Open": {"all": 1}, "2. Buy": {"all": 0.4}},
    }
    result = FunnelResult(
        series={"F": {f"2026-11-{day:02}": block for day in range(1, 11)}},
        params={"sections": {"show": [{"behavior": behavior}]}},
        from_date="2026-11-01",
        to_date="2026-11-10",
        computed_at="2026-11-10T12:00:00",
    )
    drawn = lines_of(chart_of(result))
    assert (drawn.cut, drawn.dotted) == ([2, 3, 4, 5, 6, 7, 8, 9], "may still convert")


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (["2026-11-30", "2026-12-01"], ["Nov 30", "Dec 1"]),
        (["2025-12-31", "2026-01-01"], ["Dec 31, 2025", "Jan 1, 2026"]),
        (["2026-01-01", "2026-02-01"], ["Jan 2026", "Feb 2026"]),
        (["2026-01-01 05:00", "2026-01-01 06:00"], ["Jan 1 05:00", "Jan 1 06:00"]),
        (["week 1", "week 2"], ["week 1", "week 2"]),
    ],
)
def test_dates_are_as_short_as_the_others_let_them_be(dates: list[str], told: list[str]) -> None:
    """Years where they differ, months alone where that is all."""
    assert labels(dates) == told


def test_cells_that_still_run_are_framed() -> None:
    """The last of a cohort to be born had no whole week yet."""
    rows = [["2026-11-02", 8, 0.5, 0.1], ["2026-11-09", 5, 0.4, None]]
    table = Table(["cohort", "users", "week 0", "week 1"], rows, ("week 0", "week 1"))
    drawn = retention_chart(table, "R", Days("", "", "2026-11-20T00:00:00"))
    assert drawn == Grid(
        title="R",
        notes=["dashed: not over"],
        unit="week",
        columns=["0", "1"],
        rows=[
            Cohort("2026-11-02", 8, [0.5, 0.1], running=1),
            Cohort("2026-11-09", 5, [0.4, None], running=1),
        ],
    )


def test_funnel_of_nobody_has_no_bar() -> None:
    """Though the answer says that all of them took the first step."""
    table = Table(
        ["segment", "step", "event", "count", "step_conv_ratio", "overall_conv_ratio"],
        [["DE", 1, "Open", 0, 1, 1]],
    )
    drawn: Any = funnel_chart(table)
    assert drawn.groups == [Group("DE", [Step("Open", 0, 1, 0)])]


def test_flow_is_named_by_the_event_that_was_asked_about() -> None:
    """Also where both sides of it are shown."""
    steps = [{"event": "Buy", "forward": 1, "reverse": 2}]
    drawn = chart_of(FlowResult(params={"steps": steps}))
    assert drawn is not None
    assert drawn.title == "Before and after Buy"


def test_figures_of_profiles_are_drawn_by_cohort() -> None:
    """By name, all of them first since they are the most."""
    meta = {"action": "count()", "segmented": True}
    result = UserResult(
        computed_at="",
        total=9,
        params={},
        meta=meta,
        mode="aggregate",
        aggregate_data={"$overall": 9, "7": {"count": 3}},
    )
    assert chart_of(result) == Bars(title="Profiles by cohort", bars=[Bar("all", 9), Bar("7", 3)])


TABLES: list[tuple[list[str], list[list[Any]], str]] = [
    (["date", "n"], [["2026-11-01", 5], ["2026-11-02", 6]], "lines"),
    (["country", "n"], [["DE", 5], [None, 6]], "bars"),
    (["avg(n)", "max(n)"], [[1.5, 6]], "figures"),
]


@pytest.mark.parametrize(("columns", "rows", "kind"), TABLES)
def test_answers_to_sql_are_drawn_where_their_columns_tell_how(
    columns: list[str], rows: list[list[Any]], kind: str
) -> None:
    """Dates and numbers, names and numbers, numbers alone."""
    answer = SqlAnswer(columns=columns, rows=rows, complete=True, origins={"result": None})
    drawn = chart_of(answer)
    assert drawn is not None
    assert drawn.told()["kind"] == kind


@pytest.mark.parametrize(
    "table",
    [
        Table(["id", "user_id"], [[1, 2]]),
        Table(["name"], [["a"]]),
        Table(["name", "n"], [["a", 1], ["a", 2]]),
        Table(["n"], []),
    ],
    ids=["only ids", "no numbers", "the same name twice", "no rows"],
)
def test_other_tables_stay_tables(table: Table) -> None:
    """What their columns do not tell is not guessed."""
    assert table_chart(table) is None


def test_days_without_an_event_are_zeros_of_jql() -> None:
    """The script has entries for the others alone."""
    counts = [jql.DailyCount(date="2026-11-02", event="Buy", count=5)]
    drawn = lines_of(chart_of(jql.DailyCounts(**NOVEMBER, events=["Buy"], counts=counts)))
    assert drawn.series[0].values == [0, 5, 0]


def across(*results: Any) -> AcrossTargets:
    """These results as answers of several projects, all but the first with a hint."""
    answers = [
        TargetAnswer(target=f"shop {place}", source={}, result=each, hints=["cut"] * place)
        for place, each in enumerate(results)
    ]
    return AcrossTargets(answers=answers, failed={})


def test_projects_stand_beside_one_another() -> None:
    """A line for each, over the dates of all, and the hints of each; a flow cannot be compared."""
    one, other = (
        InsightsResult(series={"Buy": days}, params={})
        for days in ({"2026-11-01": 1, "2026-11-02": 2}, {"2026-11-02": 3})
    )
    drawn = lines_of(chart_of(across(one, other)))
    assert (drawn.title, drawn.notes) == ("Buy: 2 projects", ["shop 1: cut"])
    assert {each.name: each.values for each in drawn.series} == {
        "shop 0": [1, 2],
        "shop 1": [None, 3],
    }
    assert chart_of(across(FlowResult(), FlowResult())) is None
    assert chart_of(across(one, {})) is None


def test_segments_of_several_projects_are_the_same_in_each_plot() -> None:
    """So many for each project that all of them can be told apart."""
    segments = {
        name: {"2026-11-01": 5 - n} for n, name in enumerate(["DE", "US", "FR", "JP", "BR"])
    }
    both = InsightsResult(series={"Buy": segments, "Visit": segments}, params={})
    split = lines_of(chart_of(across(both, both)))
    assert [each.name for each in split.series if each.panel == "Buy"] == [
        f"shop {place} · {name}" for place in (0, 1) for name in ("DE", "US", "FR", "JP")
    ]
    assert len(split.series) == 16
    assert split.notes == ["the 8 largest of 10 lines", "shop 1: cut"]
