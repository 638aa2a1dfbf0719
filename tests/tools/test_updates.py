"""Updates of profiles and events with a token: checked, cut into requests, never doubled."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.published import names
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

TOOLSETS = ("ingestion", "profiles", "groups", "identity")
TOOLS = tuple(name for name, toolset in names().items() if toolset in TOOLSETS)
TAKEN = {"status": 200, "body": {"status": 1, "error": None}}
LOST = {"transport_error": True}
BUSY = {"status": 503, "body": {}}
TOKEN = {"token": "t"}
PERSON = {**TOKEN, "distinct_id": "u"}
GROUP = {**TOKEN, "group_key": "company", "group_id": "acme"}


@asynccontextmanager
async def asking(recorder: Recorder) -> AsyncGenerator[Client]:
    """A client of a server whose Mixpanel is the recorder, and whose retries wait for nothing."""

    async def at_once(seconds: float) -> None:
        pass

    environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
    settings = Settings(tools=TOOLS, max_wait=100, confirm="never")
    sessions = Sessions(settings, environ, sleep=at_once)
    async with Client(build(settings, environ, sessions=sessions)) as client:
        yield client


async def called(recorder: Recorder, tool: str, **arguments: Any) -> CallToolResult:
    """The answer to a call."""
    async with asking(recorder) as client:
        return await client.call_tool(tool, arguments)


def error_of(result: CallToolResult) -> dict[str, Any]:
    """The error of a refused call."""
    assert result.structured_content is not None, result.content
    return result.structured_content["error"]


def updates(count: int, **operation: Any) -> list[dict[str, Any]]:
    """Updates of as many people."""
    return [{"$distinct_id": f"u{number}", **operation} for number in range(count)]


async def test_many_updates_leave_in_order_two_thousand_at_a_time() -> None:
    """Each carries the token, its own where it has one."""
    many = updates(4500, **{"$set": {"a": 1}})
    many[7]["$token"] = "other"
    async with recording() as recorder:
        recorder.answers += [TAKEN, TAKEN, TAKEN]
        result = await called(recorder, "profile_batch_update", **TOKEN, updates=many)
    assert not result.is_error
    batches = [request.json() for request in recorder.requests]
    assert [len(batch) for batch in batches] == [2000, 2000, 500]
    assert [each for batch in batches for each in batch] == [{"$token": "t", **e} for e in many]


async def test_large_updates_make_smaller_requests() -> None:
    """A request stays below a megabyte."""
    async with recording() as recorder:
        recorder.answers += [TAKEN, TAKEN]
        many = updates(3, **{"$set": {"a": "x" * 400_000}})
        await called(recorder, "group_batch_update", **TOKEN, updates=of_groups(many))
    assert [len(request.json()) for request in recorder.requests] == [2, 1]


async def test_odd_values_arrive_as_they_are() -> None:
    """Numbers beyond 64 bits, and the half of an emoji that a cut left over."""
    odd = {"large": 2**70, "half": "\ud83d"}
    async with recording() as recorder:
        recorder.answers += [TAKEN, TAKEN]
        await called(recorder, "profile_add", **PERSON, values={"n": 2**70})
        await called(recorder, "track_events", **TOKEN, events=[{"event": "E", "properties": odd}])
        recorder.answers.append({"status": 200, "body": {"num_records_imported": 1}})
        merged = {"distinct_id_1": "u", "distinct_id_2": "\ud83d"}
        await called(recorder, "identity_merge", **TOKEN, **merged)
    added, tracked, merge = (json.loads(request.body) for request in recorder.requests)
    assert added[0]["$add"] == {"n": 2**70}
    assert tracked[0]["properties"] == {"token": "t", **odd}
    assert merge[0]["properties"] == {"$distinct_ids": ["u", "\ud83d"], "token": "t"}


async def test_a_later_failure_tells_what_was_taken_before() -> None:
    """Whoever goes on knows where."""
    many = updates(4500, **{"$append": {"a": 1}})
    async with recording() as recorder:
        recorder.answers += [TAKEN, TAKEN, {"status": 400, "body": {"error": "boom"}}]
        result = await called(recorder, "profile_batch_update", **TOKEN, updates=many)
    assert error_of(result)["details"]["taken_so_far"] == {"records": 4000, "requests": 2}


REPEATABLE: list[tuple[str, dict[str, Any]]] = [
    ("profile_set", {**PERSON, "values": {"a": 1}}),
    ("group_union", {**GROUP, "values": {"a": [1]}}),
    ("profile_batch_update", {**TOKEN, "updates": updates(2, **{"$unset": ["a"]})}),
    ("track_events", {**TOKEN, "events": [{"event": "E", "properties": {"$insert_id": "i"}}]}),
    ("identity_create_alias", {**TOKEN, "distinct_id": "a", "alias": "b"}),
]
COUNTING: list[tuple[str, dict[str, Any]]] = [
    ("profile_add", {**PERSON, "values": {"a": 1}}),
    ("profile_track_charge", {**PERSON, "amount": 5}),
    ("profile_batch_update", {**TOKEN, "updates": updates(1, **{"$append": {"a": 1}})}),
    ("track_events", {**TOKEN, "events": [{"event": "E", "properties": {}}]}),
]


@pytest.mark.parametrize("fault", [LOST, BUSY, {"status": 429, "body": {}}])
async def test_what_does_the_same_twice_is_sent_again(fault: dict[str, Any]) -> None:
    """Also when only the answer was lost; the second request is the first one."""
    async with recording() as recorder, asking(recorder) as client:
        for tool, arguments in REPEATABLE:
            recorder.answers += [fault, TAKEN]
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
    sent = [request.body for request in recorder.requests]
    assert sent[::2] == sent[1::2]
    assert len(sent) == 2 * len(REPEATABLE)


@pytest.mark.parametrize("fault", [LOST, BUSY, {"status": 500, "body": {}}])
async def test_what_would_count_twice_is_sent_once(fault: dict[str, Any]) -> None:
    """The error says that it is not known whether it was taken."""
    async with recording() as recorder, asking(recorder) as client:
        for tool, arguments in COUNTING:
            recorder.answers.append(fault)
            error = error_of(await client.call_tool(tool, arguments))
            assert error["details"]["outcome"].startswith("not known")
    assert len(recorder.requests) == len(COUNTING)


async def test_a_limit_of_rate_says_when_to_go_on() -> None:
    """What was refused for its rate was not taken, and counts nothing."""
    async with recording() as recorder:
        recorder.answers.append({"status": 429, "headers": {"retry-after": "7"}, "body": {}})
        result = await called(recorder, "profile_add", **PERSON, values={"a": 1})
    assert (error_of(result)["code"], error_of(result)["details"]["retry_after"]) == (
        "RATE_LIMITED",
        7,
    )
    assert "outcome" not in error_of(result)["details"]


@pytest.mark.parametrize(
    ("body", "strict"), [(1, False), ({"code": 200, "num_good_events": 1, "status": "OK"}, True)]
)
async def test_every_good_answer_is_read(body: Any, strict: bool) -> None:
    """In a word, and where each record was checked."""
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "body": body})
        result = await called(
            recorder, "profile_set", **PERSON, values={"a": 1}, ip=True, strict=strict
        )
    assert not result.is_error
    [request] = recorder.requests
    asked = {"verbose": "1", "ip": "1"}
    assert request.query == ({**asked, "strict": "1"} if strict else asked)
    assert "authorization" not in request.headers


@pytest.mark.parametrize("body", [0, {"status": 0, "error": "bad"}])
async def test_nothing_well_formed_is_an_error_in_spite_of_status_200(body: Any) -> None:
    """With Mixpanel's reason where it gives one."""
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "body": body})
        result = await called(recorder, "profile_set", **PERSON, values={"a": 1})
    assert error_of(result)["code"] == "QUERY_FAILED"


