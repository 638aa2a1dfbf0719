"""Calls of the tools for report links, with Mixpanel's answers queued."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mcp import Client
from recorder import CREDENTIALS, Recorded, recording

from mixpanel_mcp.app import build
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings

SLUG = "EBrV5bW2u9Mw"
OURS = "AAAAbbbb1234"
BASE = "https://mixpanel.com/project/12345/app"
PARAMS = {"displayOptions": {"chartType": "line"}, "sections": {"show": [], "time": []}}


@dataclass
class Answered:
    """What a call answered, and the requests that left."""

    text: str
    error: Any
    requests: list[Recorded]

    @property
    def value(self) -> Any:
        """The value of a good answer."""
        assert self.error is None, self.text
        return json.loads(self.text)["result"]

    @property
    def lines(self) -> list[str]:
        """The requests, each as method, path and query string."""
        return [
            f"{each.method} {each.path}{'?' if each.query else ''}{urlencode(each.query)}"
            for each in self.requests
        ]


async def asked(
    tool: str,
    *answers: Mapping[str, Any],
    workspace: int | None = None,
    form: Any = "json",
    **arguments: Any,
) -> Answered:
    """Call a tool whose requests are answered in this order."""
    async with recording() as recorder:
        recorder.answers += answers
        environ = {**CREDENTIALS, "MP_API_BASE_URL": recorder.url}
        if workspace:
            environ["MP_WORKSPACE_ID"] = str(workspace)
        settings = Settings(
            toolsets=("all",), result_format=form, max_wait=0, confirm="never", lookups=False
        )
        sessions = Sessions(settings, environ, slug=lambda: OURS)
        async with Client(build(settings, environ, sessions=sessions)) as client:
            result = await client.call_tool(tool, arguments)
    error = (result.structured_content or {}).get("error") if result.is_error else None
    return Answered(getattr(result.content[0], "text", ""), error, recorder.requests)


def good(body: Any) -> dict[str, Any]:
    """An answer of the App API."""
    return {"status": 200, "body": {"status": "ok", "results": body}}


def record(report_type: str = "insights", **fields: Any) -> dict[str, Any]:
    """The answer to a slug."""
    return good({"slug": SLUG, "type": report_type, "params": PARAMS, **fields})


def bookmark(report_type: str, **fields: Any) -> dict[str, Any]:
    """The answer to a saved report."""
    return good({"id": 5, "name": "Five", "type": report_type, "params": PARAMS, **fields})


NOT_FOUND = {"status": 404, "body": {"error": "gone"}}
