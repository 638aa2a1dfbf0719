"""Answers of the older endpoints: their tables, and what is made of odd ones."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from mixpanel_mcp_core.errors import ResponseValidationError
from mixpanel_mcp_core.models.activity import Activity, ActivityAnswer, ActivityFeed
from mixpanel_mcp_core.models.live_query import (
    Cohort,
    EventCounts,
    Frequency,
    Funnel,
    FunnelStep,
    NumericAverage,
    NumericSegmentation,
    NumericSum,
    PropertyCounts,
    Retention,
    Segmentation,
)
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.queries import read_live_cohorts, read_live_funnel

MODELS: Mapping[str, type[BaseModel]] = {
    "segmentation": Segmentation,
    "segmentation_numeric": NumericSegmentation,
    "segmentation_sum": NumericSum,
    "segmentation_average": NumericAverage,
    "event_counts": EventCounts,
    "property_counts": PropertyCounts,
    "funnel": Funnel,
    "retention": Retention,
    "frequency": Frequency,
    "activity_feed": ActivityFeed,
    "activity_feed_legacy": Activity,
}
FILE = Path(__file__).parent.parent / "contract/cases/live_query.json"
CASES = [
    pytest.param(case["tool"], case["result"], id=case["id"])
    for case in json.loads(FILE.read_text("utf-8"))
    if case["tool"] in MODELS and "columns" in case.get("result", {})
]
DAYS = ("2026-02-02", "2026-02-03")
RANGE = {"from_date": DAYS[0], "to_date": DAYS[1]}


def test_every_result_has_a_documented_table() -> None:
    """No model is left out below."""
    assert {case.values[0] for case in CASES} == set(MODELS)


@pytest.mark.parametrize(("tool", "result"), CASES)
def test_a_table_has_the_documented_columns_and_rows(tool: str, result: dict[str, Any]) -> None:
    """Cells without a value are None."""
    table: Any = getattr(MODELS[tool].model_validate(result["value"]), "table")()  # noqa: B009
    assert table.columns == result["columns"]
    assert table.rows == [[row[name] for name in table.columns] for row in result["rows"]]


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (
            Retention(born_event="A", return_event="B", unit="day", cohorts=[], **RANGE),
            ["cohort_date", "cohort_size"],
        ),
        (Frequency(event=None, unit="day", addiction_unit="hour", data={}, **RANGE), ["date"]),
    ],
    ids=["retention", "frequency"],
)
def test_an_empty_result_keeps_its_first_columns(
    value: Retention | Frequency, columns: list[str]
) -> None:
    """How many periods there would be is not known."""
    assert value.table() == (columns, [], ())


def test_the_steps_of_a_funnel_are_added_up_by_place() -> None:
    """The last date names a step; without a name its goal or its place does."""
    first = [{"count": 4, "event": "A"}, {"count": 2, "event": "B"}]
    second = [{"count": 0, "event": "A2"}, {"count": 1, "goal": "G"}, {"count": 3}]
    data = {"2026-02-02": {"steps": first}, "2026-02-03": {"$overall": second}}
    assert read_live_funnel(7, *DAYS, {"data": data}) == Funnel(
        funnel_id=7,
        conversion_rate=0.75,
        steps=[
            FunnelStep(event="A2", count=4, conversion_rate=1),
            FunnelStep(event="G", count=3, conversion_rate=0.75),
            FunnelStep(event="Step 3", count=3, conversion_rate=1),
        ],
        **RANGE,
    )


@pytest.mark.parametrize("answer", [None, [], {}, {"data": {"2026-02-02": ["A"]}}], ids=repr)
def test_a_funnel_without_steps_converts_nobody(answer: Any) -> None:
    """Other shapes contribute nothing."""
    nothing = Funnel(funnel_id=7, conversion_rate=0, steps=[], **RANGE)
    assert read_live_funnel(7, *DAYS, answer) == nothing


def test_a_step_after_nobody_has_no_conversion() -> None:
    """The first step always has 1."""
    steps = [{"count": 0, "event": "A"}, {"count": 0, "event": "B"}]
    found = read_live_funnel(7, *DAYS, {"data": {"2026-02-02": {"steps": steps}}})
    assert ([each.conversion_rate for each in found.steps], found.conversion_rate) == ([1, 0], 0)


def test_nobody_is_retained_of_an_empty_cohort() -> None:
    """A size that is missing is 0, and what is no cohort is left out."""
    answer = {"b": {"counts": [1]}, "a": {"first": 2, "counts": [1]}, "status": "ok"}
    assert read_live_cohorts(answer) == [
        Cohort(date="a", size=2, retention=[0.5]),
        Cohort(date="b", size=0, retention=[0]),
    ]


def test_an_activity_without_its_moment_cannot_be_read() -> None:
    """Nobody guesses when it happened."""
    events = [{"event": "A", "properties": {"x": 1}}]
    with pytest.raises(ResponseValidationError):
        read({"results": {"events": events}}, ActivityAnswer)


def test_a_page_says_how_to_read_on() -> None:
    """The table has no place for it."""
    page: dict[str, Any] = {"distinct_ids": ["u"], "from_date": None, "to_date": None}
    more = ActivityFeed(**page, event_count=0, events=[], sentinel_event={"time": 1})
    last = ActivityFeed(**page, event_count=0, events=[], sentinel_event=None)
    assert more.remarks() == ['more: call again with sentinel_event {"time": 1}']
    assert last.remarks() == []
