"""Charts in the chat: the page that hosts show beside an answer (MCP Apps), and what it draws.

A tool names the page in its `_meta`, always, since lists are the same for every connection. An
answer carries the chart in its own `_meta`, which no model reads, and only for clients that show
pages.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID, client_supports_apps
from mcp.server.extension import Extension, ResourceBinding
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resources import FunctionResource
from mcp.types import CallToolResult

from mixpanel_mcp_core.operation import Operation

log = logging.getLogger(__name__)

PAGE = "ui://mixpanel/chart"
# The key of a chart in the `_meta` of an answer.
CHART = "mixpanel-mcp/chart"
# The second key is where hosts of before 2026 look.
TOOL_META: Mapping[str, Any] = {"ui": {"resourceUri": PAGE}, "ui/resourceUri": PAGE}

_FOLDER = Path(__file__).parent / "chart_page"
_SCRIPTS = ("drawing", "lines", "bars", "figures", "funnel", "grid", "flow", "host")


class Charts(Extension):
    """The extension MCP Apps, with the one page that draws every chart."""

    identifier = EXTENSION_ID

    def resources(self) -> Sequence[ResourceBinding]:
        """The page, put together when it is read."""
        resource = FunctionResource(
            uri=PAGE,
            name="chart",
            title="Chart",
            description="Draws the answer of a query in hosts that show MCP Apps.",
            mime_type=APP_MIME_TYPE,
            meta={"ui": {"prefersBorder": True}},
            fn=page,
        )
        return [ResourceBinding(resource)]


def page() -> str:
    """The page with its style and scripts inside: it asks for nothing from anywhere."""
    from mixpanel_mcp_core.charts.palette import PALETTES

    colours = "\n".join(
        f'html[data-theme="{theme}"] {{ {_variables(palette._asdict())} }}'
        for theme, palette in PALETTES.items()
    )
    style = f"{colours}\n{_read('style.css')}"
    scripts = [_read(f"{name}.js") for name in _SCRIPTS]
    script = "\n".join([f"const CHART = {json.dumps(CHART)};", *scripts])
    whole = _read("page.html").replace("/* style */", style)
    return whole.replace("/* script */", script)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _variables(palette: Mapping[str, Any]) -> str:
    series = {f"series-{number}": colour for number, colour in enumerate(palette["series"])}
    named = {name: each for name, each in palette.items() if name != "series"}
    return " ".join(f"--{name}: {each};" for name, each in {**named, **series}.items())


def is_charted(operation: Operation) -> bool:
    """Whether an operation's results have charts."""
    from mixpanel_mcp_core.charts import is_drawn

    returned = get_type_hints(operation.call)["return"]
    return any(
        is_drawn(each) for each in get_args(returned) or (returned,) if isinstance(each, type)
    )


def with_chart(
    result: CallToolResult,
    value: Any,
    source: Mapping[str, Any] | None,
    context: Context[Any, Any] | None,
    hints: Sequence[str] = (),
) -> CallToolResult:
    """An answer with its chart, for a client that shows one; an answer never fails for it.

    The `hints` of the answer are remarks of its chart: zeros of a wrong name look like numbers.
    """
    if context is None or not client_supports_apps(context):
        return result
    from mixpanel_mcp_core.charts import chart_of, origin

    try:
        chart = chart_of(value)
    except Exception:
        log.exception("chart broke")
        return result
    if chart is not None:
        noted = replace(chart, notes=[*chart.notes, *hints])
        result.meta = {CHART: {**noted.told(), "source": origin(source)}}
    return result
