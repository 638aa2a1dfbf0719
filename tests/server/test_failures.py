"""Failures as a model and a person see them: typed, short, with a way out, without a secret."""

import json
from typing import Any

import pytest
from mcp import Client, MCPError
from processes import away
from recorder import CREDENTIALS, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

SECRET = CREDENTIALS["MP_SECRET"]


async def answer(tool: str, arguments: dict[str, Any], environ: dict[str, str], **settings: Any):
    """The result of one call on a server of these settings and this environment."""
    usual: dict[str, Any] = {"toolsets": ("all",), "confirm": "never"}
    async with Client(build(Settings(**(usual | settings)), away() | environ)) as client:
        return await client.call_tool(tool, arguments)


def shown(result: Any) -> str:
    """All that a client is shown."""
    return json.dumps(result.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"MP_USERNAME": "sa.user"}, "MP_SECRET, MP_PROJECT_ID, MP_REGION missing"),
        ({"MP_USERNAME": "sa", "MP_SECRET": SECRET}, "MP_PROJECT_ID, MP_REGION missing"),
        ({**CREDENTIALS, "MP_REGION": "uk"}, "MP_REGION is 'uk'; it must be one of us, eu, in."),
        ({**CREDENTIALS, "MP_PROJECT_ID": "abc"}, "MP_PROJECT_ID is 'abc'; a project id has"),
        ({**CREDENTIALS, "MP_WORKSPACE_ID": "0"}, "MP_WORKSPACE_ID is '0'; a workspace id is"),
    ],
)
async def test_half_configured_credentials_are_told_apart(
    environ: dict[str, str], told: str
) -> None:
    """The variable at fault is named, the sandbox does not jump in, and no secret is shown."""
    result = await answer("events", {}, environ)
    assert result.is_error
    assert told in result.content[0].text  # pyright: ignore
    assert SECRET not in shown(result)


async def test_no_credentials_with_the_sandbox_refused_is_an_error() -> None:
    """Whoever turned the sandbox off gets no demo numbers."""
    result = await answer("events", {}, {}, sandbox="off")
    assert result.structured_content is not None
    assert result.structured_content["error"]["code"] == "CONFIG_ERROR"
    assert "MP_USERNAME" in result.structured_content["error"]["message"]


async def test_refused_credentials_are_not_echoed() -> None:
    """An upstream that echoes the secret and the header does not get them through."""
    async with recording() as recorder:
        body = {"error": f"bad {SECRET}", "sent": f"Basic {SECRET}abc", "password": "x"}
        recorder.answers.append({"status": 401, "body": body})
        result = await answer("events", {}, {**CREDENTIALS, "MP_API_BASE_URL": recorder.url})
    assert result.is_error
    assert "AUTH_FAILED" in shown(result)
    assert SECRET not in shown(result)


async def test_what_does_not_exist_is_told_with_where_to_look() -> None:
    """The tool that lists the ids is named, and the answer's body does not say it all again."""
    async with recording() as recorder:
        body = {"status": "error", "error": "Cohort 7 not found"}
        recorder.answers.append({"status": 404, "body": body})
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        result = await answer("get_cohort", {"cohort_id": 7}, environ)
    lines = result.content[0].text.splitlines()  # pyright: ignore
    assert lines[:2] == [
        "QUERY_FAILED: Cohort 7 not found",
        "Look it up. cohort_id: Cohort id, from list_cohorts_full.",
    ]
    assert "response_body" not in lines[2]


async def test_a_hint_at_the_nearest_name_does_not_bring_the_body_back() -> None:
    """The answer's body still says nothing that the message does not say."""
    body = {"status": "error", "error": "Event definition 'Buyy' not found"}
    names = {"status": "ok", "results": [{"name": "Buy"}, {"name": "Bought"}]}
    async with recording() as recorder:
        # The first look is at what would be lost, the second answer is the deletion's.
        missing = {"status": 404, "body": body}
        recorder.answers += [missing, missing, {"status": 200, "body": names}]
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        result = await answer("delete_event_definition", {"event_name": "Buyy"}, environ)
    text = result.content[0].text  # pyright: ignore
    assert text.startswith("QUERY_FAILED: Event definition 'Buyy' not found. Did you mean 'Buy'?")
    assert "response_body" not in text


