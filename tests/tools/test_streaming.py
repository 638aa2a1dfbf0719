"""Raw events out: bounded answers, whole files, nothing lost in silence."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from recorder import CREDENTIALS, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

pytestmark = pytest.mark.anyio

DATES = {"from_date": "2026-05-01", "to_date": "2026-05-01"}


async def exported(text: str, files: Path | None = None, **arguments: Any) -> str:
    """The answer to `stream_events` where Mixpanel sends this text."""
    async with recording() as recorder:
        recorder.answers.append({"status": 200, "text": text})
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        settings = Settings(toolsets=("all",), files=files, max_tokens=10**6)
        async with Client(build(settings, environ)) as client:
            result = await client.call_tool("stream_events", {**DATES, **arguments})
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return text


def line(number: int, **properties: Any) -> str:
    """One exported event."""
    told = {"time": 1780000000 + number, "distinct_id": "u", "$insert_id": f"i{number}"}
    return json.dumps({"event": "Ping", "properties": {**told, **properties}})


async def test_long_export_is_cut_and_says_how_to_get_the_rest() -> None:
    """A thousand events are shown; that more would follow is said in the first line."""
    text = await exported("\n".join(line(number) for number in range(1001)))
    head, _, *rows = text.splitlines()
    assert len(rows) == 1001
    assert "more events follow" in head


async def test_file_holds_every_event_once(tmp_path: Path) -> None:
    """One line of JSON for each event, under its own name only when complete."""
    text = await exported("\n".join(map(line, range(2500))), tmp_path, output_file="e.jsonl")
    assert json.loads(text.splitlines()[2])["events"] == 2500
    rows = [json.loads(row) for row in (tmp_path / "e.jsonl").read_text("utf-8").splitlines()]
    assert [row["insert_id"] for row in rows] == [f"i{number}" for number in range(2500)]


async def test_raw_file_is_what_mixpanel_sent(tmp_path: Path) -> None:
    """Raw means the bytes of each line as they came."""
    await exported(f"{line(1)}\n\n{line(2)}", tmp_path, output_file="raw/e.jsonl", raw=True)
    assert (tmp_path / "raw/e.jsonl").read_text("utf-8") == f"{line(1)}\n{line(2)}\n"


async def test_odd_events_are_kept_and_rubbish_is_counted() -> None:
    """NaN and half a surrogate pair are data; a torn line is left out and said to be."""
    odd = line(1, x=float("nan")) + "\n" + '{"event":"Ping","properties":{"time":1,"s":"\\ud800"}}'
    text = await exported(f"{odd}\n{{torn\n")
    assert "2 rows" in text
    assert "lines that are no JSON objects, and were left out: 1" in text


async def test_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    """No name leads out of the folder that the user allowed."""
    settings = Settings(toolsets=("all",), files=tmp_path / "allowed")
    async with Client(build(settings, CREDENTIALS)) as client:
        result = await client.call_tool("stream_events", {**DATES, "output_file": "../x.jsonl"})
    assert result.is_error
    assert "no file in the folder" in getattr(result.content[0], "text", "")
