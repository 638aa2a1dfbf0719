"""Sorting and paging of profiles against Python's own sorting."""

from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_client import Client, open_empty

PATH = "/api/query/engage/"
PEOPLE = 2300
VALUES = [3, "b", None, 2.5, "A", 7, "a", -1, "10", "É", 0]


def properties(number: int) -> dict[str, Any]:
    """Return a profile whose `x` is a number, a text, null or missing, and often shared."""
    if number % 13 == 0:
        return {"n": number}
    return {"n": number, "x": VALUES[number % len(VALUES)]}


PROFILES = {f"p{number * 7919 % PEOPLE:04}": properties(number) for number in range(PEOPLE)}


@pytest.fixture(scope="module")
def crowd() -> Generator[Client]:
    """A sandbox with more profiles than two pages hold; the examples only read it."""
    with open_empty() as sandbox:
        client = Client(sandbox)
        updates = [
            {"$token": "sandbox", "$distinct_id": name, "$set": profile}
            for name, profile in PROFILES.items()
        ]
        for start in range(0, PEOPLE, 1000):
            client.post("/engage", updates[start : start + 1000])
        yield client


def pages(client: Client, **fields: Any) -> list[list[str]]:
    """Read pages until there is no session any more."""
    answers: list[dict[str, Any]] = [client.post(PATH, {"page": 0, **fields}).json()]
    session = answers[0]["session_id"]
    while answers[-1]["session_id"]:
        body = {**fields, "page": len(answers), "session_id": session}
        answers.append(client.post(PATH, body).json())
    return [[profile["$distinct_id"] for profile in each["results"]] for each in answers]


def rank(name: str) -> tuple[bool, float, str]:
    """Return what a person is sorted by: numbers come before texts, whose case is ignored."""
    value = PROFILES[name]["x"]
    return (True, 0.0, value.lower()) if isinstance(value, str) else (False, value, "")


def ordered(names: list[str], *, descending: bool) -> list[str]:
    """Sort people by `x`, those without it last, and equal ones by their names."""
    known = [name for name in sorted(names) if PROFILES[name].get("x") is not None]
    unknown = [name for name in sorted(names) if PROFILES[name].get("x") is None]
    return sorted(known, key=rank, reverse=descending) + unknown


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    descending=st.booleans(),
    least=st.sampled_from([0, 300, 1300, 2300]),
    limit=st.sampled_from([None, 1, 999, 1000, 1001, 2000, 5000]),
)
def test_the_pages_are_the_sorted_whole_in_order(
    crowd: Client, descending: bool, least: int, limit: int | None
) -> None:
    """Pages of a thousand, put together, are the selection in order, cut at the limit."""
    names = [name for name, profile in PROFILES.items() if profile["n"] >= least]
    order = "descending" if descending else "ascending"
    sorting = {"sort_key": 'properties["x"]', "sort_order": order, "limit": limit}
    read = pages(crowd, where=f'properties["n"] >= {least}', **sorting)
    assert [name for page in read for name in page] == ordered(names, descending=descending)[:limit]
    assert [len(page) for page in read[:-1]] == [1000] * (len(read) - 1)


def test_a_page_is_what_it_was_when_the_query_began(crowd: Client) -> None:
    """Pages may be read in any order, and profiles that come later are in none of them."""
    first = crowd.post(PATH, {}).json()
    crowd.set_profile("p0000-later", {"n": -1})
    update = {"$token": "sandbox", "$distinct_id": "p0000-later", "$delete": ""}
    later = [
        crowd.post(PATH, {"page": page, "session_id": first["session_id"]}).json()
        for page in (2, 1, 0)
    ]
    crowd.post("/engage", [update])
    assert [each["session_id"] is None for each in later] == [True, False, False]
    assert [len(each["results"]) for each in later] == [300, 1000, 1000]
    assert later[-1]["results"] == first["results"]
    assert {each["total"] for each in later} == {PEOPLE}


def test_the_oldest_session_is_forgotten(crowd: Client) -> None:
    """Eight are held; who comes back later must begin again."""
    sessions = [crowd.post(PATH, {}).json()["session_id"] for _ in range(9)]
    statuses = [
        crowd.post(PATH, {"page": 1, "session_id": session}).status_code for session in sessions
    ]
    assert statuses == [400, *[200] * 8]
