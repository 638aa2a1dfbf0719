"""Answers as text: context first, tables cut at whole rows, nothing said twice."""

import csv
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from mixpanel_mcp.results import Renderer
from mixpanel_mcp_core.models.dashboards import Dashboard
from mixpanel_mcp_core.queries import InsightsQuery, InsightsResult, unused_measurement
from mixpanel_mcp_core.queries.answers import remarks_of
from mixpanel_mcp_core.queries.insights.metrics import Metric
from mixpanel_mcp_core.tables import Table

SOURCE = {"account": "acme", "project": "1", "workspace": None, "region": "us", "sandbox": False}
CSV = Renderer("csv", 8000)


class Numbers(BaseModel):
    """A tabular result over a range of days."""

    from_date: str = "2026-01-01"
    to_date: str = "2026-01-31"
    rows: list[list[Any]]

    def table(self) -> Table:
        """Its rows."""
        return Table(["day", "count"], self.rows)


def test_table_follows_one_line_of_context() -> None:
    """Operation, account, project, region, dates and number of rows, then CSV."""
    text = CSV.render("query", Numbers(rows=[["2026-01-01", 5], ["2026-01-02", None]]), SOURCE)
    assert text == (
        "query · account acme · project 1 · region us · 2026-01-01 to 2026-01-31 · 2 rows\n"
        "\n"
        "day,count\n"
        "2026-01-01,5\n"
        "2026-01-02,"
    )


class Drawn(Numbers):
    """A result with a table for people beside its rows, and something to add."""

    lines: list[str] = ["two more words"]

    def grid(self) -> Table:
        """What a person would draw."""
        return Table(["drawn"], [[row[1]] for row in self.rows])

    def appendix(self) -> list[str]:
        """What stands after the table."""
        return self.lines


class Wide(Drawn):
    """A result that people may see in another form."""

    def wide(self) -> Table | None:
        """A column for each row, where there are some."""
        return Table([row[0] for row in self.rows], [[row[1] for row in self.rows]])


def test_people_see_the_wide_form_and_models_the_same_columns_every_time() -> None:
    """What is easy on the eye is the choice of the format `table` alone."""
    result = Wide(rows=[["a", 1], ["b", 2]], lines=[])
    assert Renderer("table", 8000).render("query", result, SOURCE).splitlines()[2].split() == [
        "a",
        "b",
    ]
    assert CSV.render("query", result, SOURCE).splitlines()[2:] == ["drawn", "1", "2"]


def test_result_may_draw_its_table_and_add_lines() -> None:
    """Text shows the table for people and what follows it; JSON stays the plain value."""
    value = Drawn(rows=[["2026-01-01", 5]])
    body = CSV.render("q", value, SOURCE).split("\n\n", 1)[1]
    assert body == "drawn\n5\n\ntwo more words"
    plain = json.loads(Renderer("json", 8000).render("q", value, SOURCE))["result"]
    assert plain["rows"] == [["2026-01-01", 5]]


def test_added_lines_take_half_of_the_budget_at_most() -> None:
    """A table is not lost for what stands after it; what is cut is told."""
    value = Drawn(rows=[["day", n] for n in range(999)], lines=["x" * 99] * 40)
    text = Renderer("csv", 500).render("q", value, SOURCE)
    _, table, added = text.split("\n\n")
    assert added.splitlines() == ["x" * 99] * 7 + ["and 33 more lines"]
    assert len(table.splitlines()) > 100
    assert len(text) < 500 * 3 + 200


def test_result_without_rows_still_says_what_it_adds() -> None:
    """Lines do not depend on rows."""
    text = CSV.render("q", Drawn(rows=[], lines=["nobody came"]), SOURCE)
    assert text.endswith("0 rows\n\ndrawn\n\nnobody came")


def test_sandbox_and_workspace_are_named() -> None:
    """Nobody takes a demo number for a real one."""
    source = {**SOURCE, "workspace": 7, "sandbox": True}
    assert CSV.render("x", None, source) == (
        "x · account acme · project 1 · workspace 7 · region us · sandbox: true · done"
    )


