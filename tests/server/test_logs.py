"""Logs: JSON lines on stderr, never a secret, nothing on stdout."""

import asyncio
import json

import pytest
from processes import environment, warm
from recorder import recording

pytestmark = pytest.mark.anyio

SECRET = "hunter2-very-secret"


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ({"status": 200, "body": ["Login"]}, "call answered"),
        ({"status": 400, "body": {"error": f"no {SECRET}"}}, "call failed"),
    ],
)
async def test_call_is_logged_as_json_without_the_secret(
    answer: dict[str, object], event: str
) -> None:
    """Every record is one JSON object; an upstream that echoes the secret finds it masked."""
    async with recording() as recorder:
        recorder.answers.append(answer)
        credentials = {
            "MP_USERNAME": "sa.user",
            "MP_SECRET": SECRET,
            "MP_PROJECT_ID": "12345",
            "MP_REGION": "us",
            "MP_API_BASE_URL": recorder.url,
            "MIXPANEL_MCP_LOG_LEVEL": "debug",
        }
        process = await asyncio.create_subprocess_exec(
            *[*warm(), "call", "property_values", "property_name=plan"],
            env=environment(credentials),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
    lines = [line for line in err.decode().splitlines() if line.startswith("{")]
    records = [record for line in lines if "logger" in (record := json.loads(line))]
    assert [
        (each["event"], each["tool"])
        for each in records
        if each["logger"] == "mixpanel_mcp.binding"
    ] == [(event, "property_values")]
    assert all(record["level"] and record["timestamp"] for record in records)
    assert len(records) > 5
    assert SECRET not in (out + err).decode()
    assert "Basic " not in err.decode().replace("Basic **********", "")
