"""Charts as a host gets them: answers of the demo, asked by a real client that shows pages."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from chromium import Scheme, Visit
from job_client import own_demo
from mcp import Client
from mcp.client.extension import advertise
from playwright.sync_api import FrameLocator, expect
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.charting import CHART
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_sandbox import open_sandbox

HOST = (Path(__file__).parent / "chart_host.html").read_text("utf-8")
_APPS = [advertise("io.modelcontextprotocol/ui", {"mimeTypes": ["text/html;profile=mcp-app"]})]
_STEPS = ["Product Viewed", "Add to Cart", "Checkout Started", "Order Completed"]
_WEEKS = {"retention_unit": "week", "unit": "week", "last": 63}

Question = tuple[str, dict[str, Any]]
QUESTIONS: Mapping[str, Question] = {
    "trend": (
        "query",
        {
            "events": "Order Completed",
            "last": 28,
            "group_by": "platform",
            "time_comparison": {"type": "relative", "unit": "month"},
        },
    ),
    "scales": (
        "query",
        {
            "events": [
                {"event": "Order Completed"},
                {"event": "Order Completed", "math": "total", "property": "revenue"},
            ],
            "last": 84,
            "unit": "week",
        },
    ),
    "plots": (
        "query",
        {
            "events": ["Order Completed", "Product Viewed"],
            "last": 28,
            "group_by": "platform",
        },
    ),
    "breakdown": (
        "query",
        {"events": "Order Completed", "last": 28, "mode": "total", "group_by": "country"},
    ),
    "figure": ("query", {"events": "Order Completed", "last": 28, "mode": "total"}),
    "funnel": ("query_funnel", {"steps": _STEPS, "last": 28}),
    "segments": ("query_funnel", {"steps": _STEPS, "last": 28, "group_by": "platform"}),
    "retention": (
        "query_retention",
        {"born_event": "Account Created", "return_event": "Session Opened", **_WEEKS},
    ),
    "flow": ("query_flow", {"event": "Payment Failed", "forward": 3, "last": 28}),
    "profiles": ("query_user", {"mode": "profiles", "limit": 3}),
}


class Asked(NamedTuple):
    """The page, and the answers to all questions, as a host got them."""

    page: str
    answers: dict[str, dict[str, Any]]

    def chart(self, name: str) -> dict[str, Any]:
        """What an answer tells the page to draw."""
        return self.answers[name]["_meta"][CHART]


def ask(now: Callable[[], datetime] | None = None) -> Asked:
    """Ask all questions; `now` is the demo's clock, if not the real one."""
    # In this thread the browser's library may have a loop already.
    with own_demo(), ThreadPoolExecutor() as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(_ask(now))).result()


async def _ask(now: Callable[[], datetime] | None) -> Asked:
    settings = Settings(sandbox="demo")
    opener = None if now is None else partial(open_sandbox, now=now)
    sessions = Sessions(settings, away(), open_sandbox=opener)
    async with Client(build(settings, away(), sessions=sessions), extensions=_APPS) as client:
        (content,) = (await client.read_resource("ui://mixpanel/chart")).contents
        results = {name: await client.call_tool(*question) for name, question in QUESTIONS.items()}
    answers = {
        name: each.model_dump(by_alias=True, exclude_none=True, mode="json")
        for name, each in results.items()
    }
    return Asked(getattr(content, "text", ""), answers)


def shown(visit: Visit, page: str, answer: Mapping[str, Any], scheme: Scheme) -> FrameLocator:
    """The page in the frame of a host, with the answer in it."""
    visit.page.evaluate(
        "([page, answer, theme]) => show(page, answer, theme)", [page, answer, scheme]
    )
    frame = visit.page.frame_locator("iframe")
    expect(frame.locator("#about")).to_contain_text("project 1")
    expect(frame.locator("html")).to_have_attribute("data-theme", scheme)
    return frame