def test_long_table_is_cut_at_a_whole_row_and_says_so() -> None:
    """The budget holds, and the reader knows what is missing."""
    rows = [[f"2026-01-{index:05}", index] for index in range(18_304)]
    text = Renderer("csv", 500).render("query", Numbers(rows=rows), SOURCE)
    head, _, *lines = text.splitlines()
    assert f"shown {len(lines) - 1:,} of 18,304 rows" in head
    assert lines[-1] == f"2026-01-{len(lines) - 2:05},{len(lines) - 2}"
    assert len(text) < 500 * 3 + 200


def test_list_of_entities_is_a_table_of_what_says_something() -> None:
    """Columns that are empty in every row cost nothing."""
    rows = [{"id": 1, "title": "A, B", "pinned": None}, {"id": 2, "title": "C", "pinned": None}]
    assert CSV.render("list", rows, SOURCE).splitlines()[2:] == ["id,title", '1,"A, B"', "2,C"]


def test_column_of_zeros_says_something() -> None:
    """None happened is an answer; nothing known is not."""
    rows = [{"event": "A", "count": 0, "hidden": False}, {"event": "B", "count": 0, "x": ""}]
    assert CSV.render("top", rows, SOURCE).splitlines()[2:] == ["event,count", "A,0", "B,0"]


def test_large_sums_stay_exact_and_means_short() -> None:
    """Revenue to the cent, an average to ten digits."""
    rows = [["sum", 12345678901.25], ["mean", 1 / 3]]
    text = CSV.render("q", Numbers(rows=rows), SOURCE)
    assert text.splitlines()[3:] == ["sum,12345678901.25", "mean,0.3333333333"]


def test_single_entity_is_json_without_nulls() -> None:
    """An absent field and a null mean the same to a reader."""
    text = CSV.render("get", {"id": 1, "title": "A", "x": None, "tags": []}, SOURCE)
    assert json.loads(text.splitlines()[2]) == {"id": 1, "title": "A", "tags": []}


def test_a_dashboard_is_its_cards_and_its_own_fields() -> None:
    """Thirty reports with their queries would not fit; each is fetched by its id."""
    cells = [
        {"id": "c1", "width": 6, "content_type": "text", "content_id": 5},
        {"id": "c2", "width": 6, "content_type": "report", "content_id": 7},
    ]
    layout = {"rows_order": ["r1"], "rows": {"r1": {"height": 0, "cells": cells}}}
    report = {"id": 7, "name": "Orders", "type": "insights", "params": {"sections": {}}}
    contents = {"report": {"7": report}, "text": {"5": {"id": 5, "markdown": "<p>Hi</p>"}}}
    board = Dashboard(id=1, title="T", can_view=True, layout=layout, contents=contents)
    lines = CSV.render("get_dashboard", board, SOURCE).splitlines()
    assert lines[0].endswith("2 rows · get_bookmark tells the query of a report")
    assert lines[2:5] == [
        "row,content_type,content_id,name,type,description",
        "1,text,5,,,<p>Hi</p>",
        "1,report,7,Orders,insights,",
    ]
    told = json.loads(lines[6])
    assert told["layout"] == layout
    assert not {"contents", "can_view", "description"} & told.keys()


def test_names_come_one_a_line() -> None:
    """A list of names needs no syntax."""
    assert CSV.render("events", ["A", "B"], SOURCE).splitlines()[2:] == ["A", "B"]


def test_json_format_keeps_everything() -> None:
    """Programs get the whole value with its source."""
    text = Renderer("json", 8000).render("get", {"id": 1, "x": None}, SOURCE)
    assert json.loads(text) == {"source": SOURCE, "result": {"id": 1, "x": None}}


