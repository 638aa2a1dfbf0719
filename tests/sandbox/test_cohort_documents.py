"""Saved cohorts through the App API: made, counted, changed, used, deleted."""

from typing import Any

import httpx
import pytest
from cohort_definitions import cohort_filter, definition, did, has, within
from report_bodies import body, events, metric
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1/cohorts"


def created(client: Client, **fields: Any) -> dict[str, Any]:
    """Save a cohort and return it."""
    return results_of(
        client.post(BASE, {"name": "Pros", **definition(has("plan", "pro")), **fields})
    )


def got(client: Client, number: int) -> dict[str, Any]:
    """A cohort as it is answered now."""
    return client.get(f"{BASE}/{number}").json()["results"]


def listed(client: Client, **query: str) -> list[int]:
    """The numbers of the cohorts in the list."""
    return [cohort["id"] for cohort in client.get(BASE, **query).json()["results"]]


def patched(client: Client, number: int, **fields: Any) -> httpx.Response:
    """Change a cohort."""
    return client.request("PATCH", f"{BASE}/{number}", json=fields)


@pytest.fixture
def shop(client: Client) -> Client:
    """Two people with the plan pro, and one without."""
    for person, plan in (("u1", "pro"), ("u2", "pro"), ("u3", "free")):
        client.set_profile(person, {"plan": plan})
        client.load(events("View", who=person, day="2026-02-27"))
    return client


def test_a_new_cohort_is_counted(shop: Client) -> None:
    """The definition stands at the top level, beside who made it."""
    cohort = created(shop, description="d")
    assert cohort == got(shop, 1)
    assert cohort == {
        "id": 1,
        "project_id": 1,
        "name": "Pros",
        "description": "d",
        **definition(has("plan", "pro")),
        "count": 2,
        "data_group_id": None,
        "is_locked": False,
        "is_visible": True,
        "verified": False,
        "created": "2026-03-01T00:00:00",
        "created_by": {"id": 1, "name": "Sandbox User", "email": "sandbox@example.com"},
        "last_edited": "2026-03-01T00:00:00",
        "last_queried": None,
        "referenced_by": [],
        "referenced_directly_by": [],
        "active_integrations": [],
    }


def test_the_count_follows_people_and_definition(shop: Client) -> None:
    """It is that of the moment of the question."""
    created(shop)
    shop.set_profile("u4", {"plan": "pro"})
    assert got(shop, 1)["count"] == 3
    assert patched(shop, 1, **did("View")).json()["results"]["count"] == 3
    assert patched(shop, 1, **definition(has("plan", "free"))).json()["results"]["count"] == 1


def test_a_cohort_filters_a_report(shop: Client) -> None:
    """By its number, from the moment it is saved."""
    number = created(shop)["id"]
    days = {"dateRangeType": "in the last", "unit": "day", "window": {"unit": "day", "value": 7}}
    report = body(metric("View"), chart="bar", filter=[cohort_filter(id=number)], time=[days])
    answer = shop.post("/api/query/insights", report).json()
    assert answer["series"] == {"View": {"all": 2}}


def test_a_cohort_tells_what_uses_it(shop: Client) -> None:
    """Reports that filter by it, and cohorts that are made of it."""
    created(shop)
    created(shop, name="Others", **definition(within(1, "not in")))
    board = shop.post("/api/app/projects/1/dashboards", {"title": "B"}).json()["results"]["id"]
    params = body(metric("View"), filter=[cohort_filter(id=1)])["bookmark"]
    report = {"name": "R", "type": "insights", "params": params, "dashboard_id": board}
    shop.post("/api/app/projects/1/bookmarks", report)
    used = [(c["referenced_by"], c["referenced_directly_by"]) for c in (got(shop, 1), got(shop, 2))]
    assert used == [([1], [2]), ([], [])]
    assert got(shop, 2)["count"] == 1


def test_what_cannot_be_counted_has_no_count(client: Client) -> None:
    """Neither has a cohort without a definition, nor one made of a cohort that is gone."""
    assert client.post(BASE, {"name": "Blank"}).json()["results"]["count"] is None
    assert created(client, **definition(within(9)))["count"] is None
    created(client, **definition(has("plan", "pro")))
    assert patched(client, 3, **definition(within(3))).json()["results"]["count"] is None


def test_the_list_can_be_narrowed(client: Client) -> None:
    """To a group, to numbers; what was moved out of sight is left out."""
    created(client)
    created(client, data_group_id="g1")
    created(client)
    assert listed(client) == [1, 2, 3]
    assert listed(client, data_group_id="g1") == [2]
    assert listed(client, ids="2,3") == [2, 3]
    patched(client, 1, deleted=True)
    assert listed(client) == [2, 3]


def test_several_cohorts_are_changed_and_deleted_at_once_or_not_at_all(client: Client) -> None:
    """An unknown number keeps all as they are."""
    for _ in range(2):
        created(client)
    change, delete = f"{BASE}/bulk-update", f"{BASE}/bulk-delete"
    assert client.post(change, {"cohorts": [{"id": 1, "name": "X"}, {"id": 9}]}).status_code == 404
    renamed = {"cohorts": [{"id": 1, "name": "X"}, {"id": 2, **did("View")}]}
    assert client.post(change, renamed).status_code == 204
    assert [got(client, n)["name"] for n in (1, 2)] == ["X", "Pros"]
    assert got(client, 2)["selector"] == did("View")["selector"]
    assert client.post(delete, {"cohort_ids": [1, 9]}).status_code == 404
    assert client.post(delete, {"cohort_ids": [1, 2]}).status_code == 204
    gone = client.get(f"{BASE}/1")
    assert (gone.status_code, gone.json()["error"]) == (404, "Cohort 1 not found")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": None}, "name is required"),
        ({"is_locked": 1}, "is_locked is not valid: 1"),
        (
            {"selector": {"property": "age"}},
            "A selector's property must be behaviors, cohort or user, not 'age'",
        ),
    ],
)
def test_a_malformed_cohort_is_refused(
    client: Client, fields: dict[str, Any], sentence: str
) -> None:
    """Its name, its types and its definition are checked."""
    answer = client.post(BASE, {"name": "C", **fields})
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)
    assert client.get(BASE).json()["results"] == []
