"""What takes one kind of account alone: others hear of it before anything is sent."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from job_client import refused, told
from mcp import Client
from recorder import CREDENTIALS, Recorder, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

TABLE = {"lookup_table_id": "55b4fb2b-e8de-466c-930f-8b36640b9b5e", "csv": "id,name\n1,A\n"}
REQUEST = {"token": "project-token", "distinct_ids": ["ann"]}
KNOWN = {"token": "project-token", "tracking_id": "35bd8477"}
BEARER = {
    **{name: CREDENTIALS[name] for name in CREDENTIALS if name not in ("MP_USERNAME", "MP_SECRET")},
    "MP_OAUTH_TOKEN": "personal-token",
}


@asynccontextmanager
async def asking(environ: Mapping[str, str]) -> AsyncGenerator[tuple[Client, Recorder]]:
    """A client of a server whose Mixpanel is a recorder."""
    settings = Settings(toolsets=("all",), result_format="json", lookups=False, confirm="never")
    async with recording() as recorder:
        own = {**environ, "MP_API_BASE_URL": recorder.url}
        async with Client(build(settings, own)) as client:
            yield client, recorder


@pytest.mark.parametrize(
    ("environ", "tool", "arguments", "told_of"),
    [
        (BEARER, "ingest_list_lookup_tables", {}, "oauth_token"),
        (BEARER, "replace_lookup_table", TABLE, "oauth_token"),
        (BEARER, "evaluate_flags", {"context": {"distinct_id": "ann"}}, "oauth_token"),
        (BEARER, "get_flag_definitions", {}, "oauth_token"),
        (CREDENTIALS, "gdpr_create_retrieval", REQUEST, "service_account"),
        (CREDENTIALS, "gdpr_get_retrieval", KNOWN, "service_account"),
        (CREDENTIALS, "gdpr_create_deletion", REQUEST, "service_account"),
        (CREDENTIALS, "gdpr_get_deletion", KNOWN, "service_account"),
        (CREDENTIALS, "gdpr_cancel_deletion", KNOWN, "service_account"),
    ],
)
async def test_another_kind_of_account_is_refused_here(
    environ: Mapping[str, str], tool: str, arguments: Mapping[str, Any], told_of: str
) -> None:
    """The error says which kind is needed and how to come by it."""
    async with asking(environ) as (client, recorder):
        error = await refused(client, tool, **arguments)
        assert (error["code"], error["details"]["account_type"]) == ("CONFIG_ERROR", told_of)
        assert "mixpanel-mcp" in error["message"]
        assert recorder.requests == []


async def test_a_project_token_does_in_place_of_an_account() -> None:
    """Flags are asked for as SDKs ask, whatever the account."""
    async with asking(BEARER) as (client, recorder):
        recorder.answers.append({"status": 200, "body": {"flags": []}})
        answer = await told(client, "get_flag_definitions", token="project-token")
        [request] = recorder.requests
    assert answer == {"flags": []}
    assert request.query == {"token": "project-token"}
    assert request.headers["authorization"] == "Basic cHJvamVjdC10b2tlbjo="


async def test_a_new_request_is_known_by_its_tracking_id_too() -> None:
    """The prose of the documentation answers with a list of jobs, and calls the URL result."""
    job = {"tracking_id": "t-1", "status": "PENDING", "distinct_id_count": 1}
    async with asking(BEARER) as (client, recorder):
        recorder.answers += [
            {"status": 201, "body": {"status": "ok", "results": [job]}},
            {"status": 200, "body": {"results": {"status": "SUCCESS", "result": "https://f"}}},
            {"status": 201, "body": {"status": "ok", "results": []}},
        ]
        created = await told(client, "gdpr_create_deletion", **REQUEST)
        assert created == {"task_id": "t-1", "jobs": [job]}
        found = await told(client, "gdpr_get_retrieval", **KNOWN)
        assert found == {"status": "SUCCESS", "results": "https://f"}
        error = await refused(client, "gdpr_create_deletion", **REQUEST)
        assert error["code"] == "INVALID_RESPONSE"


async def test_rows_that_mixpanel_refuses_are_told() -> None:
    """As the error of the whole table, none of which was taken."""
    body = {
        "code": 400,
        "error": "some rows failed",
        "status": "Bad Request",
        "failed_records": [{"index": 3, "message": "invalid UTF-8"}],
    }
    async with asking(CREDENTIALS) as (client, recorder):
        recorder.answers.append({"status": 400, "body": body})
        error = await refused(client, "replace_lookup_table", **TABLE)
        assert (error["code"], error["message"]) == ("QUERY_FAILED", "some rows failed")
        assert error["details"]["response_body"] == body
        assert len(recorder.requests) == 1
