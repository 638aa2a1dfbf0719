"""Exports into files over whatever happens on the way: nothing lost, nothing twice, all told."""

import asyncio
import gzip
import hashlib
import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from clients import Clock
from exporting import DAYS, Mixpanel, body, cut, event, ids, kept, names, serving, stored, whole
from job_client import refused, told
from mcp import Client
from origin import Reply, reply
from processes import COMMAND, environment
from recorder import CREDENTIALS

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import ConfigError, MixpanelError, QueryError, RateLimitError
from mixpanel_mcp_core.exports.crew import Crew, Writing
from mixpanel_mcp_core.exports.parts import Count, Making

pytestmark = pytest.mark.anyio

FIRST, SECOND, LAST = DAYS
PART = body(SECOND)[:-30]
PACKED = {"content-encoding": "gzip"}
CALL: dict[str, Any] = {
    "from_date": FIRST,
    "to_date": LAST,
    "raw": True,
    "output_file": "e.jsonl",
}
AS_JSON: dict[str, Any] = {"toolsets": ("all",), "result_format": "json"}
CLOSED = Reply(b"HTTP/1.1 200 -\r\nconnection: close\r\n\r\n" + PART, breaks=True)


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (reply(429, b"{}"), 1),
        (reply(429, b"{}", {"retry-after": "3"}), 3),
        (reply(500), 1),
        (reply(502), 1),
        (reply(503), 1),
        (Reply(breaks=True), 1),
        (cut(PART), 1),
        (CLOSED, 1),
        (reply(200, gzip.compress(body(SECOND))[:-20], PACKED), 1),
        (reply(200, gzip.compress(body(SECOND)) + b"junk", PACKED), 1),
        (reply(200, PART[: PART.rindex(b"\n") + 1] + b"terminated early\n"), 1),
    ],
    ids=[
        "429",
        "429 with Retry-After",
        "500",
        "502",
        "503",
        "no answer",
        "cut in a line",
        "cut in a line, unnoticed by HTTP",
        "half a gzip member",
        "broken gzip member",
        "given up by Mixpanel",
    ],
)
async def test_a_day_that_fails_once_is_asked_again_as_a_whole(
    fault: Reply, waited: float, tmp_path: Path
) -> None:
    """What came of it before is thrown away; the other days are asked for once."""
    clock = Clock()
    async with serving() as mixpanel:
        mixpanel.faults[SECOND] = [fault]
        written = await mixpanel.export(tmp_path, clock=clock)
    assert sorted(mixpanel.asked) == [FIRST, SECOND, SECOND, LAST]
    assert stored(tmp_path / "e.jsonl") == ids()
    assert written.by_day == dict.fromkeys(DAYS, 4)
    assert (written.events, written.skipped, clock.slept) == (12, 0, [waited])
    assert names(tmp_path) == ["e.jsonl"]


def large(**properties: Any) -> bytes:
    """A day so large that a process of its own writes it."""
    texts = (hashlib.shake_256(b"%d" % number).hexdigest(200) for number in range(2000))
    events = (event(SECOND, number, text=text, **properties) for number, text in enumerate(texts))
    return "\n".join(map(json.dumps, events)).encode() + b"\n"


@pytest.mark.parametrize(
    "fault",
    [
        reply(200, gzip.compress(large())[:-20], PACKED),
        reply(200, gzip.compress(large())[:-20] + b"junk" * 9, PACKED),
        reply(200, large() + b"terminated early\n"),
        reply(200, large()[:-30]),
    ],
    ids=["half a gzip member", "broken gzip member", "given up by Mixpanel", "cut in a line"],
)
async def test_a_large_day_that_fails_once_is_asked_again_as_a_whole(
    fault: Reply, tmp_path: Path
) -> None:
    """What the process that wrote it says of it counts as if it were this one."""
    async with serving() as mixpanel:
        mixpanel.faults[SECOND] = [fault, whole(large())]
        written = await mixpanel.export(tmp_path, clock=Clock())
    found = [json.loads(line) for line in (tmp_path / "e.jsonl").read_bytes().splitlines()]
    assert found[4:-4] == [json.loads(line) for line in large().splitlines()]
    assert written.by_day == {FIRST: 4, SECOND: 2000, LAST: 4}
    assert names(tmp_path) == ["e.jsonl"]


