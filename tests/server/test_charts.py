"""Charts reach those who can look at them: as a page, as a picture, as a file."""

import base64
import struct
import subprocess
from argparse import Namespace
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.extension import advertise
from mcp.types import CallToolResult
from processes import Mode, away, environment, warm

from mixpanel_mcp import charting
from mixpanel_mcp.app import build
from mixpanel_mcp.charting import CHART
from mixpanel_mcp.commands import pictures
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.charts.forms import Bar, Figures
from mixpanel_mcp_core.charts.palette import PALETTES
from mixpanel_mcp_core.errors import MixpanelError

pytestmark = pytest.mark.anyio

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
APPS = [advertise("io.modelcontextprotocol/ui", {"mimeTypes": ["text/html;profile=mcp-app"]})]
PERIOD = {"from_date": str(YESTERDAY), "to_date": str(YESTERDAY)}
VISITS = {"events": "Visit", **PERIOD}
DRAWN = {
    "kind": "lines",
    "title": "Visit",
    "period": f"{YESTERDAY} to {YESTERDAY}",
    "notes": [],
    "dates": [str(YESTERDAY)],
    "labels": [f"{YESTERDAY:%b} {YESTERDAY.day}"],
    "steps": [1, 2, 3, 6, 12, 24, 52],
    "before_dates": [],
    "series": [{"name": "Visit", "values": [2], "before": [], "panel": "", "marks": [0]}],
    "share": False,
    "cut": [],
    "dotted": "",
    "source": "project 1 · sandbox data",
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all tests, which share a server."""
    return "asyncio"


@pytest.fixture(scope="module", params=["legacy", "auto"])
async def apps(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client that shows pages, in either era, of a project with two visits."""
    mode: Mode = request.param
    async with Client(on_sandbox(), mode=mode, extensions=APPS) as client:
        noon = int(datetime(*YESTERDAY.timetuple()[:3], 12, tzinfo=UTC).timestamp())
        visits = [
            {
                "event": "Visit",
                "properties": {"time": noon, "distinct_id": who, "$insert_id": f"visit-of-{who}"},
            }
            for who in ("ann", "bob")
        ]
        await client.call_tool("import_events", {"events": visits})
        yield client


def on_sandbox() -> Any:
    """A server on an empty sandbox, whose long answers have handles soon."""
    return build(Settings(sandbox="empty", toolsets=("all",), max_tokens=500), away())


async def test_queries_name_the_page_that_draws_them(apps: Client) -> None:
    """The tools with charts tell hosts of both habits where the page is, and others do not."""
    tools = {tool.name: tool.meta for tool in (await apps.list_tools()).tools}
    page = "ui://mixpanel/chart"
    assert tools["query"] == {"ui": {"resourceUri": page}, "ui/resourceUri": page}
    assert tools["query_report_link"] == tools["query"]
    assert tools["events"] is None


async def test_page_asks_for_nothing(apps: Client) -> None:
    """The page is one document, small, without an address of anything outside."""
    (content,) = (await apps.read_resource("ui://mixpanel/chart")).contents
    text: str = getattr(content, "text", "")
    assert content.mime_type == "text/html;profile=mcp-app"
    assert len(text.encode()) < 60_000
    assert text.count("http") == text.count("http://www.w3.org/2000/svg") == 1


async def test_answers_bring_their_chart_to_hosts_that_show_it(apps: Client) -> None:
    """The chart is in the answer's `_meta`, which models do not read."""
    result = await apps.call_tool("query", VISITS)
    assert (result.meta or {})[charting.CHART] == DRAWN
    assert words(result).endswith(f"date,event,count\n{YESTERDAY},Visit,2")


async def test_what_sql_says_of_a_long_result_is_drawn(apps: Client) -> None:
    """As a chart in the answer, and as a picture for those who are shown none."""
    asked = {"events": ["Visit"], "from_date": f"{YESTERDAY - timedelta(200)}"}
    cut = words(await apps.call_tool("event_counts", {**asked, "to_date": str(YESTERDAY)}))
    handle = cut.split("go on with handle ")[1].split(":")[0]
    sql = {"sql": f"select event, sum(count) as visits from {handle} group by all"}
    answer = await apps.call_tool("query_result", sql)
    told = (answer.meta or {})[charting.CHART]
    picture = await apps.call_tool("draw_chart", {"tool": "query_result", "arguments": sql})
    assert told["bars"] == [{"name": "Visit", "value": 2, "before": None, "panel": ""}]
    assert told["source"] == DRAWN["source"]
    assert words(picture).splitlines()[-1] == "visits by event"
    assert getattr(picture.content[1], "mime_type", None) == "image/png"


async def test_other_hosts_are_spared_the_chart() -> None:
    """Who does not show pages is sent the text alone."""
    async with Client(on_sandbox()) as client:
        result = await client.call_tool("query_flow", {"event": "Visit"})
    assert (result.is_error, charting.CHART in (result.meta or {})) == (False, False)


async def test_answer_outlives_a_chart_that_broke(
    apps: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chart is an extra: without it the answer is still good."""

    def broken(_: Any) -> Any:
        raise ValueError("no chart")

    monkeypatch.setattr("mixpanel_mcp_core.charts.chart_of", broken)
    answer = await apps.call_tool("query", VISITS)
    assert (answer.is_error, charting.CHART in (answer.meta or {})) == (False, False)


async def test_pictures_are_drawn_for_all_others(apps: Client) -> None:
    """`draw_chart` answers an image, and what it shows in a line."""
    result = await apps.call_tool("draw_chart", {"tool": "query", "arguments": VISITS})
    assert words(result).splitlines()[-1] == f"Visit · {YESTERDAY} to {YESTERDAY}"
    image: Any = result.content[1]
    width, height = size(base64.b64decode(image.data))
    assert image.mime_type == "image/png"
    assert width > 1500
    assert height > 600


async def test_profiles_are_no_picture(apps: Client) -> None:
    """What has no chart is refused with the tool that answers it."""
    asked = {"tool": "query_user", "arguments": {"mode": "profiles"}}
    result = await apps.call_tool("draw_chart", asked)
    assert result.is_error
    assert "This answer of query_user is no chart: call query_user itself" in words(result)


def test_command_line_writes_a_picture(tmp_path: Path) -> None:
    """`call --chart` prints the answer and draws it, and refuses other kinds of files at once."""
    file = tmp_path / "visits.svg"
    call = [*warm(), "call", "--sandbox", "empty", "--no-lookups", "query", "events=Visit"]
    done = ended([*call, "--chart", str(file), "--chart-theme", "dark"])
    assert (done.returncode, done.stdout.partition(" · ")[0]) == (0, "query")
    assert done.stderr == f"{file} is its chart.\n"
    assert file.read_text("utf-8").startswith("<svg")
    assert PALETTES["dark"].background in file.read_text("utf-8")
    refused = ended([*call, "--chart", "visits.jpg"])
    wrong = "mixpanel-mcp: --chart: visits.jpg must end with .png or .svg, e.g. visits.png.\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", wrong)


def test_a_picture_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    """The answer was printed before."""
    chart = {**Figures(title="Visits", figures=[Bar("Visits", 4)]).told(), "source": ""}
    answer = CallToolResult(content=[], _meta={CHART: chart})
    options = Namespace(chart=tmp_path / "visits.svg", tool="query", chart_theme="light")
    options.chart.mkdir()
    with pytest.raises(MixpanelError, match=r"--chart: .*visits.svg cannot be written: Is a dir"):
        pictures.write(options, answer)


def ended(command: list[str]) -> subprocess.CompletedProcess[str]:
    """How a command ended, and what it printed."""
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def words(result: CallToolResult) -> str:
    """The text of an answer."""
    return "".join(getattr(block, "text", "") for block in result.content)


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG; a failure where it is none."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])
