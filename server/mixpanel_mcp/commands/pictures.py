"""The answer of a call as a picture in a file."""

import sys
from argparse import Namespace
from pathlib import Path

from mcp.client.extension import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.types import CallToolResult

from mixpanel_mcp.charting import CHART
from mixpanel_mcp_core.errors import InvalidInputError, MixpanelError

# Like a host that shows charts, so that answers carry them.
SHOWS_CHARTS = advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})


def check(file: Path) -> None:
    """Raise, before anything is asked, where no picture could be written."""
    from mixpanel_mcp_core.charts.pictures import DRAWERS, library

    if file.suffix.lower() not in DRAWERS:
        endings = " or ".join(DRAWERS)
        raise InvalidInputError(f"--chart: {file} must end with {endings}, e.g. {file.stem}.png.")
    if not file.parent.is_dir():
        raise InvalidInputError(f"--chart: there is no folder {file.parent}.")
    library()


def write(options: Namespace, result: CallToolResult) -> int:
    """Draw the chart of an answer into the file of `--chart`; the exit status."""
    from mixpanel_mcp_core.charts import read_chart
    from mixpanel_mcp_core.charts.pictures import DRAWERS

    file, tool = options.chart, options.tool
    told = (result.meta or {}).get(CHART)
    if told is None:
        print(f"--chart: this answer of {tool} has no chart; nothing was written.", file=sys.stderr)
        return 1
    draw = DRAWERS[file.suffix.lower()]
    picture = draw(read_chart(told), told["source"], options.chart_theme)
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise MixpanelError(f"--chart: {file} cannot be written: {error.strerror}.") from error
    print(f"{file} is its chart.", file=sys.stderr)
    return 0
