"""Funnels in SQL and by the state machine against the rules written down in plain Python."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, cast

import pytest
from funnel_asked import Asked
from funnel_reference import Event, Reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_client import Client, open_empty

MONDAY = datetime(2026, 2, 2, tzinfo=UTC)
# Seconds between events: around the tolerance, the windows, the end of a session, and midnight.
GAPS = st.sampled_from([0, 1, 1, 2, 3, 3, 5, 59, 60, 1799, 1800, 3600, 3601, 43_200, 86_400])
EVENTS = st.lists(
    st.tuples(
        GAPS,
        st.builds(
            Event,
            place=st.just(0),
            person=st.sampled_from("uuv"),
            name=st.sampled_from("AABBCXX"),
            time=st.just(MONDAY),
            os=st.sampled_from([None, "a", "a", "b"]),
            plan=st.sampled_from([None, "x", "x", "x", "y"]),
            amount=st.one_of(st.none(), st.integers(-2, 5)),
        ),
    ),
    min_size=3,
    max_size=14,
)
STEPS = st.sampled_from(
    [("A", "B"), ("A", "B", "C"), ("A", "B", "B"), ("A", "A", "B"), ("A", "B", "C", "A")]
)
WITH_ENDS = st.sampled_from([("$session_start", "A", "B"), ("A", "$session_end")])
WINDOWS = st.sampled_from([(2, "second"), (1, "minute"), (1, "hour"), (2, "hour"), (2, "day")])
SESSIONS = st.sampled_from([(1, "session"), (2, "session")])
MATHS = st.sampled_from(["total", "average", "min", "max", "median", "p25", "p90"])


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Draw a question that the rules answer."""
    window = draw(st.one_of(WINDOWS, SESSIONS))
    counted = ["unique", "unique", "total", "session"][: 4 if window[1] == "session" else 3]
    math, measured = draw(st.sampled_from(counted)), None
    reentries = ["default", "basic", "aggressive", "optimized"]
    if math == "total" and draw(st.booleans()):
        math, measured = draw(MATHS), "amount"
    steps = draw(st.one_of(STEPS, STEPS, WITH_ENDS))
    limit = {"unique": 4, "session": 1}.get(math, 3)
    return Asked(
        steps=steps,
        free=tuple(draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))),
        window=window,
        first=draw(st.sampled_from(["2026-02-02", "2026-02-03"])),
        last=draw(st.sampled_from(["2026-02-03", "2026-02-05"])),
        math=math,
        measured=measured,
        reentry=draw(st.sampled_from(reentries[:limit])),
        exclusions=draw(
            st.sampled_from([(), (("X", 1, len(steps)),), (("X", 1, 2), ("B", 1, len(steps)))])
        ),
        constant=draw(st.booleans()),
        where=draw(st.sampled_from([False, False, True])),
        groups=draw(st.booleans()),
        trends=draw(st.booleans()),
    )


PLAIN = st.builds(
    lambda steps, **asked: Asked(steps, (False,) * len(steps), **asked),
    st.sampled_from([("A", "B"), ("A", "B", "C"), ("C", "A", "B")]),
    window=WINDOWS,
    last=st.sampled_from(["2026-02-03", "2026-02-05"]),
)


@pytest.fixture(scope="module")
def shared() -> Generator[Client]:
    """One sandbox for all examples, each of which begins by emptying it."""
    with open_empty() as sandbox:
        yield Client(sandbox)


@settings(max_examples=56, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(asked=questions(), drawn=EVENTS, early=st.sampled_from([0, 0, 1, 2]))
def test_the_engine_answers_what_the_rules_say(
    shared: Client, asked: Asked, drawn: list[tuple[int, Event]], early: int
) -> None:
    """Orders, windows, counts, re-entry, exclusions, constants and maths agree with the rules."""
    assert_agree(shared, asked, drawn, early)


@settings(max_examples=28, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(asked=PLAIN, drawn=EVENTS, early=st.sampled_from([0, 0, 1, 2]))
def test_plain_funnels_are_counted_by_the_same_rules(
    shared: Client, asked: Asked, drawn: list[tuple[int, Event]], early: int
) -> None:
    """People in order through different events, which the database counts without our machine."""
    assert_agree(shared, asked, drawn, early)


def assert_agree(shared: Client, asked: Asked, drawn: list[tuple[int, Event]], early: int) -> None:
    """The answer over nothing but these events is the reference's."""
    times = accumulate((gap for gap, _ in drawn), initial=-early)
    events = [
        replace(event, place=place, time=MONDAY + timedelta(seconds=seconds))
        for place, (seconds, (_, event)) in enumerate(zip(times, drawn, strict=False))
    ]
    with shared.sandbox.store.write() as database:
        database.run("delete from own.events")
    shared.load(map(stored, events))
    answer = shared.post("/api/query/insights", asked.body())
    assert answer.status_code == 200, answer.text
    (node,) = answer.json()["series"].values()
    assert rounded(node) == rounded(Reference(asked, events).node())


def stored(event: Event) -> dict[str, Any]:
    """Return an event as it is loaded."""
    properties = {"os": event.os, "plan": event.plan, "amount": event.amount}
    return {
        "event": event.name,
        "distinct_id": event.person,
        "time": event.time.isoformat(),
        "properties": {name: value for name, value in properties.items() if value is not None},
    }


def rounded(value: Any) -> Any:
    """Round every number of a tree, so that the last bits may differ."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in cast("dict[str, Any]", value).items()}
    return round(value, 9) if isinstance(value, float) else value
