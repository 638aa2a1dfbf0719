"""Reports under slugs, and saved ones, as the sandbox keeps and shows them."""

from typing import Any

import pytest
from sandbox_client import Client

PATH = "/api/app/projects/1/bookmark-urls/"
SLUG = "AAAAbbbb1234"
LINK: dict[str, Any] = {"slug": SLUG, "type": "funnels", "params": {"sections": {}}}


def test_a_report_is_found_again_by_its_slug(client: Client) -> None:
    """With all that was said of it, its author and its date."""
    created = client.post(PATH, {**LINK, "name": "n", "bookmark_id": 4}).json()["results"]
    assert client.get(f"{PATH}{SLUG}/").json() == {"status": "ok", "results": created}
    assert created == {
        "id": 1,
        **LINK,
        "name": "n",
        "description": None,
        "bookmark_id": 4,
        "overrides": None,
        "project_id": 1,
        "user_id": 1,
        "created_at": "2026-03-01T00:00:00",
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"slug": "short"}, "slug must have 12 letters, digits, - or _, not be 'short'"),
        ({"slug": None}, "slug must have 12 letters, digits, - or _, not be ''"),
        (
            {"type": "boards"},
            "type must be one of insights, funnels, retention, flows, not 'boards'",
        ),
        ({"params": "{}"}, "params must be an object"),
        ({"bookmark_id": 0}, "bookmark_id must be a whole number from 1 on, not 0"),
        ({}, f"The slug {SLUG} is taken."),
    ],
)
def test_what_cannot_be_linked_is_refused(
    client: Client, change: dict[str, Any], sentence: str
) -> None:
    """A slug is taken once."""
    client.post(PATH, LINK)
    answer = client.post(PATH, LINK | change)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


def test_a_slug_that_nobody_took_is_not_found(client: Client) -> None:
    """404, in Mixpanel's form."""
    answer = client.get(f"{PATH}{SLUG}/")
    assert answer.status_code == 404
    assert answer.json() == {"status": "error", "error": f"Report {SLUG} not found"}


@pytest.mark.parametrize("scope", ["projects/1", "workspaces/1"])
def test_a_saved_report_is_shown_whole(client: Client, scope: str) -> None:
    """Its params are an object, also where they were stored as text."""
    report = {"id": 3, "type": "insights", "name": "Three", "params": '{"sections": {}}'}
    client.save("bookmarks", report)
    shown = client.get(f"/api/app/{scope}/bookmarks/3", v="2").json()["results"]
    assert shown == report | {"params": {"sections": {}}}


def test_short_links_are_not_emulated(client: Client) -> None:
    """Nobody shortens the sandbox's addresses."""
    answer = client.get("/mixpanel.com/s/aB1")
    assert answer.status_code == 501
    assert answer.json()["error"] == "The sandbox does not emulate short links yet."
