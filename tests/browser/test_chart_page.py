"""The page of charts as a host shows it: drawn, readable, safe, usable with keys alone."""

import re
from collections.abc import Generator
from itertools import product
from typing import Any

import pytest
from asked_charts import HOST, QUESTIONS, Asked, ask, shown
from chromium import CONTRASTS, SCHEMES, Scheme, Visit, visiting
from playwright.sync_api import Browser, FrameLocator, expect

WIDTHS = (900, 360)
DRAWN = [name for name in QUESTIONS if name != "profiles"]
# For a picture without texts in it, the numbers are its texts.
FIGURES = {"figure"}
HOSTILE = "</script><img src=x onerror=alert(1)><b>Buy</b>"


@pytest.fixture(scope="module")
def asked() -> Asked:
    """The page and the answers, got once."""
    return ask()


@pytest.fixture(scope="module")
def looking(browser: Browser) -> Generator[Visit]:
    """A browser on the page of a host, for all tests that only look."""
    with visiting(browser, viewport={"width": 900, "height": 600}) as visit:
        visit.page.set_content(HOST)
        yield visit


def look(visit: Visit, asked: Asked, name: str, scheme: Scheme = "light") -> FrameLocator:
    """The answer to one of the questions, shown."""
    return shown(visit, asked.page, asked.answers[name], scheme)


@pytest.mark.parametrize("name", DRAWN)
def test_every_kind_is_drawn_for_eyes_and_for_screen_readers(
    looking: Visit, asked: Asked, name: str
) -> None:
    """By day and night, wide and narrow: a picture told in words, its numbers as a table."""
    for width, scheme in product(WIDTHS, SCHEMES):
        looking.page.set_viewport_size({"width": width, "height": 600})
        frame = look(looking, asked, name, scheme)
        told = frame.locator("#chart").evaluate(
            "chart => chart.querySelector('svg')?.getAttribute('aria-label') ?? chart.innerText"
        )
        assert len(told) > (0 if name in FIGURES else 30)
        frame.get_by_text("Numbers as a table").click()
        assert frame.locator("table tr").count() >= 2
        assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    assert (looking.requests, looking.console) == ([], [])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", DRAWN)
def test_texts_are_read_easily(looking: Visit, asked: Asked, name: str, scheme: Scheme) -> None:
    """Each has a contrast of 4.5 or more against the page, or the field it stands on."""
    frame = look(looking, asked, name, scheme)
    contrasts: dict[str, float] = frame.locator("body").evaluate(CONTRASTS)
    assert {text: contrast for text, contrast in contrasts.items() if contrast < 4.5} == {}


def test_names_are_texts(looking: Visit, asked: Asked) -> None:
    """What an event is called runs nothing and asks for nothing, wherever it stands."""
    bars: dict[str, Any] = {**asked.chart("breakdown"), "title": HOSTILE, "notes": [HOSTILE]}
    bars["bars"] = [{"name": HOSTILE, "value": 1, "before": None, "panel": HOSTILE}]
    answer = {"content": [], "_meta": {"mixpanel-mcp/chart": bars}}
    frame = shown(looking, asked.page, answer, "light")
    expect(frame.locator("h1")).to_have_text(HOSTILE)
    assert frame.locator("img, b").count() == 0
    assert (looking.requests, looking.console) == ([], [])


def test_nothing_moves(looking: Visit, asked: Asked) -> None:
    """There is no motion that anybody would have to ask to be reduced."""
    frame = look(looking, asked, "trend")
    assert frame.locator("html").evaluate("() => document.getAnimations().length") == 0


def test_page_follows_its_host(looking: Visit, asked: Asked) -> None:
    """A theme that changes later is put on, and what notches cover is left free."""
    frame = look(looking, asked, "funnel")
    context = {"theme": "dark", "safeAreaInsets": {"top": 20, "right": 0, "bottom": 8, "left": 0}}
    looking.page.evaluate("context => change(context)", context)
    expect(frame.locator("html")).to_have_css("background-color", "rgb(22, 24, 28)")
    expect(frame.locator("body")).to_have_css("padding", "20px 0px 8px")


def test_frame_is_as_high_as_the_page(looking: Visit, asked: Asked) -> None:
    """The host is told the height, also after the table was opened."""
    frame = look(looking, asked, "funnel")
    for _ in range(2):
        needed = frame.locator("main").evaluate("main => Math.ceil(main.clientHeight)")
        expect(looking.page.locator("iframe")).to_have_css("height", f"{needed}px")
        frame.get_by_text("Numbers as a table").click()


def test_trend_is_read_with_keys(looking: Visit, asked: Asked) -> None:
    """The arrow keys go from day to day, and each day is told in words and in the legend."""
    looking.page.set_viewport_size({"width": 900, "height": 600})
    frame = look(looking, asked, "trend")
    chart = asked.chart("trend")
    told = ", ".join(f"{line['name']} {line['values'][1]}" for line in chart["series"])
    slider = frame.get_by_role("slider")
    slider.press("Home")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", f"{chart['dates'][1]}, {told}")
    expect(frame.locator("#legend")).to_contain_text(chart["dates"][1])


def test_a_segment_looks_the_same_in_each_plot(looking: Visit, asked: Asked) -> None:
    """One colour and one entry of the legend, which tells its values in the plots' order."""
    looking.page.set_viewport_size({"width": 900, "height": 600})
    frame = look(looking, asked, "plots")
    strokes = frame.locator("#chart path.line:not(.dotted)").evaluate_all(
        "paths => paths.map(path => path.getAttribute('stroke'))"
    )
    assert strokes == [f"var(--series-{at})" for at in (0, 1, 2)] * 2
    names = [line["name"] for line in asked.chart("plots")["series"]]
    assert frame.locator("#legend b").all_inner_texts()[:3] == names[:3] == names[3:]
    slider = frame.get_by_role("slider")
    slider.press("Home")
    orders, _, _, views, *_ = (line["values"][0] for line in asked.chart("plots")["series"])
    expect(frame.locator("#legend i").first).to_have_text(f"{orders:,} · {views:,}")
    told = f"Order Completed · {names[0]} {orders:,}"
    expect(slider).to_have_attribute("aria-valuetext", re.compile(re.escape(told)))


def test_what_does_not_fit_is_scrolled_with_keys(looking: Visit, asked: Asked) -> None:
    """A heat map on a narrow screen takes the focus, under a name."""
    looking.page.set_viewport_size({"width": 360, "height": 600})
    frame = look(looking, asked, "retention")
    region = frame.get_by_role("region", name="Chart, which scrolls sideways")
    region.press("ArrowRight")
    scrolled = "region => new Promise(done => region.addEventListener('scroll', () => done(true)))"
    region.evaluate(f"region => {{ region.scrolled = ({scrolled})(region) }}")
    region.press("ArrowRight")
    assert region.evaluate("region => region.scrolled")


def test_answer_without_a_chart_is_a_table(looking: Visit, asked: Asked) -> None:
    """Profiles are shown as the rows that they are."""
    frame = look(looking, asked, "profiles")
    assert frame.locator("#chart tr").count() == 4
    assert frame.locator("#chart th").first.inner_text() == "distinct_id"