def test_table_format_aligns_numbers_to_the_right() -> None:
    """A person reads columns."""
    text = Renderer("table", 8000).render("q", Numbers(rows=[["a", 1234], ["bb", 5]]), SOURCE)
    assert text.splitlines()[2:] == ["day  count", "---  -----", "a    1,234", "bb       5"]


def test_table_format_shows_ids_as_calls_take_them() -> None:
    """A number that is counted has separators, one that is copied has none."""

    class Cohorts(BaseModel):
        def table(self) -> Table:
            return Table(["id", "project_id", "count"], [[3001, None, 2706], [3002, 4242, 5]])

    assert Renderer("table", 8000).render("q", Cohorts(), SOURCE).splitlines()[4:] == [
        "3001              2,706",
        "3002        4242      5",
    ]


def test_table_format_says_shares_and_times_in_words() -> None:
    """A person reads percents and hours, a model computes with 0.5 and 5400."""

    class Steps(BaseModel):
        def table(self) -> Table:
            return Table(["step_conv_ratio", "avg_time"], [[1, None], [0.5, 5400], [0.25, 30]])

    people = Renderer("table", 8000).render("q", Steps(), SOURCE).splitlines()[4:]
    assert [line.split(maxsplit=1) for line in people] == [
        ["100.0%"],
        ["50.0%", "1.5 hours"],
        ["25.0%", "30 seconds"],
    ]
    assert CSV.render("q", Steps(), SOURCE).splitlines()[3:] == ["1,", "0.5,5400", "0.25,30"]


cells = st.none() | st.integers() | st.booleans() | st.text(max_size=12)


@given(rows=st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=30))
def test_csv_reads_back_as_it_was(rows: list[list[Any]]) -> None:
    """Commas, quotes and line ends inside values do not tear the table."""
    text = CSV.render("q", Numbers(rows=rows), SOURCE)
    body = text.split("\n\n", 1)[1]
    read = list(csv.reader(io.StringIO(body, newline="")))
    shown = [[_text(value) for value in row] for row in rows]
    assert read == [["day", "count"], *shown]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_measure_that_mixpanel_ignores_is_pointed_out() -> None:
    """An agent that asked for unique users must not take totals for them."""
    query: InsightsQuery = {"events": [Metric(event="A")], "math": "unique"}
    result = InsightsResult(params={}, series={}, notes=unused_measurement(query))
    assert result.remarks() == ["math"]
    assert "notes" not in result.model_dump()


def test_sampled_cut_and_cached_answers_say_so() -> None:
    """Estimates and old numbers are not passed off as the plain truth."""
    meta = {"sampling_factor": 0.1, "is_segmentation_limit_hit": True, "is_cached": True}
    assert remarks_of(meta) == [
        "sampled (factor 0.1): numbers are estimates",
        "the limit of segments is reached: raise `limit` or filter",
        "cached",
    ]
    assert remarks_of({"sampling_factor": 1, "is_cached": False}) == []


def test_object_that_is_too_large_loses_the_ends_of_its_longest_lists() -> None:
    """It stays JSON, and the reader knows how much of what is missing."""

    class Exported(BaseModel):
        title: str = "Lexicon"
        events: list[dict[str, str]] = [
            {"name": f"Event {number}", "description": "x" * 60} for number in range(100)
        ]
        tags: list[str] = ["a", "b", "c"]

    text = Renderer("csv", 500).render("export", Exported(), SOURCE)
    context, _, body = text.partition("\n\n")
    told = json.loads(body)
    assert context.endswith("region us · events: shown 12 of 100")
    assert told == {
        "title": "Lexicon",
        "events": [{"name": f"Event {number}", "description": "x" * 60} for number in range(12)],
        "tags": ["a", "b", "c"],
    }
    assert len(body) <= 500 * 3


def test_object_without_lists_is_cut_where_it_must() -> None:
    """There is nothing better to leave out."""

    class Long(BaseModel):
        text: str = "y" * 5000

    text = Renderer("csv", 500).render("long", Long(), SOURCE)
    assert "cut after 1,500 of 5,011 characters" in text.partition("\n")[0]