async def test_processes_note_the_kinds_of_properties(tmp_path: Path) -> None:
    """A column's type is decided by large days and small ones alike."""
    async with serving() as mixpanel:
        mixpanel.faults[SECOND] = [whole(large(size=1.5))]
        written = await mixpanel.export(tmp_path, "e.parquet")
    assert written.columns is not None
    assert (written.events, written.columns["size"]) == (2008, "DOUBLE")


async def test_a_day_is_written_though_its_process_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for once more, and written without another process."""
    # A module that ends at once.
    monkeypatch.setattr("mixpanel_mcp_core.exports.crew._WORKER", "keyword")
    async with serving() as mixpanel:
        mixpanel.faults[SECOND] = [whole(large()), whole(large())]
        written = await mixpanel.export(tmp_path, clock=Clock())
    assert sorted(mixpanel.asked) == [FIRST, SECOND, SECOND, LAST]
    assert written.by_day == {FIRST: 4, SECOND: 2000, LAST: 4}


async def test_an_empty_piece_ends_no_large_day(tmp_path: Path) -> None:
    """The sandbox inside the server sends some."""
    crew = Crew()
    part = Writing(crew, Making(str(tmp_path / "part"), "zst", False, True, False))
    for piece in (large(), b"", body(LAST)):
        await part.feed(piece)
    await part.finish()
    await part.close()
    await crew.end()
    assert part.count == Count(2004, 0, len(large() + body(LAST)))


async def test_a_broken_line_is_left_out_and_counted(tmp_path: Path) -> None:
    """A line that is no JSON object inside a whole body is the server's, and told."""
    async with serving() as mixpanel:
        mixpanel.faults[SECOND] = [reply(200, b'{"torn\n7\n' + body(SECOND))]
        written = await mixpanel.export(tmp_path)
    assert (written.events, written.skipped) == (12, 2)
    assert stored(tmp_path / "e.jsonl") == ids()


async def failing(mixpanel: Mixpanel, folder: Path, *faults: Reply) -> MixpanelError:
    """The error of an export whose second day is answered like this."""
    mixpanel.faults[SECOND] = list(faults)
    with pytest.raises(MixpanelError) as caught:
        await mixpanel.export(folder)
    return caught.value


async def test_days_that_arrived_are_kept_for_the_same_call(tmp_path: Path) -> None:
    """The error says what is there; the next call asks for the rest and writes all, once."""
    async with serving() as mixpanel:
        error = await failing(mixpanel, tmp_path, *[cut(PART)] * 4)
        assert error.code == "HTTP_ERROR"
        assert (error.details["fetched"], error.details["missing"]) == ([FIRST, LAST], [SECOND])
        assert "2 of 3 parts are fetched" in error.message
        assert not (tmp_path / "e.jsonl").exists()
        mixpanel.asked.clear()
        written = await mixpanel.export(tmp_path)
    assert (mixpanel.asked, written.resumed) == ([SECOND], [FIRST, LAST])
    assert stored(tmp_path / "e.jsonl") == ids()
    assert names(tmp_path) == ["e.jsonl"]


async def test_a_rate_limit_too_long_to_wait_for_loses_nothing(tmp_path: Path) -> None:
    """The seconds to wait are told, and the days that came are kept."""
    async with serving() as mixpanel:
        error = await failing(mixpanel, tmp_path, reply(429, b"{}", {"retry-after": "3000"}))
        mixpanel.asked.clear()
        await mixpanel.export(tmp_path)
    assert isinstance(error, RateLimitError)
    assert (error.retry_after, mixpanel.asked) == (3000, [SECOND])
    assert stored(tmp_path / "e.jsonl") == ids()


async def test_a_refused_export_leaves_nothing_behind(tmp_path: Path) -> None:
    """Where no day was fetched there is nothing to keep."""
    async with serving() as mixpanel:
        mixpanel.faults = {day: [reply(400, b'{"error": "bad where"}')] for day in DAYS}
        with pytest.raises(QueryError) as caught:
            await mixpanel.export(tmp_path)
    assert caught.value.message == "bad where. Nothing was fetched, and the file is not written."
    assert names(tmp_path) == []


@pytest.mark.parametrize("change", [{"where": "true"}, {"events": ["Ping"]}, {"raw": False}])
async def test_another_export_shares_nothing_with_an_unfinished_one(
    change: dict[str, Any], tmp_path: Path
) -> None:
    """Days of other arguments never enter a file."""
    async with serving() as mixpanel:
        await failing(mixpanel, tmp_path, *[reply(500)] * 4)
        mixpanel.asked.clear()
        written = await mixpanel.export(tmp_path, **change)
    assert (sorted(mixpanel.asked), written.resumed) == (list(DAYS), None)


