"""An answer that was cut is not the end: read on, asked with SQL, written to a file, whole."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from mcp import Client, MCPError
from processes import over_http, over_stdio

pytestmark = pytest.mark.anyio

DAY = {"from_date": "2026-05-01", "to_date": "2026-05-01"}
EVENTS = [
    {
        "event": "Ping",
        "properties": {
            "time": 1777593600 + number,
            "distinct_id": f"u{number % 3}",
            "$insert_id": f"i{number}",
            "n": number,
        },
    }
    for number in range(300)
]


@pytest.fixture(params=[("stdio", "legacy"), ("http", "auto")], ids="-".join)
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server with 300 events, whose answers are short."""
    transport, mode = request.param
    options = ["--sandbox", "empty", "--max-tokens", "500", "--files", str(tmp_path)]
    connect = over_stdio if transport == "stdio" else over_http
    async with connect(options, mode=mode) as connected:
        await called(connected, "run_write_operation", "import_events", events=EVENTS)
        yield connected


async def called(client: Client, way: str, operation: str, **arguments: Any) -> str:
    """The text of a good answer through the catalogue."""
    given = {"operation": operation, "arguments": arguments}
    result = await client.call_tool(way, given)
    text = "".join(getattr(block, "text", "") for block in result.content)
    assert not result.is_error, text
    return text


async def told(client: Client, operation: str, **arguments: Any) -> tuple[str, list[str]]:
    """The context and the lines of a reading operation's answer."""
    text = await called(client, "run_read_operation", operation, **arguments)
    context, _, body = text.partition("\n\n")
    return context, body.splitlines()


async def test_a_long_answer_is_there_to_its_end(client: Client, tmp_path: Path) -> None:
    """Page by page, in sums, as a file and as a resource; who has no handle sees none of it."""
    context, begun = await told(client, "stream_events", **DAY)
    source = "account sandbox · project 1 · region us · sandbox: true"
    found = re.fullmatch(
        rf"stream_events · {source} · shown (\d+) of 300 rows; go on with handle (r\w+): "
        r"query_result \(SQL\) or read_result \(page, filter, sort, through run_read_operation\)",
        context,
    )
    assert found is not None, context
    assert int(found[1]) == len(begun) - 1
    handle = found[2]

    numbers: list[str] = []
    more: dict[str, str] = {}
    while True:
        context, lines = await told(client, "read_result", handle=handle, columns=["n"], **more)
        numbers += lines[1:]
        if (cursor := re.search(r"with cursor (\S+)", context)) is None:
            break
        more = {"cursor": cursor[1]}
    assert numbers == [str(number) for number in range(300)]

    context, lines = await told(
        client,
        "query_result",
        sql=f"select distinct_id, count(*) as c, sum(n) as s from {handle} group by all order by 1",
    )
    assert context == f"query_result · {source} · 3 rows"
    assert lines == ["distinct_id,c,s", "u0,100,14850", "u1,100,14950", "u2,100,15050"]

    _, lines = await told(client, "export_result", handle=handle, output_file="all.parquet")
    assert json.loads(lines[0])["rows"] == 300
    assert pl.read_parquet(tmp_path / "all.parquet")["n"].to_list() == list(range(300))

    (whole,) = (await client.read_resource(f"mixpanel://results/{handle}")).contents
    context, _, body = getattr(whole, "text", "").partition("\n\n")
    assert context == f"stream_events · {source} · 300 rows"
    assert body.splitlines()[: len(begun)] == begun

    templates = (await client.list_resource_templates()).resource_templates
    assert "mixpanel://results/{handle}" in [each.uri_template for each in templates]
    listed = (await client.list_resources()).resources
    assert [each for each in listed if "results" in str(each.uri)] == []
    with pytest.raises(MCPError, match="no result is kept as 'rabc'"):
        await client.read_resource("mixpanel://results/rabc")