async def test_broken_rules_of_a_definition_are_told_once() -> None:
    """One line each, whatever the code of the whole is."""
    definition = {"event": "Buy", "math": "uniqe"}
    result = await answer("create_metric", {"name": "N", "definition": definition}, CREDENTIALS)
    assert result.content[0].text.splitlines() == [  # pyright: ignore
        "SM4_SCHEMA: ",
        "- definition.measurement.math: 'uniqe' is not valid here. Did you mean 'unique' or "
        "'unique_values'? [B0_INVALID_LITERAL]",
    ]


async def test_upstream_body_is_capped() -> None:
    """A proxy's page of HTML does not fill a model's window."""
    async with recording() as recorder:
        recorder.answers.append({"status": 400, "body": {"error": "no", "page": "x" * 50_000}})
        result = await answer("events", {}, {**CREDENTIALS, "MP_API_BASE_URL": recorder.url})
    assert len(shown(result)) < 6_000


async def test_unreachable_mixpanel_is_an_error_with_a_way_out() -> None:
    """A refused connection names the request and says what to check."""
    environ = {**CREDENTIALS, "MP_API_BASE_URL": "http://127.0.0.1:9"}
    result = await answer("events", {}, environ)
    told = result.content[0].text  # pyright: ignore
    assert told.startswith("HTTP_ERROR: GET http://127.0.0.1:9/api/query/events/names failed")
    assert "doctor" in told


async def test_unknown_tool_is_a_protocol_error() -> None:
    """A tool that is not listed is refused as the protocol wants, not answered."""
    async with Client(build(Settings(), away())) as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool("no_such_tool", {})
    assert caught.value.error.code == -32602


async def test_unexpected_fault_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours is logged, and told as one sentence."""

    def broken(_: Any) -> Any:
        raise RuntimeError(f"inside {SECRET}")

    monkeypatch.setattr("mixpanel_mcp_core.session.Session.query", property(broken))
    result = await answer("events", {}, CREDENTIALS)
    assert result.structured_content is not None
    assert result.structured_content["error"]["code"] == "INTERNAL_ERROR"
    assert "Traceback" not in shown(result)
    assert SECRET not in shown(result)


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        (
            "segmentation",
            {"event": "A", "from_date": "2026-02-01", "to_date": "2026-01-01"},
            "V15_DATE_ORDER",
        ),
        ("import_events", {"events": []}, "INVALID_INPUT"),
        (
            "stream_events",
            {"from_date": "2026-01-01", "to_date": "2026-01-02", "limit": 0},
            "WR2_LIMIT_TOO_SMALL",
        ),
        (
            "stream_events",
            {"from_date": "2026-01-01", "to_date": "2026-01-02", "output_file": "x.jsonl"},
            "NOT_PERMITTED",
        ),
        (
            "segmentation",
            {"event": "A", "from_date": "01/02/2026", "to_date": "x"},
            "INVALID_INPUT",
        ),
        ("query", {"events": []}, "BOOKMARK_VALIDATION_ERROR"),
    ],
)
async def test_bad_input_never_reaches_the_network(
    tool: str, arguments: dict[str, Any], code: str
) -> None:
    """Reversed ranges, malformed dates, empty lists: a typed error, and nothing is sent."""
    async with recording() as recorder:
        result = await answer(tool, arguments, {**CREDENTIALS, "MP_API_BASE_URL": recorder.url})
    assert result.structured_content is not None
    assert result.structured_content["error"]["code"] == code
    assert recorder.requests == []