@pytest.mark.parametrize(
    ("key", "value"),
    [("at", "2026-05-04T00:00:00Z"), ("at", f"{LAST}T23:00:00Z"), ("size", 1), ("file", "gone")],
    ids=["long ago", "before its day was over", "cut off", "gone"],
)
async def test_a_day_that_may_not_be_whole_is_asked_again(
    key: str, value: Any, tmp_path: Path
) -> None:
    """What is kept counts only if it is recent, of a day that was over, and all there."""
    async with serving() as mixpanel:
        await failing(mixpanel, tmp_path, *[reply(500)] * 4)
        manifest = tmp_path / ".e.jsonl.export" / "manifest.json"
        told = json.loads(manifest.read_text("utf-8"))
        told["done"][LAST][key] = value
        manifest.write_text(json.dumps(told), encoding="utf-8")
        mixpanel.asked.clear()
        await mixpanel.export(tmp_path)
    assert sorted(mixpanel.asked) == [SECOND, LAST]
    assert stored(tmp_path / "e.jsonl") == ids()


async def test_a_day_that_is_not_over_is_never_kept(tmp_path: Path) -> None:
    """Today's events go on arriving: the next call asks for today again."""
    today = date.today()
    days: dict[str, Any] = {"from_date": str(today - timedelta(days=3)), "to_date": str(today)}
    async with serving() as mixpanel:
        mixpanel.faults[str(today - timedelta(days=2))] = [reply(500)] * 4
        with suppress(MixpanelError):
            await mixpanel.export(tmp_path, **days)
        mixpanel.asked.clear()
        written = await mixpanel.export(tmp_path, **days)
    assert written.resumed == [days["from_date"]]


async def test_a_cancelled_export_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """The days that are whole stay; the one on its way is asked for again."""
    async with serving() as mixpanel:
        mixpanel.stalled[LAST] = asyncio.Event()
        export = asyncio.ensure_future(mixpanel.export(tmp_path))
        await kept(tmp_path, 2)
        export.cancel()
        await asyncio.wait({export})
        mixpanel.stalled.pop(LAST).set()
        mixpanel.asked.clear()
        await mixpanel.export(tmp_path)
    assert mixpanel.asked == [LAST]
    assert stored(tmp_path / "e.jsonl") == ids()


async def test_one_export_at_a_time_writes_to_a_file(tmp_path: Path) -> None:
    """A second one is refused while the first is at it, and the first is not disturbed."""
    async with serving() as mixpanel:
        mixpanel.stalled[LAST] = asyncio.Event()
        export = asyncio.ensure_future(mixpanel.export(tmp_path))
        await kept(tmp_path, 2)
        with pytest.raises(ConfigError, match=r"e\.jsonl is being written by another export"):
            await mixpanel.export(tmp_path)
        mixpanel.stalled[LAST].set()
        await export
    assert stored(tmp_path / "e.jsonl") == ids()


async def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """A file in the place of a folder is no place to write to."""
    (tmp_path / "taken").write_text("")
    async with serving() as mixpanel:
        with pytest.raises(ConfigError, match=r"e\.jsonl could not be written"):
            await mixpanel.export(tmp_path, "taken/e.jsonl")


async def test_a_killed_process_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """While it lives another is refused; then days that were whole are not asked for again."""
    async with serving() as mixpanel:
        credentials = {**CREDENTIALS, "MP_API_BASE_URL": mixpanel.origin.url}
        mixpanel.stalled[LAST] = asyncio.Event()
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *("call", "--files", str(tmp_path), "stream_events", json.dumps(CALL)),
            env=environment(credentials),
        )
        await kept(tmp_path, 2)
        async with Client(build(Settings(files=tmp_path, **AS_JSON), credentials)) as client:
            refusal = await refused(client, "stream_events", **CALL)
            process.kill()
            await process.wait()
            mixpanel.stalled.pop(LAST).set()
            mixpanel.asked.clear()
            written = await told(client, "stream_events", **CALL)
    assert "is being written by another export" in refusal["message"]
    assert (written["resumed"], mixpanel.asked) == ([FIRST, SECOND], [LAST])
    assert stored(tmp_path / "e.jsonl") == ids()
    assert names(tmp_path) == ["e.jsonl"]
