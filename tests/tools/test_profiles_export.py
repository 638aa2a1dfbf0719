"""Profiles out: page by page, into an answer or a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

IN_JSON: dict[str, Any] = {"toolsets": ("all",), "result_format": "json"}


def page(number: int, size: int, session_id: str | None = "s") -> dict[str, Any]:
    """A page of profiles."""
    people = [
        {"$distinct_id": f"u{number}-{each}", "$properties": {"$last_seen": "now", "n": each}}
        for each in range(size)
    ]
    body = {"results": people, "page": number, "session_id": session_id, "status": "ok"}
    return {"status": 200, "body": body}


async def asked(recorder: Recorder, files: Path | None = None, **arguments: Any) -> Any:
    """The value of an answer of `stream_profiles`."""
    environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
    async with Client(build(Settings(files=files, **IN_JSON), environ)) as client:
        return await told(client, "stream_profiles", **arguments)


async def test_an_answer_holds_the_first_thousand_and_asks_no_further() -> None:
    """Two pages are enough to know that more would follow."""
    async with recording() as recorder:
        recorder.answers += [page(0, 600), page(1, 600), page(2, 600)]
        profiles = await asked(recorder)
    assert (len(profiles), len(recorder.requests)) == (1000, 2)
    assert profiles[0] == {"distinct_id": "u0-0", "last_seen": "now", "properties": {"n": 0}}


async def test_a_file_holds_every_page(tmp_path: Path) -> None:
    """Pages are read to the first without profiles, each in the session of the one before."""
    async with recording() as recorder:
        recorder.answers += [page(0, 2, "a"), page(1, 2, "b"), page(2, 0, "c")]
        written = await asked(recorder, tmp_path, output_file="p.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text("utf-8").splitlines()]
    assert [line["distinct_id"] for line in lines] == ["u0-0", "u0-1", "u1-0", "u1-1"]
    assert written == {
        "file": str(tmp_path / "p.jsonl"),
        "profiles": 4,
        "bytes": (tmp_path / "p.jsonl").stat().st_size,
        "columns": None,
        "renamed": None,
    }
    sent = [request.json() for request in recorder.requests]
    assert [each.get("session_id") for each in sent] == [None, "a", "b"]


async def test_a_server_that_repeats_its_last_page_ends_the_export() -> None:
    """The same page again is no new profiles."""
    async with recording() as recorder:
        recorder.answers += [page(0, 2), page(0, 2)]
        assert len(await asked(recorder)) == 2


async def test_a_failure_between_pages_leaves_no_file(tmp_path: Path) -> None:
    """Half of the people is no answer, and a page cannot be asked for later."""
    async with recording() as recorder:
        recorder.answers += [page(0, 2), {"status": 500, "body": {}}]
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        async with Client(build(Settings(files=tmp_path, **IN_JSON), environ)) as client:
            error = await refused(client, "stream_profiles", output_file="p.csv")
    assert (error["code"], list(tmp_path.iterdir())) == ("SERVER_ERROR", [])  # noqa: ASYNC240


async def test_no_ids_are_no_profiles() -> None:
    """An empty list asks for nobody, and nothing is sent."""
    async with recording() as recorder:
        assert await asked(recorder, distinct_ids=[]) == []
    assert recorder.requests == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"distinct_id": "a", "distinct_ids": ["b"]}, "AC2_DISTINCT_ID_CONFLICT"),
        ({"behaviors": [], "cohort_id": "1"}, "AC3_BEHAVIORS_COHORT_CONFLICT"),
        ({"include_all_users": True}, "AC4_INCLUDE_ALL_USERS_REQUIRES_COHORT"),
        ({"behaviors": ["b"]}, "AC5_BEHAVIORS_NOT_LIST"),
        ({"as_of_timestamp": 99_999_999_999}, "AC6_AS_OF_TIMESTAMP_FUTURE"),
    ],
)
async def test_arguments_that_do_not_go_together_are_refused(
    arguments: dict[str, Any], code: str
) -> None:
    """The rule is named, and nothing is sent."""
    async with recording() as recorder:
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        async with Client(build(Settings(**IN_JSON), environ)) as client:
            error = await refused(client, "stream_profiles", **arguments)
    assert (error["code"], recorder.requests) == (code, [])
