"""Retention in SQL against the same rules written down in plain Python."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_bodies import condition, group
from retention_asked import Asked
from retention_reference import Event, Reference
from sandbox_client import Client

from mixpanel_mcp_sandbox import open_sandbox

# A Monday; the clocks of Los Angeles go forward on the Sunday after, at ten hours UTC.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NUMBERS = count()
HOURS = st.one_of(st.integers(0, 24 * 9), st.sampled_from([-1, 24, 48, 168, 192, 720, 744]))
EVENTS = st.lists(
    st.builds(
        Event,
        place=st.just(0),
        person=st.sampled_from("uv"),
        name=st.sampled_from("SSOOX"),
        # Often a second beside a full hour, where units and days begin.
        time=st.builds(
            lambda hours, seconds: MONDAY + timedelta(hours=hours, seconds=seconds),
            HOURS,
            st.sampled_from([-1, 0, 0, 0, 1]),
        ),
        os=st.one_of(st.none(), st.lists(st.sampled_from("ab"), max_size=2)),
        amount=st.one_of(st.none(), st.integers(-2, 5)),
    ),
    min_size=4,
    max_size=12,
)
COUNTED = st.sampled_from([("retention_rate", None), ("unique", None), ("total", None)])
SUMMED = st.sampled_from([("total", "amount"), ("average", "amount")])
MODES = st.sampled_from(["none", "carry_back", "carry_forward", "consecutive_forward"])
UNITS = st.sampled_from(["day", "week", "month"])


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Draw a question over some of the days on which things happen."""
    first = MONDAY.date() + timedelta(days=draw(st.integers(-1, 3)))
    math, measured = draw(st.one_of(COUNTED, SUMMED))
    return Asked(
        returned=draw(st.sampled_from(["O", "S", "$any_event"])),
        first=first.isoformat(),
        last=(first + timedelta(days=draw(st.integers(1, 9)))).isoformat(),
        unit=draw(UNITS),
        retention_unit=draw(UNITS),
        alignment=draw(st.sampled_from(["birth", "interval_start"])),
        sizes=tuple(draw(st.lists(st.integers(1, 4), max_size=4))),
        mode=draw(MODES),
        math=math,
        measured=measured,
        where=draw(st.sampled_from([(), (condition("os", "equals", ["a"]),)])),
        groups=draw(st.sampled_from([(), (group("os"),)])),
    )


class Stage:
    """A sandbox in a time zone whose clock each example sets."""

    def __init__(self, zone: str):
        self.zone = ZoneInfo(zone)
        self.now = MONDAY
        self.client = Client(open_sandbox("empty", now=lambda: self.now, timezone=zone))

    def node(self, asked: Asked, events: list[Event], now: datetime) -> Any:
        """Return what the sandbox answers when nothing but these events has happened."""
        self.now, number = now, next(NUMBERS)
        self.client.load(_stored(event, number) for event in events)
        answer = self.client.post("/api/query/insights", _numbered(asked, number).body())
        assert answer.status_code == 200, answer.text
        (node,) = answer.json()["series"].values()
        return node


@pytest.fixture(scope="module", params=["UTC", "America/Los_Angeles"])
def stage(request: pytest.FixtureRequest) -> Generator[Stage]:
    """One sandbox for all examples of a zone, whose people and events are told apart by number."""
    shared = Stage(request.param)
    with shared.client.sandbox:
        yield shared


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    asked=questions(),
    events=EVENTS,
    days=st.sampled_from([1, 2, 3, 5, 8, 13, 40]),
    seconds=st.sampled_from([-1, 0, 18_000]),
)
def test_the_engine_answers_what_the_rules_say(
    stage: Stage, asked: Asked, events: list[Event], days: int, seconds: int
) -> None:
    """Alignments, modes, brackets, units, maths, segments and zones agree with the reference."""
    events = [replace(event, place=place) for place, event in enumerate(events)]
    midnight = datetime.fromisoformat(asked.last).replace(tzinfo=stage.zone) + timedelta(days)
    now = midnight.astimezone(UTC) + timedelta(seconds=seconds)
    expected = Reference(asked, events, now, stage.zone).node()
    assert rounded(stage.node(asked, events, now)) == rounded(expected)


def rounded(value: Any) -> Any:
    """Round every number of a tree, so that the last bits may differ."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [rounded(each) for each in cast("list[Any]", value)]
    return round(value, 9) if isinstance(value, float) else value


def _stored(event: Event, number: int) -> dict[str, Any]:
    properties = {"os": event.os, "amount": event.amount}
    return {
        "event": f"{event.name}{number}",
        "distinct_id": f"{event.person}{number}",
        "time": event.time.isoformat(),
        "properties": {name: value for name, value in properties.items() if value is not None},
    }


def _numbered(asked: Asked, number: int) -> Asked:
    returned = asked.returned if asked.returned == "$any_event" else f"{asked.returned}{number}"
    return replace(asked, born=f"{asked.born}{number}", returned=returned)
