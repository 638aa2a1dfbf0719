"""What is drawn of a result: the numbers of a chart, before anybody draws them."""

from html import escape
from typing import Any

import pytest

from mixpanel_mcp_core.charts import chart_of, is_drawn, read_chart
from mixpanel_mcp_core.charts.forms import (
    Bar,
    Bars,
    Cohort,
    Flow,
    Funnel,
    Grid,
    Group,
    Lines,
    Link,
    Node,
    Series,
    Step,
)
from mixpanel_mcp_core.charts.palette import PALETTES, Palette
from mixpanel_mcp_core.charts.pictures import svg_of
from mixpanel_mcp_core.charts.trends import insights_chart
from mixpanel_mcp_core.queries import FlowResult, FunnelResult, InsightsResult, RetentionResult

ZONE = "T00:00:00+00:00"
BLOCK = {
    "count": {"1. Open": {"all": 10}, "2. Buy": {"all": 4}},
    "step_conv_ratio": {"1. Open": {"all": 1}, "2. Buy": {"all": 0.4}},
    "overall_conv_ratio": {"1. Open": {"all": 1}, "2. Buy": {"all": 0.4}},
}
DROPOFF = {"event": "DROPOFF", "type": "DROPOFF", "totalCount": "3"}
FLOW = [
    {
        "nodes": [
            {
                "event": "Open",
                "type": "ANCHOR",
                "totalCount": "10",
                "edges": [{"event": "Buy", "totalCount": "7", "step": 1}, {**DROPOFF, "step": 1}],
            }
        ]
    },
    {
        "nodes": [
            {"event": "Buy", "totalCount": "7"},
            {**DROPOFF, "edges": [{**DROPOFF, "step": 2}]},
        ]
    },
]


def test_trend_stands_beside_the_other_period_place_by_place() -> None:
    """Dates lose midnight and zone; what is no number is a gap; the shorter period ends early."""
    result = InsightsResult(
        series={"Buy": {f"2026-11-0{day}{ZONE}": day or None for day in (1, 2)}},
        time_comparison={"Buy": {f"2026-10-01{ZONE}": 5}},
        from_date="2026-11-01",
        to_date="2026-11-02",
        params={},
    )
    assert chart_of(result) == Lines(
        title="Buy",
        period="2026-11-01 to 2026-11-02",
        dates=["2026-11-01", "2026-11-02"],
        labels=["Nov 1", "Nov 2"],
        steps=[1, 2, 3, 7, 14, 28, 56, 91, 182, 364],
        before_dates=["2026-10-01"],
        series=[Series("Buy", [1, 2], [5, None], marks=[1])],
    )


def test_breakdown_is_bars_without_the_total_that_would_dwarf_them() -> None:
    """The largest first, named by their segment."""
    series = {"Buy": {"$overall": {"all": 9}, "DE": {"all": 4}, "US": {"all": 5}}}
    drawn = insights_chart(series, {"Buy": {"DE": {"all": 2}}}, ["$metric", "country"])
    assert drawn == Bars(title="Buy by country", bars=[Bar("US", 5), Bar("DE", 4, 2)])


def test_many_lines_are_the_largest_ones() -> None:
    """Of fifty segments eight are drawn, in their own order, and that is said."""
    series = {"Buy": {f"s{n:02}": {"2026-11-01": n} for n in range(50)}}
    drawn = insights_chart(series)
    assert isinstance(drawn, Lines)
    assert [each.name for each in drawn.series] == [f"s{n}" for n in range(42, 50)]
    assert drawn.notes == ["the 8 largest of 50 lines"]


def test_funnel_has_all_together_before_its_segments() -> None:
    """A group for each segment, with the share of the step before and of the first."""
    steps = [Step("Open", 10, 1, 1), Step("Buy", 4, 0.4, 0.4)]
    result = FunnelResult(series={"F": {"$overall": BLOCK, "iOS": BLOCK}}, params={})
    groups = [Group("all", steps), Group("iOS", steps)]
    assert chart_of(result) == Funnel(title="Open → Buy", groups=groups)


