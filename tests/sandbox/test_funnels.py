"""Funnels by several breakdowns, trends of segments, and what funnels refuse."""

from typing import Any

import pytest
from funnel_asked import Asked
from report_bodies import between, body, events, funnel, group
from sandbox_client import Client


def counts(node: dict[str, Any]) -> Any:
    """The counts of a block, or of the blocks below a node."""
    if "count" in node:
        return [cell["all"] for cell in node["count"].values()]
    return {name[:10]: counts(child) for name, child in node.items()}


def answered(client: Client, request: dict[str, Any]) -> Any:
    """The counts of a funnel's answer."""
    (node,) = client.post("/api/query/insights", request).json()["series"].values()
    return counts(node)


def test_several_breakdowns_nest_with_an_overall_at_every_level(client: Client) -> None:
    """Each breakdown takes the first step on which its property is set."""
    client.load(events("A", city="Oslo") + events("B", plan="pro"))
    client.load(events("A", who="u2", city="Oslo", plan="free"))
    groups = [group("city"), group("plan")]
    assert answered(client, body(funnel("A", "B"), group=groups, chart="funnel-steps")) == {
        "$overall": [2, 1],
        "Oslo": {"$overall": [2, 1], "free": [1, 0], "pro": [1, 1]},
    }


def test_a_trend_has_the_segments_of_each_date(client: Client) -> None:
    """A person counts on every day of an entry, in the segment of that attempt."""
    client.load(events("A", "B", city="Oslo") + events("A", day="2026-02-03", city="Rome"))
    report = body(funnel("A", "B"), group=[group("city")], chart="line")
    assert answered(client, report) == {
        "2026-02-02": {"$overall": [1, 1], "Oslo": [1, 1]},
        "2026-02-03": {"$overall": [1, 0], "Rome": [1, 0]},
    }


def test_a_custom_event_excludes(client: Client) -> None:
    """An exclusion may be any event that a step may be."""
    client.save("custom_events", {"id": 7, "name": "Any", "alternatives": [{"event": "X"}]})
    for place, name in enumerate(["A", "X", "B"]):
        client.load(events(name, day=f"2026-02-0{2 + place}"))
    exclusion = {"event": "$custom_event:7", "steps": {"from": 1, "to": 2}}
    days = [between("2026-02-02", "2026-02-08")]
    report = body(funnel("A", "B", exclusions=[exclusion]), time=days, chart="funnel-steps")
    assert answered(client, report) == [1, 0]


def test_an_exclusion_with_another_value_is_no_step(client: Client) -> None:
    """What ends an attempt need not have the values held constant, what is a step must."""
    client.load(events("A", plan="x") + events("B", plan="y"))
    client.load(events("C", day="2026-02-03", plan="x"))
    asked = Asked(("A", "B", "C"), (False,) * 3, constant=True, exclusions=(("B", 2, 3),))
    assert answered(client, asked.body()) == [1, 0, 0]


def test_the_values_of_the_first_entry_of_a_day_bind_on_that_day(client: Client) -> None:
    """A trend is a funnel for each date."""
    client.load(events("A", "B", plan="x") + events("A", "B", day="2026-02-03", plan="y"))
    asked = Asked(last="2026-02-03", constant=True, trends=True)
    assert answered(client, asked.body()) == {"2026-02-02": [1, 1], "2026-02-03": [1, 1]}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Asked(math="histogram"), "The sandbox does not emulate histograms of funnels yet."),
        (Asked(math="average"), "The funnel math 'average' needs a property."),
        (Asked(math="unique", measured="n"), "The funnel math 'unique' takes no property."),
        (Asked(math="mode"), "Unknown funnel math 'mode'"),
        (Asked(math="session"), "Counting by session needs a conversion window of sessions."),
        (
            Asked(math="session", window=(1, "session"), reentry="basic"),
            "The sandbox does not emulate the re-entry mode 'basic' together with counting by "
            "session yet.",
        ),
        (
            Asked(math="total", reentry="optimized"),
            "The sandbox does not emulate the re-entry mode 'optimized' together with counting "
            "all attempts yet.",
        ),
        (
            Asked(reentry="often"),
            "funnelReentryMode must be one of default, basic, optimized, aggressive, not 'often'",
        ),
        (Asked(window=(0, "session")), "The conversion window 0 session is not valid."),
    ],
)
def test_a_funnel_without_an_answer_is_refused(client: Client, asked: Asked, sentence: str) -> None:
    """What contradicts itself or has no rule answers 400 and says why."""
    answer = client.post("/api/query/insights", asked.body())
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)
