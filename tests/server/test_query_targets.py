"""One question is asked of several projects, into one table."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from recorder import Recorded, recording
from two_projects import VISITS, at_home, mixpanel, text

from mixpanel_mcp.charting import CHART
from mixpanel_mcp.commands.pictures import SHOWS_CHARTS

pytestmark = pytest.mark.anyio

LEFT = "59 of 60 queries left this hour, one more in 1 h"
EMPTY = {"computed_at": "", "date_range": {}, "headers": ["$metric"], "series": {}}


async def test_several_projects_are_asked_at_once_into_one_table(tmp_path: Path) -> None:
    """Each row says its target; one that fails is told below, with where the others came from."""
    call = {"tool": "query", "targets": ["shop", "forum", "/9"], "arguments": VISITS}
    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        recorder.answer = mixpanel
        answer = text(await client.call_tool("query_targets", call))
    assert answer == (
        "query_targets · 2 rows · 2 of 3 targets answered\n\n"
        "target,date,event,count\n"
        "shop,2026-01-01,Visit,1\n"
        "forum,2026-01-01,Visit,2\n"
        "\n"
        f"shop: account team, project 1, region us · {LEFT}\n"
        f"forum: account team, project 2, region us · {LEFT}\n"
        "/9 did not answer: Access denied to project 9"
    )


async def test_a_program_gets_each_answer_beside_its_source(tmp_path: Path) -> None:
    """Whole, as the tool itself gives it."""
    call = {"tool": "query", "targets": ["shop", "forum"], "arguments": VISITS}
    async with recording() as recorder, at_home(tmp_path, recorder, result_format="json") as client:
        recorder.answer = mixpanel
        told = json.loads(text(await client.call_tool("query_targets", call)))["result"]
        alone = json.loads(text(await client.call_tool("query", {**VISITS, "target": "forum"})))
    assert told["failed"] == {}
    assert [each["target"] for each in told["answers"]] == ["shop", "forum"]
    assert told["answers"][1] == {
        "target": "forum",
        "source": alone["source"],
        "budget": {"query": {"most": 60, "left": 59, "refill_seconds": 3600}},
        "result": alone["result"],
    }


async def test_what_was_just_asked_of_a_target_is_not_asked_again(tmp_path: Path) -> None:
    """The line of that target says how old its rows are, as an answer of its own would."""
    call = {"tool": "query", "targets": ["shop", "forum"], "arguments": VISITS}
    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        recorder.answer = mixpanel
        await client.call_tool("query", {**VISITS, "target": "forum"})
        answer = text(await client.call_tool("query_targets", call))
        assert len(recorder.requests) == 2
    assert answer.splitlines()[-2:] == [
        f"shop: account team, project 1, region us · {LEFT}",
        "forum: account team, project 2, region us · cached: asked 0 s ago",
    ]


async def test_each_target_tells_its_time_zone_and_the_nearest_names(tmp_path: Path) -> None:
    """What a single query would be told; that days differ stands in the first line."""
    zones = {"1": {"timezone": "US/Pacific"}, "2": {"timezone": "Asia/Tokyo"}}

    async def answer(request: Recorded) -> Mapping[str, Any]:
        if request.path.endswith("/me"):
            return {"status": 200, "body": {"results": {"projects": zones}}}
        if request.path.endswith("/events/names"):
            return {"status": 200, "body": ["Visit"]}
        told = await mixpanel(request)
        return told if request.json()["project_id"] == 1 else {**told, "body": EMPTY}

    call = {"tool": "query", "targets": ["shop", "forum"], "arguments": {"events": "Visits"}}
    async with recording() as recorder, at_home(tmp_path, recorder, lookups=True) as client:
        recorder.answer = answer
        told = text(await client.call_tool("query_targets", call))
    assert told == (
        "query_targets · 1 row · 2 of 2 targets answered · time zones differ: a day is not the "
        "same hours in every target\n\n"
        "target,date,event,count\n"
        "shop,2026-01-01,Visit,1\n"
        "\n"
        f"shop: account team, project 1, region us · time zone US/Pacific · {LEFT}\n"
        "forum: account team, project 2, region us · time zone Asia/Tokyo · 58 of 60 queries left "
        "this hour, one more in 1 h\n"
        "forum: There is no event 'Visits'. Did you mean 'Visit'?"
    )


async def test_live_queries_are_asked_too(tmp_path: Path) -> None:
    """Their tables have their own columns, beside the target's."""
    days = {"series": ["2026-01-01"], "values": {"Visit": {"2026-01-01": 3}}}
    call = {
        "tool": "event_counts",
        "targets": ["shop", "forum"],
        "arguments": {"events": ["Visit"], "from_date": "2026-01-01", "to_date": "2026-01-01"},
    }
    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        recorder.answers += [{"status": 200, "body": {"legend_size": 1, "data": days}}] * 2
        told = text(await client.call_tool("query_targets", call))
    assert told.splitlines()[2:5] == [
        "target,date,event,count",
        "shop,2026-01-01,Visit,3",
        "forum,2026-01-01,Visit,3",
    ]


