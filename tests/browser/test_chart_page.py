"""The page of charts as a host shows it: drawn, readable, usable with keys alone."""

import asyncio
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from chromium import SCHEMES, Scheme, Visit, visiting
from job_client import own_demo
from mcp import Client
from mcp.client.extension import advertise
from playwright.sync_api import Browser, FrameLocator, expect
from processes import away

from mixpanel_mcp.app import build
from mixpanel_mcp.settings import Settings

HOST = (Path(__file__).parent / "chart_host.html").read_text("utf-8")
APPS = [advertise("io.modelcontextprotocol/ui", {"mimeTypes": ["text/html;profile=mcp-app"]})]
STEPS = ["Product Viewed", "Add to Cart", "Checkout Started", "Order Completed"]
QUESTIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "trend": (
        "query",
        {
            "events": "Order Completed",
            "last": 28,
            "time_comparison": {"type": "relative", "unit": "month"},
        },
    ),
    "segments": (
        "query",
        {"events": "Order Completed", "last": 84, "unit": "week", "group_by": "country"},
    ),
    "breakdown": (
        "query",
        {"events": "Order Completed", "last": 28, "mode": "total", "group_by": "country"},
    ),
    "funnel": ("query_funnel", {"steps": STEPS, "last": 28}),
    "retention": (
        "query_retention",
        {
            "born_event": "Account Created",
            "return_event": "Session Opened",
            "retention_unit": "week",
            "unit": "week",
            "last": 70,
        },
    ),
    "flow": ("query_flow", {"event": "Payment Failed", "forward": 3, "last": 28}),
    "profiles": ("query_user", {"mode": "profiles", "limit": 3}),
}


class Asked(NamedTuple):
    """The page, and the answers to all questions, as a host got them."""

    page: str
    answers: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def asked() -> Asked:
    """Got by a real client that shows pages, of the demo."""

    async def ask() -> Asked:
        server = build(Settings(sandbox="demo"), away())
        async with Client(server, extensions=APPS) as client:
            (content,) = (await client.read_resource("ui://mixpanel/chart")).contents
            results = {
                name: await client.call_tool(*question) for name, question in QUESTIONS.items()
            }
            answers = {
                name: each.model_dump(by_alias=True, exclude_none=True, mode="json")
                for name, each in results.items()
            }
            return Asked(getattr(content, "text", ""), answers)

    # In this thread the browser's library has a loop already.
    with own_demo(), ThreadPoolExecutor() as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(ask())).result()


@pytest.fixture
def visit(browser: Browser) -> Generator[Visit]:
    """A browser on the page of a host."""
    with visiting(browser, viewport={"width": 900, "height": 600}) as visit:
        visit.page.set_content(HOST)
        yield visit


def shown(visit: Visit, asked: Asked, name: str, scheme: Scheme = "light") -> FrameLocator:
    """The page in its frame, with the answer in it."""
    visit.page.evaluate(
        "([page, result, theme]) => show(page, result, theme)",
        [asked.page, asked.answers[name], scheme],
    )
    frame = visit.page.frame_locator("iframe")
    expect(frame.locator("#about")).to_contain_text("project 1")
    return frame


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [900, 390])
@pytest.mark.parametrize("name", [name for name in QUESTIONS if name != "profiles"])
def test_every_kind_is_drawn_for_eyes_and_for_screen_readers(
    visit: Visit, asked: Asked, name: str, width: int, scheme: Scheme
) -> None:
    """A picture with a sentence, its numbers as a table, all in view, nothing asked of anywhere."""
    visit.page.set_viewport_size({"width": width, "height": 600})
    frame = shown(visit, asked, name, scheme)
    picture = frame.locator("#chart svg")
    assert len(picture.get_attribute("aria-label") or "") > 30
    frame.get_by_text("Numbers as a table").click()
    assert frame.locator("table tr").count() > 2
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    dark = frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert dark == ("rgb(22, 24, 28)" if scheme == "dark" else "rgb(255, 255, 255)")
    assert (visit.requests, visit.console) == ([], [])


def test_frame_is_as_high_as_the_page(visit: Visit, asked: Asked) -> None:
    """The host is told the height, also after the table was opened."""
    frame = shown(visit, asked, "funnel")
    for _ in range(2):
        needed = frame.locator("main").evaluate("main => Math.ceil(main.clientHeight)")
        expect(visit.page.locator("iframe")).to_have_css("height", f"{needed}px")
        frame.get_by_text("Numbers as a table").click()


def test_trend_is_read_with_keys(visit: Visit, asked: Asked) -> None:
    """The arrow keys go from day to day, and each day is told in words and in the legend."""
    frame = shown(visit, asked, "trend")
    chart = asked.answers["trend"]["_meta"]["mixpanel-mcp/chart"]
    days, values = chart["dates"], chart["series"][0]["values"]
    slider = frame.get_by_role("slider")
    slider.press("Home")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", f"{days[1]}, Order Completed {values[1]}")
    expect(frame.locator("#legend")).to_contain_text(days[1])


def test_answer_without_a_chart_is_a_table(visit: Visit, asked: Asked) -> None:
    """Profiles are shown as the rows that they are."""
    frame = shown(visit, asked, "profiles")
    assert frame.locator("#chart tr").count() == 4
    assert frame.locator("#chart th").first.inner_text() == "distinct_id"
