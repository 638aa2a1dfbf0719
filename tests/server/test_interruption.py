"""An interrupted export leaves nothing half written."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest
from processes import COMMAND, environment

pytestmark = pytest.mark.anyio

LINE = b'{"event":"Ping","properties":{"time":1780000000,"distinct_id":"u"}}\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_interrupted_export_leaves_no_file_and_no_traceback(tmp_path: Path) -> None:
    """Ctrl-C while Mixpanel is still sending: exit status 130, and the folder is empty."""
    sent = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"%x\r\n%b\r\n" % (len(LINE * 5000), LINE * 5000))
        await writer.drain()
        sent.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    credentials = {
        "MP_USERNAME": "sa.user",
        "MP_SECRET": "hunter2-secret",
        "MP_PROJECT_ID": "1",
        "MP_REGION": "us",
        "MP_API_BASE_URL": f"http://127.0.0.1:{port}",
    }
    words = ["from_date=2026-05-01", "to_date=2026-06-30", "output_file=all.jsonl"]
    process = await asyncio.create_subprocess_exec(
        *[*COMMAND, "call", "stream_events", *words, "--files", str(tmp_path)],
        env=environment(credentials),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await asyncio.wait_for(sent.wait(), 30)
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 20)
    server.close()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert os.listdir(tmp_path) == []
