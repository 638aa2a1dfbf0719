"""Insights in SQL against the same rules written down in plain Python."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from insights_asked import Asked
from insights_reference import MEASURES, SHARES, Event, Reference
from report_bodies import condition, group
from sandbox_client import Client, open_empty

# A Monday; the clocks of Los Angeles go forward on the Sunday after, at ten hours UTC.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 4, 30, tzinfo=UTC)
NUMBERS = count()
HOURS = st.one_of(st.integers(-24 * 8, 24 * 9), st.sampled_from([-1, 24, 48, 168, 192, -720]))
EVENTS = st.lists(
    st.builds(
        Event,
        person=st.sampled_from(["u", "v", "w", ""]),
        name=st.sampled_from("AAAB"),
        # Often a second beside a full hour, where days begin.
        time=st.builds(
            lambda hours, seconds: MONDAY + timedelta(hours=hours, seconds=seconds),
            HOURS,
            st.sampled_from([-1, 0, 0, 1]),
        ),
        os=st.one_of(st.none(), st.lists(st.sampled_from("ab"), max_size=2)),
        amount=st.one_of(st.none(), st.integers(-2, 5), st.sampled_from(["3", "x", True, 2.5])),
    ),
    min_size=3,
    max_size=14,
)
PEOPLE = st.sampled_from(["unique", "dau", "wau", "mau", "cumulative_unique", "total"])
MEASURED = st.sampled_from([*MEASURES, *SHARES])
OF_EACH = st.sampled_from([each for each in MEASURES if each != "unique_values"])


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Draw a question over some of the days on which things happen."""
    first = MONDAY.date() + timedelta(days=draw(st.integers(-1, 3)))
    plain = draw(st.booleans())
    per_user = None if plain else draw(st.one_of(st.none(), st.sampled_from([*MEASURES])))
    math = draw(PEOPLE if plain else MEASURED if per_user is None else OF_EACH)
    in_total = draw(st.booleans()) and math not in ("dau", "wau", "mau", "cumulative_unique")
    analysis: dict[str, Any] = {}
    if not in_total:
        analysis = draw(st.sampled_from([{}, {}, {"cumulative": True}, {"rolling": 2}]))
    return Asked(
        math=math,
        measured=None if plain else "amount",
        per_user=per_user,
        first=first.isoformat(),
        last=(first + timedelta(days=draw(st.integers(0, 9)))).isoformat(),
        unit=draw(st.sampled_from(["day", "week", "month"])),
        in_total=in_total,
        where=draw(st.sampled_from([(), (condition("os", "equals", ["a"]),)])),
        groups=() if analysis.get("rolling") else draw(st.sampled_from([(), (group("os"),)])),
        **analysis,
    )


@pytest.fixture(scope="module", params=["UTC", "America/Los_Angeles"])
def client(request: pytest.FixtureRequest) -> Generator[Client]:
    """One sandbox for all examples of a zone, whose people and events are told apart by number."""
    with open_empty(NOW, request.param) as sandbox:
        yield Client(sandbox)


@settings(max_examples=28, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(asked=questions(), events=EVENTS)
def test_the_engine_answers_what_the_rules_say(
    client: Client, asked: Asked, events: list[Event]
) -> None:
    """Maths, numbers for each person, units, analyses, segments and zones agree."""
    number = next(NUMBERS)
    client.load(_stored(event, number) for event in events)
    numbered = replace(asked, event=f"{asked.event}{number}")
    answer = client.post("/api/query/insights", numbered.body())
    assert answer.status_code == 200, answer.text
    [node] = answer.json()["series"].values()
    zone = ZoneInfo(client.sandbox.store.project.timezone)
    assert rounded(node) == rounded(Reference(asked, events, zone).node())


def rounded(node: Any) -> Any:
    """The same with numbers so short that their last bits may differ."""
    if isinstance(node, dict):
        return {key: rounded(each) for key, each in node.items()}
    return round(node, 9)


def _stored(event: Event, number: int) -> dict[str, Any]:
    properties = {"os": event.os, "amount": event.amount}
    return {
        "event": f"{event.name}{number}",
        "distinct_id": event.person and f"{event.person}{number}",
        "time": event.time.isoformat(),
        "properties": {name: value for name, value in properties.items() if value is not None},
    }
