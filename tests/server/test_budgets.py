"""What is left of Mixpanel's limits is told and kept to, and the same question is asked once."""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from recorded_client import connected
from recorder import Recorded, recording
from two_projects import VISITS, at_home, mixpanel, text

from mixpanel_mcp import answers

pytestmark = pytest.mark.anyio


def spent(home: Path, number: int) -> None:
    """Have so many queries counted at the time of the one that is."""
    (file,) = home.glob(".mp/limits/*.json")
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "sent": told["sent"][:1] * number}))


async def test_answers_tell_what_is_left_and_the_next_call_is_refused_with_the_seconds(
    tmp_path: Path,
) -> None:
    """All servers of one user count together."""
    async with recording() as recorder:
        recorder.answer = mixpanel
        async with at_home(tmp_path, recorder, result_format="json") as client:
            result = await client.call_tool("query", VISITS)
            told = json.loads(text(result))["budget"]
            assert told == {"query": {"most": 60, "left": 59, "refill_seconds": 3600}}
        async with at_home(tmp_path, recorder) as client:
            first = text(await client.call_tool("query", VISITS))
            assert " · region us · 58 of 60 queries left this hour, one more in " in first
        spent(tmp_path, 40)
        async with at_home(tmp_path, recorder) as client:
            result = await client.call_tool("query", {**VISITS, "last": 3})
            assert " · 19 of 60 queries left this hour, one more in " in text(result)
            spent(tmp_path, 60)
            refused = await client.call_tool("query", {**VISITS, "last": 90})
            assert text(refused).startswith(
                "RATE_LIMITED: Mixpanel takes 60 queries of a project in one hour, of which "
                "project 1 has 0 left: nothing was sent. Retry after 3"
            )
            across = {"tool": "query", "targets": ["forum", "shop"], "arguments": VISITS}
            assert "project 1 has 0 left" in text(await client.call_tool("query_targets", across))
            elsewhere = await client.call_tool("query", {**VISITS, "target": "forum"})
            assert not elsewhere.is_error
    assert len(recorder.requests) == 4


async def test_five_queries_of_a_project_run_at_once(tmp_path: Path) -> None:
    """Further calls wait for their turn, and all are answered."""
    running: list[str] = []
    most = 0

    async def slowly(request: Recorded) -> Mapping[str, Any]:
        nonlocal most
        running.append(request.path)
        most = max(most, len(running))
        await asyncio.sleep(0.03)
        running.pop()
        return await mixpanel(request)

    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        recorder.answer = slowly
        calls = [client.call_tool("query", {**VISITS, "last": last}) for last in range(3, 15)]
        results = await asyncio.gather(*calls)
    assert (most, [each.is_error for each in results]) == (5, [False] * 12)


async def test_nothing_is_sent_while_mixpanel_wants_nothing(tmp_path: Path) -> None:
    """Its refusal tells the seconds, and so do all calls until they are over."""
    async with recording() as recorder, at_home(tmp_path, recorder) as client:
        recorder.answers.append({"status": 429, "body": {}, "headers": {"retry-after": "90"}})
        first, second = [text(await client.call_tool("query", VISITS)) for _ in range(2)]
    assert first.startswith("RATE_LIMITED: Mixpanel's rate limit is reached. Retry after 90 sec")
    assert second.startswith("RATE_LIMITED: Mixpanel has asked for no queries of project 1 for a ")
    assert len(recorder.requests) == 1


async def test_the_same_question_within_a_minute_is_asked_once() -> None:
    """The second answer is the first one's and says so; another question is asked."""
    async with connected(tools=("query", "create_annotation")) as (client, recorder):
        recorder.answer = mixpanel
        first = text(await client.call_tool("query", VISITS))
        second = text(await client.call_tool("query", {"last": 2, "events": "Visit"}))
        assert second != first
        assert re.sub(r"region us · cached: asked \d+ s ago", "region us", second) == first
        await client.call_tool("query", {**VISITS, "last": 3})
        assert len(recorder.requests) == 2


async def test_the_latest_questions_are_those_that_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where many were asked before within the minute."""
    monkeypatch.setattr(answers, "_MOST", 2)
    async with connected(tools=("query",)) as (client, recorder):
        recorder.answer = mixpanel
        asked = [{**VISITS, "last": last} for last in (2, 3, 4, 4, 3, 2)]
        told = [text(await client.call_tool("query", each)) for each in asked]
    assert ["cached" in each for each in told] == [False, False, False, True, True, False]


async def test_the_same_question_at_once_is_asked_once() -> None:
    """Whoever asks second waits for the first, and asks anew where that comes to nothing."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def answer(request: Recorded) -> Mapping[str, Any]:
        begun.set()
        await go_on.wait()
        return await mixpanel(request)

    async with connected(tools=("query",)) as (client, recorder):
        recorder.answer = answer
        calls = [asyncio.create_task(client.call_tool("query", VISITS)) for _ in range(4)]
        await begun.wait()
        calls[0].cancel()
        go_on.set()
        told = [text(each) for each in await asyncio.gather(*calls[1:])]
    assert ["cached" in each for each in told] == [False, True, True]
    assert len(recorder.requests) == 2


async def test_a_change_through_this_server_has_all_asked_again() -> None:
    """What was answered before may be wrong after it."""
    note = {"date": "2026-01-01 00:00:00", "description": "Launch"}
    async with connected(tools=("query", "create_annotation")) as (client, recorder):
        recorder.answer = mixpanel
        for tool, arguments in (("query", VISITS), ("create_annotation", note), ("query", VISITS)):
            await client.call_tool(tool, arguments)
        assert len(recorder.requests) == 3


async def test_nothing_is_remembered_where_the_user_does_not_want_it() -> None:
    """`--no-cache` has every call asked."""
    async with connected(tools=("query",), cache=False) as (client, recorder):
        recorder.answer = mixpanel
        for _ in range(2):
            assert "cached" not in text(await client.call_tool("query", VISITS))
        assert len(recorder.requests) == 2
