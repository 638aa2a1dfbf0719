"""Behaviors of cohorts against the same counting in plain Python."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cohort_definitions import did
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_client import Client, open_empty

ZONE = ZoneInfo("America/New_York")
# Two days after the clocks went forward.
NOW = datetime(2026, 3, 10, 15, 30, tzinfo=ZONE)
PEOPLE = [f"u{number}" for number in range(30)]
PROFILE_ONLY = "quiet"
AMOUNTS = [None, 0, 1, 2, 2.5, 4, "4", "x", True, [1, 2], [], 7]
DAYS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True)
class Done:
    """An event of the brute force."""

    event: str
    person: str
    time: datetime
    amount: Any

    def as_loaded(self) -> dict[str, Any]:
        """Return it as the sandbox stores it."""
        properties = {} if self.amount == "x" else {"amount": self.amount}
        who = {"event": self.event, "distinct_id": self.person}
        return {**who, "time": self.time.isoformat(), "properties": properties}


def history() -> list[Done]:
    """Return events of forty days, many of them at local midnight and just before."""
    chance = Random(11)
    days = [NOW.date() - timedelta(days=back) for back in range(-1, 40)]
    hours = (timedelta(), timedelta(hours=15), timedelta(hours=24, milliseconds=-1))
    return [
        Done(
            chance.choice("AB"),
            person,
            datetime.combine(chance.choice(days), datetime.min.time(), ZONE) + chance.choice(hours),
            chance.choice(AMOUNTS),
        )
        for person in PEOPLE
        for _ in range(chance.randrange(14))
    ]


HISTORY = history()


@pytest.fixture(scope="module")
def shared() -> Generator[Client]:
    """One sandbox with the history, and a person known by a profile alone."""
    with open_empty(NOW, "America/New_York") as sandbox:
        client = Client(sandbox)
        client.load(done.as_loaded() for done in HISTORY)
        client.set_profile(PROFILE_ONLY, {})
        yield client


def numbers(amounts: list[Any]) -> list[float]:
    """Return the numbers among values."""
    return [a for a in amounts if isinstance(a, int | float) and not isinstance(a, bool)]


def texts(amounts: list[Any]) -> set[str]:
    """Return the distinct values as texts, items of lists one by one."""
    items = [i for a in amounts for i in (a if isinstance(a, list) else [a])]
    return {str(i).lower() for i in items if i is not None and i != "x"}


def of_numbers(function: Callable[[list[float]], float]) -> Callable[[list[Any]], float | None]:
    """Return an aggregate that has no value without numbers."""
    return lambda amounts: function(numbers(amounts)) if numbers(amounts) else None


AGGREGATES: dict[str | None, Callable[[list[Any]], float | None]] = {
    None: len,
    "total": lambda amounts: sum(numbers(amounts)),
    "unique": lambda amounts: len(texts(amounts)),
    "average": of_numbers(mean),
    "min": of_numbers(min),
    "max": of_numbers(max),
    "median": of_numbers(median),
}
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, wanted: value >= wanted,
    "<=": lambda value, wanted: value <= wanted,
    "==": lambda value, wanted: value == wanted,
}
WINDOWS = st.one_of(
    st.tuples(st.sampled_from(["day", "week", "month"]), st.integers(1, 5)),
    st.tuples(st.integers(0, 45), st.integers(0, 20)),
)


def window(drawn: tuple[Any, int]) -> tuple[dict[str, Any], date, date]:
    """Return a window as requests carry it, and its first and last day."""
    kind, count = drawn
    today = NOW.date()
    if isinstance(kind, str):
        first = today - timedelta(days=count * DAYS[kind] - 1)
        return {"window": {"unit": kind, "value": count}}, first, today
    first = today - timedelta(days=kind)
    last = first + timedelta(days=count)
    return {"from_date": first.isoformat(), "to_date": last.isoformat()}, first, last


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    event=st.sampled_from(["A", "B"]),
    sign=st.sampled_from(sorted(SIGNS)),
    times=st.integers(0, 6),
    aggregate=st.sampled_from(list(AGGREGATES)),
    drawn=WINDOWS,
)
def test_a_behavior_finds_exactly_whom_counting_finds(
    shared: Client,
    event: str,
    sign: str,
    times: int,
    aggregate: str | None,
    drawn: tuple[Any, int],
) -> None:
    """Whole local days count, nothing after now, and who did nothing did it no times."""
    span, first, last = window(drawn)
    expected: list[str] = []
    for person in [*PEOPLE, PROFILE_ONLY]:
        known = [done for done in HISTORY if done.person == person and done.time <= NOW]
        amounts = [
            done.amount
            for done in known
            if done.event == event and first <= done.time.astimezone(ZONE).date() <= last
        ]
        value = AGGREGATES[aggregate](amounts)
        known_at_all = bool(known) or person == PROFILE_ONLY
        if known_at_all and value is not None and SIGNS[sign](value, times):
            expected.append(person)

    count = {"aggregationOperator": aggregate, "property": "amount"} if aggregate else {}
    cohort = did(event, sign, times, count=count, **span)
    answer = shared.post("/api/query/engage/", {"filter_by_cohort": {"raw_cohort": cohort}})
    assert [each["$distinct_id"] for each in answer.json()["results"]] == sorted(expected)