async def test_where_no_target_answers_each_is_told(tmp_path: Path) -> None:
    """Once for those that say the same."""
    call = {"tool": "query", "targets": ["shop", "forum", "/9"], "arguments": VISITS}

    async def answer(request: Recorded) -> Mapping[str, Any]:
        if request.json()["project_id"] == 9:
            return await mixpanel(request)
        return {"status": 400, "body": {"error": "Too large"}}

    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        recorder.answer = answer
        result = await client.call_tool("query_targets", call)
    assert (result.is_error, text(result).splitlines()[0]) == (
        True,
        "QUERY_FAILED: None of the 3 targets answered. shop, forum: Too large; /9: Access denied "
        "to project 9",
    )


async def test_a_table_that_is_cut_goes_on_by_its_handle(tmp_path: Path) -> None:
    """What is shown has some of each target; all of one is read by the column that names it."""
    days = {f"2026-01-{day:02}T00:00:00": day for day in range(1, 29)}
    body = {"computed_at": "", "date_range": {}, "headers": [], "series": {"Visit": days}}
    call = {"tool": "query", "targets": ["shop", "forum"], "arguments": VISITS}
    async with (
        recording() as recorder,
        at_home(tmp_path, recorder, max_tokens=500) as client,
    ):
        recorder.answers += [{"status": 200, "body": body}] * 2
        told = text(await client.call_tool("query_targets", call))
        found = re.match(r"query_targets · shown \d+ of 56 rows; go on with handle (r\w+): ", told)
        assert found is not None, told
        assert told.splitlines()[3:6] == [
            "shop,2026-01-01,Visit,1",
            "forum,2026-01-01,Visit,1",
            "shop,2026-01-02,Visit,2",
        ]
        sorting = {"handle": found[1], "where": [{"column": "target", "op": "=", "value": "forum"}]}
        page = text(await client.call_tool("read_result", {**sorting, "sort": ["-count"]}))
    assert page.splitlines()[2:4] == ["target,date,event,count", "forum,2026-01-28,Visit,28"]


async def test_answers_of_several_projects_are_drawn_side_by_side(tmp_path: Path) -> None:
    """In the chat where charts are shown there, and as a picture by `draw_chart`."""
    call = {"tool": "query", "targets": ["shop", "forum"], "arguments": VISITS}
    tools = ("query", "query_targets", "draw_chart")
    async with (
        recording() as recorder,
        at_home(tmp_path, recorder, [SHOWS_CHARTS], tools=tools) as client,
    ):
        recorder.answer = mixpanel
        chart = ((await client.call_tool("query_targets", call)).meta or {})[CHART]
        asked = {"tool": "query_targets", "arguments": call}
        words, picture = (await client.call_tool("draw_chart", asked)).content
        assert len(recorder.requests) == 2
    assert chart["title"] == "Visit: 2 projects"
    assert {each["name"]: each["values"] for each in chart["series"]} == {"shop": [1], "forum": [2]}
    assert getattr(words, "text", "") == "draw_chart · from several projects\n\nVisit: 2 projects"
    assert getattr(picture, "mime_type", None) == "image/png"


async def test_picture_of_nothing_offers_the_nearest_names(tmp_path: Path) -> None:
    """As the query itself would; and so does the chart in the chat."""
    nothing = {"Visits": {"2026-01-01T00:00:00": 0, "2026-01-02T00:00:00": 0}}

    async def answer(request: Recorded) -> Mapping[str, Any]:
        if request.path.endswith("/events/names"):
            return {"status": 200, "body": ["Visit"]}
        return {"status": 200, "body": {**EMPTY, "series": nothing}}

    asked = {"events": "Visits"}
    tools = ("query", "draw_chart")
    async with (
        recording() as recorder,
        at_home(tmp_path, recorder, [SHOWS_CHARTS], tools=tools, lookups=True) as client,
    ):
        recorder.answer = answer
        told = text(await client.call_tool("draw_chart", {"tool": "query", "arguments": asked}))
        shown = ((await client.call_tool("query", asked)).meta or {})[CHART]
    assert told.splitlines()[1] == "There is no event 'Visits'. Did you mean 'Visit'?"
    assert shown["notes"] == ["There is no event 'Visits'. Did you mean 'Visit'?"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"targets": ["shop", "shp"]}, "targets[1]: "),
        ({"targets": ["shop", "forum", "shop"]}, "targets[2]: 'shop' is told twice"),
        ({"targets": ["shop", "/1"]}, "targets[1]: '/1' is the same place as 'shop'"),
        ({"targets": ["shop"]}, "targets"),
        ({"arguments": {**VISITS, "target": "shop"}}, "arguments.target: "),
        ({"arguments": {"events": ["Visit"], "unit": "fortnight"}}, "unit"),
        ({"tool": "delete_dashboard"}, "tool"),
    ],
)
async def test_what_cannot_be_asked_is_told_before_anything_is_sent(
    call: dict[str, Any], told: str, tmp_path: Path
) -> None:
    """A wrong target, a wrong query, or what is no query."""
    whole = {"tool": "query", "targets": ["shop", "forum"], "arguments": VISITS, **call}
    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        result = await client.call_tool("query_targets", whole)
    assert (result.is_error, told in text(result)) == (True, True), text(result)
    assert recorder.requests == []
