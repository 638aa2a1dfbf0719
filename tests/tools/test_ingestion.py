"""Events in: identified, batched, counted; nothing lost, nothing doubled."""

from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio


def event(number: int, **properties: Any) -> dict[str, Any]:
    """An event without an `$insert_id`."""
    told = {"time": 1780000000 + number, "distinct_id": "u", **properties}
    return {"event": "Ping", "properties": told}


async def imported(
    recorder: Recorder, events: list[dict[str, Any]], **arguments: Any
) -> CallToolResult:
    """The answer to `import_events`."""
    environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
    async with Client(build(Settings(toolsets=("all",), max_wait=0), environ)) as client:
        return await client.call_tool("import_events", {"events": events, **arguments})


def taken(count: int) -> dict[str, Any]:
    """Mixpanel's answer to a good batch."""
    return {"status": 200, "body": {"code": 200, "num_records_imported": count, "status": "OK"}}


def ids(recorder: Recorder) -> list[str]:
    """The insert ids that were sent, in order."""
    return [
        record["properties"]["$insert_id"]
        for request in recorder.requests
        for record in request.json()
    ]


async def test_batches_hold_two_thousand_in_order() -> None:
    """5,000 events leave in three requests, none of them twice."""
    async with recording() as recorder:
        recorder.answers += [taken(2000), taken(2000), taken(1000)]
        result = await imported(recorder, [event(number) for number in range(5000)])
    assert not result.is_error
    assert [len(request.json()) for request in recorder.requests] == [2000, 2000, 1000]
    assert len(set(ids(recorder))) == 5000


async def test_large_events_make_smaller_batches() -> None:
    """A batch stays below Mixpanel's ten megabytes."""
    async with recording() as recorder:
        recorder.answers += [taken(9), taken(3)]
        await imported(recorder, [event(number, x="y" * 1_000_000) for number in range(12)])
    assert [len(request.json()) for request in recorder.requests] == [9, 3]


async def test_repeated_call_sends_the_same_ids_and_twins_stay_apart() -> None:
    """Calling again doubles nothing; two events alike in everything are still two."""
    events = [event(1), event(1), event(2)]
    async with recording() as recorder:
        recorder.answers += [taken(3), taken(3)]
        await imported(recorder, events)
        await imported(recorder, events)
    first, second = ids(recorder)[:3], ids(recorder)[3:]
    assert first == second
    assert len(set(first)) == 3
    assert all(len(each) <= 36 for each in first)


async def test_failed_record_is_named_by_its_place_in_the_whole_input() -> None:
    """The second batch's first record is number 2,000, whatever Mixpanel counts."""
    refused = [{"index": 0, "$insert_id": "i", "field": "properties.time", "message": "invalid"}]
    partial = {"code": 400, "error": "some", "num_records_imported": 0, "failed_records": refused}
    async with recording() as recorder:
        recorder.answers += [taken(2000), {"status": 400, "body": partial}]
        result = await imported(recorder, [event(number) for number in range(2001)])
    assert '"index":2000' in getattr(result.content[0], "text", "")


def refusing(*records: Any) -> dict[str, Any]:
    """Mixpanel's answer to a batch with these records in it that it does not take."""
    body = {"code": 400, "error": "some failed", "num_records_imported": 0}
    return {"status": 400, "body": {**body, "failed_records": records}}


async def test_refused_record_may_have_ids_and_reasons_of_any_kind() -> None:
    """What was imported with it is told all the same."""
    async with recording() as recorder:
        recorder.answers.append(refusing({"index": 0, "insert_id": 7, "message": None}))
        result = await imported(recorder, [event(1, **{"$insert_id": 7})])
    assert '{"index":0,"insert_id":"7","field":null,"message":"Mixpanel gives no reason"}' in (
        getattr(result.content[0], "text", "")
    )


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (refusing(), "QUERY_FAILED", "some failed"),
        (refusing({"message": "bad"}), "INVALID_RESPONSE", "does not tell which records"),
        (refusing({"index": 1}), "INVALID_RESPONSE", "does not tell which records"),
        (refusing("bad"), "INVALID_RESPONSE", "does not tell which records"),
    ],
)
async def test_refusal_of_no_known_record_is_an_error(
    answer: dict[str, Any], code: str, message: str
) -> None:
    """It says what Mixpanel said, and not that all is well."""
    async with recording() as recorder:
        recorder.answers.append(answer)
        result = await imported(recorder, [event(1)])
    assert result.structured_content is not None
    error = result.structured_content["error"]
    assert (error["code"], message in error["message"]) == (code, True)


async def test_later_failure_tells_what_was_imported_before() -> None:
    """Nobody has to guess what is in Mixpanel already."""
    async with recording() as recorder:
        recorder.answers += [taken(2000), {"status": 500, "body": {"error": "boom"}}]
        result = await imported(recorder, [event(number) for number in range(2001)])
    assert result.is_error
    assert result.structured_content is not None
    assert result.structured_content["error"]["details"]["imported_so_far"] == {
        "num_records_imported": 2000,
        "failed_records": [],
        "batches": 1,
    }


async def test_project_token_takes_the_accounts_place() -> None:
    """With a token the request carries it as Basic user name, and no project id."""
    async with recording() as recorder:
        recorder.answers.append(taken(1))
        await imported(recorder, [event(1)], token="abc", gzip=False)
    [request] = recorder.requests
    assert request.headers["authorization"] == "Basic YWJjOg=="
    assert request.query == {"strict": "1"}
    assert "content-encoding" not in request.headers


async def test_events_dropped_in_silence_are_foretold() -> None:
    """Without `strict` Mixpanel says nothing of what it drops, so the answer warns."""
    async with recording() as recorder:
        recorder.answers.append(taken(2))
        events = [event(1), event(2, distinct_id="undefined")]
        result = await imported(recorder, events, strict=False)
    text = getattr(result.content[0], "text", "")
    assert "1 look invalid, the first: index 1, 'properties.distinct_id' is invalid" in text
    assert recorder.requests[0].query["strict"] == "0"
    assert len(recorder.requests[0].json()) == 2