BAD_GROUP = ["updates[0].$group_id", "updates[0].$add.n"]
REFUSALS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("profile_set", {"values": {}, "distinct_id": ""}, ["distinct_id"]),
    ("profile_set", {"values": {"": 1}, "distinct_id": "undefined"}, ["distinct_id", "values"]),
    ("profile_set", {"values": {f"p{n}": 1 for n in range(2001)}}, ["values"]),
    ("profile_set", {"values": {"a": "x" * 1_000_001}}, ["values"]),
    ("profile_add", {"values": {"a": "5", "b": True, "c": 1}}, ["values.a", "values.b"]),
    ("profile_append", {"values": {}}, ["values"]),
    (
        "profile_union",
        {"values": {"a": [], "b": "x", "c": [1, {}]}},
        ["values.a", "values.b", "values.c[1]"],
    ),
    ("profile_unset", {"property_names": []}, ["property_names"]),
    ("profile_unset", {"property_names": ["a", ""]}, ["property_names[1]"]),
    ("profile_track_charge", {"amount": 1, "details": {"$time": "May"}}, ["details.$time"]),
    (
        "profile_track_charge",
        {"amount": 1, "details": {"$time": "2026-1-1T9:00:00"}},
        ["details.$time"],
    ),
    ("profile_batch_update", {"updates": []}, ["updates"]),
    (
        "profile_batch_update",
        {
            "updates": [
                {"$distinct_id": "u", "$set": {}},
                {"distinct_id": "u", "$set": {}},
                {"$distinct_id": "u", "$setonce": {}},
                {"$distinct_id": "u", "$set": {}, "$unset": ["a"], "$latitude": "5"},
                {"$distinct_id": "undefined", "$delete": "", "$ignore_alias": "yes"},
            ]
        },
        [
            "updates[1].$distinct_id",
            "updates[1].distinct_id",
            "updates[2]",
            "updates[2].$setonce",
            "updates[3]",
            "updates[3].$latitude",
            "updates[4].$ignore_alias",
        ],
    ),
    ("group_set", {"group_key": "", "group_id": "a", "values": {}}, ["group_key"]),
    ("group_batch_update", {"updates": [{"$group_key": "k", "$add": {"n": "1"}}]}, BAD_GROUP),
    ("identity_create", {"identified_id": "u", "anon_id": "v"}, ["anon_id"]),
    ("identity_create_alias", {"distinct_id": "u", "alias": "u"}, ["alias"]),
    ("identity_merge", {"distinct_id_1": "u", "distinct_id_2": "null"}, ["distinct_id_2"]),
    (
        "track_events",
        {
            "events": [
                {"event": "E", "properties": {"$insert_id": "a b"}},
                {"event": "E", "properties": {"time": "now"}},
                {"event": "E", "properties": {"a": {"b": {"c": {"d": {}}}}}},
            ]
        },
        [
            "events[0].properties.$insert_id",
            "events[1].properties.time",
            "events[2].properties.a",
        ],
    ),
    ("track_events", {"events": [{"event": "E", "properties": {}}] * 2001}, ["events"]),
    ("track_events", {"events": [{"event": "E", "properties": {}, "time": 1}]}, ["events[0].time"]),
]


async def test_what_mixpanel_would_drop_is_refused_by_its_place() -> None:
    """All problems of a call at once, before anything is sent."""
    named: list[tuple[str, dict[str, Any], list[str]]] = []
    async with recording() as recorder, asking(recorder) as client:
        for tool, arguments, _ in REFUSALS:
            error = error_of(await client.call_tool(tool, {**whom(tool), **arguments}))
            fields = [problem["field"] for problem in error["details"]["problems"]]
            named.append((tool, arguments, fields))
    assert named == REFUSALS
    assert recorder.requests == []


def whom(tool: str) -> dict[str, str]:
    """The token, and whose profile a tool updates that takes one."""
    if "batch" in tool or not tool.startswith(("profile_", "group_")):
        return TOKEN
    return PERSON if tool.startswith("profile_") else GROUP


def of_groups(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same updates, of groups."""
    return [
        {"$group_key": "company", "$group_id": each.pop("$distinct_id"), **each} for each in people
    ]
