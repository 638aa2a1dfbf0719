"""Profiles as a client asks for them: what is sent, and what an analyst reads."""

from typing import Any

import pytest
from mcp import Client
from recorder import CREDENTIALS, Recorded, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

SETTINGS = {**CREDENTIALS, "MP_WORKSPACE_ID": "9"}
PAGE = {
    "results": [
        {"$distinct_id": "u1", "$properties": {"$email": "a@x", "ltv": 5}},
        {"$distinct_id": "u2", "$properties": {"ltv": 3.5}},
    ],
    "session_id": None,
    "total": 18304,
    "page_size": 1000,
}


async def asked(
    tool: str, arguments: dict[str, Any], body: Any, status: int = 200
) -> tuple[str, list[Recorded]]:
    """The text of an answer, and the requests that left."""
    async with recording() as recorder:
        recorder.answers.append({"status": status, "body": body})
        environ = {**SETTINGS, "MP_API_BASE_URL": recorder.url}
        async with Client(build(Settings(toolsets=("all",), max_wait=0), environ)) as client:
            result = await client.call_tool(tool, arguments)
    return getattr(result.content[0], "text", ""), recorder.requests


async def test_profiles_are_a_table_under_how_many_there_are() -> None:
    """The first line tells how many were returned, of how many that match."""
    text, [request] = await asked("query_user", {"mode": "profiles", "limit": 2}, PAGE)
    assert text.splitlines() == [
        "query_user · account env-service-account · project 12345 · workspace 9 · region us"
        " · 2 rows · profiles returned: 2 of 18,304 that match",
        "",
        "distinct_id,last_seen,email,ltv",
        "u1,,a@x,5",
        "u2,,,3.5",
    ]
    assert f"{request.method} {request.path}" == "POST /api/query/engage/"
    assert list(request.query.items()) == [
        ("project_id", "12345"),
        ("workspace_id", "9"),
        ("query_origin", "mixpanel-mcp"),
    ]


async def test_without_arguments_all_users_are_counted() -> None:
    """One figure, told in the first line and in the table."""
    text, [request] = await asked("query_user", {}, {"results": 1234})
    assert text.splitlines()[0].endswith("· 1 row · profiles that match: 1,234")
    assert text.splitlines()[1:] == ["", "metric,value", "count(),1234"]
    assert request.path == "/api/query/engage/stats"
    assert request.json() == {"project_id": "12345", "action": "count()"}


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ({}, {"limit": 1}),
        ({"limit": None}, {}),
        ({"limit": "all"}, {}),
        ({"limit": "7"}, {"limit": 7}),
        ({"properties": "$email"}, {"output_properties": '["$email"]', "limit": 1}),
        ({"output_properties": ["$email"]}, {"output_properties": '["$email"]', "limit": 1}),
        ({"where": 'properties["a"] == 1'}, {"where": 'properties["a"] == 1', "limit": 1}),
        ({"as_of": 1700000000}, {"as_of_timestamp": 1700000000, "limit": 1}),
        ({"as_of": "1700000000"}, {"as_of_timestamp": 1700000000, "limit": 1}),
        ({"group_id": 42, "search": ""}, {"data_group_id": "42", "limit": 1}),
    ],
)
async def test_arguments_are_read_as_they_were_meant(
    arguments: dict[str, Any], sent: dict[str, Any]
) -> None:
    """Null means all, the old name still counts, text alone is a selector, digits are seconds."""
    _, [request] = await asked("query_user", {"mode": "profiles", **arguments}, PAGE)
    assert request.json() == {"project_id": "12345", "page": 0, **sent}


async def test_values_that_were_not_compared_are_told() -> None:
    """What was dropped from a filter stands in the first line, not only in a log."""
    where = {"property": "plan", "operator": "equals", "value": ["pro", None]}
    text, _ = await asked("query_user", {"where": where}, {"results": 3})
    assert "filter on 'plan': values that are no text and no number were not compared" in text


async def test_built_params_run_as_they_are() -> None:
    """What one tool compiles the other sends; an action makes it a figure."""
    query = {"where": [{"property": "plan", "operator": "equals", "value": "pro"}]}
    built, requests = await asked("build_user_params", query, None)
    params = '{"where":"properties[\\"plan\\"] == \\"pro\\"","action":"count()"}'
    assert (built.splitlines()[-1], requests) == (params, [])
    text, [request] = await asked("run_user_params", {"params": params}, {"results": 3})
    assert text.splitlines()[-1] == "count(),3"
    assert request.json()["selector"] == 'properties["plan"] == "pro"'


async def test_prebuilt_params_for_profiles_are_paged() -> None:
    """Without an action the params ask for profiles, as many as the limit says."""
    arguments = {"params": {"search": "a"}, "limit": None, "parallel": True}
    text, [request] = await asked("run_user_params", arguments, PAGE)
    assert "profiles returned: 2 of 18,304" in text
    assert request.json() == {"project_id": "12345", "page": 0, "search": "a"}


async def test_a_query_that_breaks_rules_is_never_sent() -> None:
    """All problems come back together, each with its place and code."""
    arguments = {"limit": 0, "sort_by": "ltv", "where": {"property": "a", "operator": "is_set"}}
    text, requests = await asked("query_user", arguments, PAGE)
    assert requests == []
    assert text.splitlines()[1:3] == [
        "- limit: limit must be a positive number of profiles, or null for all, got 0. [U3]",
        '- sort_by: sort_by is for mode "profiles"; set it, or leave this out. [U19]',
    ]


async def test_a_selector_that_mixpanel_refuses_is_told() -> None:
    """The sentence of the answer is the error's."""
    text, _ = await asked("query_user", {"where": "nonsense("}, {"error": "bad selector"}, 400)
    assert text.startswith("QUERY_FAILED: bad selector")
