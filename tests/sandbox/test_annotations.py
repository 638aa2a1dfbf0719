"""Annotations and their tags through the App API."""

from typing import Any

import pytest
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1/annotations/"


def annotated(client: Client, date: str, **fields: Any) -> dict[str, Any]:
    """Create an annotation and return it."""
    return results_of(client.post(BASE, {"date": date, "description": "v2", **fields}))


def test_an_annotation_names_its_author_and_its_tags(client: Client) -> None:
    """Tags are given by number and come back whole."""
    tag = client.post(f"{BASE}tags/", {"name": "release"}).json()["results"]
    assert annotated(client, "2026-02-03 10:00:00", tags=[tag["id"]]) == {
        "id": 1,
        "project_id": 1,
        "date": "2026-02-03 10:00:00",
        "description": "v2",
        "user": {"id": 1, "first_name": "Sandbox", "last_name": "User"},
        "tags": [{"id": 1, "name": "release", "project_id": 1}],
    }
    (listed,) = client.get(f"{BASE}tags/").json()["results"]
    assert listed == {**tag, "has_annotations": True}


def test_the_list_keeps_to_dates_and_tags(client: Client) -> None:
    """Both ends of the range are included."""
    tag = client.post(f"{BASE}tags/", {"name": "release"}).json()["results"]["id"]
    for day in (1, 2, 3, 4):
        annotated(client, f"2026-02-0{day} 12:00:00", tags=[tag] if day != 3 else [])
    dates = {"fromDate": "2026-02-02", "toDate": "2026-02-03"}
    listed = client.get(BASE, **dates).json()["results"]
    assert [a["id"] for a in listed] == [2, 3]
    tagged = client.get(BASE, **dates, tags=str(tag)).json()["results"]
    assert [a["id"] for a in tagged] == [2]


def test_description_and_tags_can_change_and_the_date_cannot(client: Client) -> None:
    """A date in the change is ignored."""
    path = f"{BASE}{annotated(client, '2026-02-03 10:00:00')['id']}/"
    change = {"description": "new", "date": "2020-01-01 00:00:00"}
    after = client.request("PATCH", path, json=change).json()["results"]
    assert (after["description"], after["date"]) == ("new", "2026-02-03 10:00:00")


def test_a_deleted_annotation_is_not_found(client: Client) -> None:
    """The second deletion answers 404."""
    path = f"{BASE}{annotated(client, '2026-02-03')['id']}/"
    assert client.request("DELETE", path).status_code == 204
    answer = client.request("DELETE", path)
    assert answer.status_code == 404
    assert answer.json() == {"status": "error", "error": "Annotation 1 not found"}


@pytest.mark.parametrize(
    "body",
    [
        {"description": "x"},
        {"date": "yesterday", "description": "x"},
        {"date": "2026-02-03", "description": "x" * 513},
        {"date": "2026-02-03", "description": "x", "tags": [9]},
    ],
)
def test_a_malformed_annotation_is_refused(client: Client, body: dict[str, Any]) -> None:
    """Date, length and tags are checked."""
    assert client.post(BASE, body).status_code == 400
