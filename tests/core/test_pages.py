"""Profiles page by page, from a stand-in for Mixpanel that knows its pages."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from clients import session
from recorder import Recorded, recording

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.pages import Profiles, read_pages
from mixpanel_mcp_core.queries.users import Paging

pytestmark = pytest.mark.anyio

ALL = Paging(None)
ALL_AT_ONCE = Paging(None, parallel=True)


def ids(count: int) -> list[str]:
    """The ids of the first profiles of a population."""
    return [f"u{number}" for number in range(count)]


@dataclass
class Population:
    """Profiles in pages of `size`; `odd` holds whole answers to give instead of a page.

    `repeats` makes it give its first page for ever. `busiest` is the most requests at one time.
    """

    count: int
    size: int = 2
    told: int | None = None
    odd: Mapping[int, Mapping[str, Any]] = field(default_factory=dict[int, Mapping[str, Any]])
    repeats: bool = False
    bodies: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    busy: int = 0
    busiest: int = 0

    async def answer(self, request: Recorded) -> Mapping[str, Any]:
        """The page that is asked for, after whatever else is asked at the same time."""
        body = request.json()
        self.bodies.append(body)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        # Later pages answer first, and all that are asked at once are there together.
        await asyncio.sleep(0.02 if body["page"] else 0)
        self.busy -= 1
        return self.odd.get(body["page"]) or {"status": 200, "body": self._page(body["page"])}

    def _page(self, number: int) -> Mapping[str, Any]:
        start = 0 if self.repeats else number * self.size
        chosen = ids(self.count)[start : start + self.size]
        more = self.repeats or start + self.size < self.count
        return {
            "results": [{"$distinct_id": each, "$properties": {}} for each in chosen],
            "session_id": "s1" if more else None,
            "total": self.count if self.told is None else self.told,
            "page_size": self.size,
        }


async def read(
    population: Population, paging: Paging, params: Mapping[str, Any] | None = None
) -> tuple[list[str], Profiles, list[tuple[Any, ...]]]:
    """The ids read, the whole outcome, and the progress that was told."""
    told: list[tuple[Any, ...]] = []

    async def report(*progress: Any) -> None:
        told.append(progress)

    async with recording() as recorder, session(recorder.url) as mixpanel:
        recorder.answer = population.answer
        outcome = await read_pages(mixpanel.reporting(report), params or {}, paging)
    assert {each.path for each in recorder.requests} == {"/api/query/engage/"}
    return [each["$distinct_id"] for each in outcome.profiles], outcome, told


async def test_all_profiles_are_read_page_after_page() -> None:
    """Later pages go to the session of the first; the page without a session is the last."""
    population = Population(5)
    found, outcome, told = await read(population, ALL, {"where": "w"})
    first = {"project_id": "12345", "page": 0, "where": "w"}
    assert found == ids(5)
    assert population.bodies == [
        first,
        *({**first, "page": number, "session_id": "s1"} for number in (1, 2)),
    ]
    assert outcome.meta == {"session_id": "s1", "pages_fetched": 3, "parallel": False}
    assert outcome.population == 5
    assert told == [(2, 5, "2 profiles"), (4, 5, "4 profiles")]


async def test_reading_stops_when_there_are_enough() -> None:
    """The limit is in every body, and what a page brings beyond it is cut."""
    population = Population(9)
    found, outcome, _ = await read(population, Paging(3))
    assert found == ids(3)
    assert [(body["page"], body["limit"]) for body in population.bodies] == [(0, 3), (1, 3)]
    assert outcome.meta["pages_fetched"] == 2


async def test_an_empty_page_is_the_end() -> None:
    """A session alone does not promise profiles; the empty page is not counted."""
    empty = {"status": 200, "body": {"results": [], "session_id": "s1"}}
    population = Population(9, odd={1: empty})
    found, outcome, _ = await read(population, ALL)
    assert found == ids(2)
    assert len(population.bodies) == 2
    assert outcome.meta["pages_fetched"] == 1


async def test_a_server_that_never_ends_is_left() -> None:
    """A page with nobody new is the end, or all would be read again and again."""
    population = Population(2, repeats=True)
    found, outcome, _ = await read(population, ALL)
    assert found == ids(2)
    assert len(population.bodies) == 2
    assert outcome.meta["pages_fetched"] == 1


async def test_a_failing_page_ends_reading_page_after_page() -> None:
    """What is missing in the middle could not be told from what is not there."""
    population = Population(5, odd={1: {"status": 200, "text": "<html>"}})
    with pytest.raises(MixpanelError) as raised:
        await read(population, ALL)
    assert raised.value.code == "INVALID_RESPONSE"


async def test_pages_are_read_at_once_and_kept_in_order() -> None:
    """The first page tells how many there are; the rest come as they come."""
    population = Population(9)
    found, outcome, told = await read(population, ALL_AT_ONCE._replace(workers=3))
    assert found == ids(9)
    assert population.busiest == 3
    assert sorted(body["page"] for body in population.bodies) == [0, 1, 2, 3, 4]
    assert not any("limit" in body for body in population.bodies)
    assert outcome.meta == {
        "session_id": "s1",
        "pages_fetched": 5,
        "failed_pages": [],
        "parallel": True,
        "workers": 3,
    }
    assert told == [(number, 5, f"{number} of 5 pages") for number in (2, 3, 4, 5)]


async def test_no_more_pages_are_read_at_once_than_the_limit_needs() -> None:
    """Of the last page, the rest is cut."""
    population = Population(100)
    found, _, _ = await read(population, Paging(3, parallel=True))
    assert found == ids(3)
    assert sorted(body["page"] for body in population.bodies) == [0, 1]


async def test_one_profile_is_read_from_one_page() -> None:
    """There is nothing to read at once."""
    population = Population(100)
    found, outcome, _ = await read(population, Paging(1, parallel=True))
    assert (found, population.bodies[0]["limit"]) == (ids(1), 1)
    assert outcome.meta["parallel"] is False


@pytest.mark.parametrize(
    ("odd", "failed"),
    [
        ({"status": 200, "text": "<html>"}, [2]),
        ({"status": 200, "body": [1]}, [2]),
        ({"status": 200, "network_error": True}, [2]),
    ],
    ids=["no JSON", "another shape", "broken connection"],
)
async def test_a_page_lost_on_the_way_is_recorded(
    odd: Mapping[str, Any], failed: list[int]
) -> None:
    """The profiles of the others are kept, and which page is missing is told."""
    found, outcome, _ = await read(Population(7, odd={2: odd}), ALL_AT_ONCE)
    assert found == ["u0", "u1", "u2", "u3", "u6"]
    assert outcome.meta["failed_pages"] == failed
    assert outcome.meta["pages_fetched"] == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "AUTH_FAILED"), (429, "RATE_LIMITED"), (400, "QUERY_FAILED"), (500, "SERVER_ERROR")],
)
async def test_a_page_that_is_refused_ends_them_all(status: int, code: str) -> None:
    """What holds for one page holds for the rest: those not sent yet are not sent."""
    population = Population(40, odd={1: {"status": status, "body": {"error": "x"}}})
    with pytest.raises(MixpanelError) as raised:
        await read(population, ALL_AT_ONCE._replace(workers=2))
    assert raised.value.code == code
    assert max(body["page"] for body in population.bodies) < 19


@pytest.mark.parametrize("paging", [ALL_AT_ONCE, Paging(10**9, parallel=True)])
async def test_pages_that_nobody_counted_are_read_one_after_another(paging: Paging) -> None:
    """Without a population, asking at once would miss pages, or ask for too many to count."""
    population = Population(5, told=0)
    found, outcome, _ = await read(population, paging)
    assert found == ids(5)
    assert outcome.meta["parallel"] is False


async def test_a_limit_counts_pages_where_the_population_is_not_told() -> None:
    """As many pages are asked for as the limit fills."""
    population = Population(9, told=0)
    found, outcome, _ = await read(population, Paging(4, parallel=True))
    assert found == ids(4)
    assert len(population.bodies) == 2
    assert outcome.meta["parallel"] is True


async def test_many_pages_at_once_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """Mixpanel's limit for an hour would be used up by one call."""
    with caplog.at_level(logging.WARNING):
        await read(Population(98), ALL_AT_ONCE)
        await read(Population(96), ALL_AT_ONCE)
    assert [each.getMessage() for each in caplog.records if "hour" in each.getMessage()] == [
        "49 pages are near Mixpanel's limit of 60 queries an hour"
    ]