def test_funnel_over_time_is_the_line_of_its_conversion() -> None:
    """A point for each date: the share that got to the last step."""
    result = FunnelResult(series={"F": {f"2026-11-01{ZONE}": BLOCK}}, params={})
    assert chart_of(result) == Lines(
        title="Conversion: Open → Buy",
        dates=["2026-11-01"],
        labels=["Nov 1"],
        steps=[1, 2, 3, 6, 12, 24, 52],
        series=[Series("conversion", [0.4], marks=[0])],
        share=True,
    )


def test_retention_is_a_heat_map_with_its_average_first() -> None:
    """A row for each cohort; a bucket that had not begun is no 0."""
    result = RetentionResult(
        average={"first": 4, "counts": [4, 2], "rates": [1.0, 0.5]},
        cohorts={"2026-11-02": {"first": 4, "counts": [4, 0], "rates": [1.0, 0.0]}},
        computed_at="2026-11-02T12:00:00",
        params={"sections": {"show": [{"behavior": {"retentionUnit": "week"}}]}},
    )
    assert chart_of(result) == Grid(
        title="Retention",
        notes=["dashed: not over"],
        unit="week",
        columns=["0", "1"],
        rows=[Cohort("average", 4, [1.0, 0.5]), Cohort("2026-11-02", 4, [1.0, None], running=1)],
    )


def test_flow_draws_who_left_once() -> None:
    """Those who dropped off do not go on from step to step."""
    drawn = chart_of(FlowResult(steps=FLOW))
    assert drawn == Flow(
        title="After Open",
        nodes=[Node(0, "Open", 10), Node(1, "Buy", 7), Node(1, "(drop-off)", 3, left=True)],
        links=[Link(0, 1, 7), Link(0, 2, 3)],
    )


def test_paths_are_laid_together_where_they_meet() -> None:
    """Two paths that begin alike leave one node."""
    ways: list[dict[str, Any]] = [
        {"totalCount": count, "flowSteps": [{"event": "Open"}, {"event": name}]}
        for name, count in (("Buy", 3), ("Look", 2))
    ]
    assert chart_of(FlowResult(flows=ways, mode="paths")) == Flow(
        title="After Open",
        nodes=[Node(0, "Open", 5), Node(1, "Buy", 3), Node(1, "Look", 2)],
        links=[Link(0, 1, 3), Link(0, 2, 2)],
    )


CHARTS = [
    insights_chart({}),
    insights_chart({"Buy": {"2026-11-01 05:00": -1e15, "2026-11-01 06:00": None}}),
    insights_chart({"Buy": {"all": None}}),
    insights_chart({"Buy": {"2026-11-01": 1}, "Revenue": {"2026-11-01": 900}}),
    insights_chart({"Buy": {"DE": {"all": 1}}, "Visit": {"DE": {"all": -9}}}),
    chart_of(FunnelResult(series={"F": {"$overall": BLOCK, "iOS": BLOCK}}, params={})),
    chart_of(FunnelResult(params={})),
    chart_of(RetentionResult(params={})),
    chart_of(FlowResult(steps=FLOW)),
    chart_of(FlowResult()),
]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: f"{chart.kind} {chart.title}")
def test_every_chart_can_be_told_and_drawn(chart: Any) -> None:
    """Also an empty one: it survives its way as JSON, and has a picture in both themes."""
    assert read_chart(chart.told()) == chart
    for theme, palette in PALETTES.items():
        drawn = svg_of(chart, "project 1", theme).decode()
        assert escape(chart.title) in drawn
        assert palette.background in drawn


def test_what_is_no_chart_is_not_drawn() -> None:
    """An answer of another kind has none."""
    assert (is_drawn(InsightsResult), is_drawn(dict), chart_of({})) == (True, False, None)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_everything_can_be_read_by_day_and_by_night(palette: Palette) -> None:
    """Texts and lines have a contrast of 4.5 or more against what is behind them."""
    pairs = [(each, palette.background) for each in (palette.text, palette.muted, *palette.series)]
    pairs += [(palette.text, each) for each in (palette.cold, palette.hot)]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 computes it."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
