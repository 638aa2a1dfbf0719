"""Dashboards through the App API: settings, cards, marks, templates."""

from typing import Any

import pytest
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1/dashboards"
REPORT = {"name": "Logins", "type": "insights", "params": '{"sections": {}}'}


def created(client: Client, **fields: Any) -> dict[str, Any]:
    """Create a dashboard and return it."""
    return results_of(client.post(BASE, {"title": "Board", **fields}))


def patched(client: Client, board: int, **fields: Any) -> dict[str, Any]:
    """Change a dashboard and return it."""
    return results_of(client.request("PATCH", f"{BASE}/{board}", json=fields))


def kinds(board: dict[str, Any]) -> list[list[str]]:
    """Return the kinds of the cards, row by row."""
    rows = board["layout"]["rows"]
    return [[c["content_type"] for c in rows[r]["cells"]] for r in board["layout"]["rows_order"]]


def test_a_new_dashboard_has_its_settings_and_its_creator(client: Client) -> None:
    """What was not given has Mixpanel's defaults."""
    board = created(client, description="d", is_private=True)
    shown = {k: board[k] for k in ("id", "title", "description", "is_private", "creator_name")}
    assert shown == {
        "id": 1,
        "title": "Board",
        "description": "d",
        "is_private": True,
        "creator_name": "Sandbox User",
    }
    assert board["created"] == "2026-03-01T00:00:00"


def test_both_scopes_see_the_same_dashboards(client: Client) -> None:
    """A pinned workspace takes the place of the project in the path."""
    board = created(client)
    answer = client.get(f"/api/app/workspaces/1/dashboards/{board['id']}")
    assert answer.json() == {"status": "ok", "results": board}


def test_the_list_can_be_narrowed_by_number(client: Client) -> None:
    """`ids` is comma-joined."""
    boards = [created(client)["id"] for _ in range(3)]
    answer = client.get(BASE, ids=f"{boards[0]},{boards[2]}")
    assert [board["id"] for board in answer.json()["results"]] == [boards[0], boards[2]]


def test_rows_become_cards_and_reports_of_their_own(client: Client) -> None:
    """A report card holds its params as an object, although they are sent as text."""
    cells = [
        {"content_type": "text", "content_params": {"markdown": "<p>Hi</p>"}},
        {"content_type": "report", "content_params": {"bookmark": REPORT}},
    ]
    board = created(client, rows=[{"contents": cells}])
    assert kinds(board) == [["text", "report"]]
    (report,) = board["contents"]["report"].values()
    assert (report["name"], report["params"]) == ("Logins", {"sections": {}})


def test_a_row_of_five_cards_is_refused(client: Client) -> None:
    """A row holds at most four."""
    cell = {"content_type": "text", "content_params": {"markdown": ""}}
    answer = client.post(BASE, {"title": "Board", "rows": [{"contents": [cell] * 5}]})
    assert answer.status_code == 400
    assert client.get(BASE).json()["results"] == []


def test_a_report_is_cloned_onto_a_dashboard_and_taken_off_again(client: Client) -> None:
    """The clone has a number of its own; the dashboards of a report can be asked for."""
    cell = {"content_type": "report", "content_params": {"bookmark": REPORT}}
    source = next(iter(created(client, rows=[{"contents": [cell]}])["contents"]["report"]))
    board = created(client)["id"]
    params = {"source_bookmark_id": int(source)}
    content = {"action": "create", "content_type": "report", "content_params": params}
    clone = patched(client, board, content=content)["new_content"]["id"]
    assert clone != int(source)
    shown = client.get(f"{BASE}/bookmarks/{clone}/dashboard-ids")
    assert shown.json() == {"status": "ok", "results": [board]}
    removal = {"action": "delete", "content_type": "report", "content_id": clone}
    assert kinds(patched(client, board, content=removal)) == []


def test_a_text_card_can_be_rewritten(client: Client) -> None:
    """The card keeps its number."""
    cell = {"content_type": "text", "content_params": {"markdown": "old"}}
    board = created(client, rows=[{"contents": [cell]}])
    (number,) = board["contents"]["text"]
    path = f"{BASE}/{board['id']}/text-cards/{number}"
    assert client.request("PATCH", path, json={"markdown": "new"}).status_code == 204
    after = client.get(f"{BASE}/{board['id']}").json()["results"]
    assert after["contents"]["text"][number]["markdown"] == "new"


def test_a_duplicate_has_the_cards_of_the_original(client: Client) -> None:
    """Title and number are its own."""
    cell = {"content_type": "text", "content_params": {"markdown": "x"}}
    original = created(client, rows=[{"contents": [cell]}], description="d")
    copy = created(client, title="Copy", duplicate=original["id"])
    assert (copy["title"], copy["description"], kinds(copy)) == ("Copy", "d", [["text"]])
    assert copy["id"] != original["id"]


@pytest.mark.parametrize(
    ("mark", "field", "on", "off"),
    [
        ("favorites", "is_favorited", True, False),
        ("pin", "pinned_date", "2026-03-01T00:00:00", None),
    ],
)
def test_marks_are_set_and_taken_away(
    client: Client, mark: str, field: str, on: object, off: object
) -> None:
    """Favourite and pin are switched by POST and DELETE."""
    path = f"{BASE}/{created(client)['id']}"
    client.request("POST", f"{path}/{mark}")
    assert client.get(path).json()["results"][field] == on
    client.request("DELETE", f"{path}/{mark}")
    assert client.get(path).json()["results"][field] == off


def test_deleted_dashboards_are_gone_and_their_numbers_stay_used(client: Client) -> None:
    """A number never means two things."""
    first, second = created(client)["id"], created(client)["id"]
    assert client.request("DELETE", f"{BASE}/{second}").status_code == 204
    assert client.post(f"{BASE}/bulk-delete", {"dashboard_ids": [first]}).status_code == 204
    assert client.get(BASE).json()["results"] == []
    assert client.get(f"{BASE}/{first}").status_code == 404
    assert created(client)["id"] == 3


def test_a_bulk_deletion_with_an_unknown_number_deletes_nothing(client: Client) -> None:
    """The request is one transaction."""
    board = created(client)["id"]
    assert client.post(f"{BASE}/bulk-delete", {"dashboard_ids": [board, 99]}).status_code == 404
    assert client.get(f"{BASE}/{board}").status_code == 200


def test_a_blueprint_is_created_and_finished_with_cards(client: Client) -> None:
    """The template leaves its name on the dashboard."""
    templates = client.get(f"{BASE}/blueprints-all").json()["results"]["templates"]
    key = next(iter(templates))
    board = client.post(f"{BASE}/blueprints", {"template_type": key}).json()["results"]
    assert board["template_type"] == key
    assert client.get(f"{BASE}/{board['id']}/blueprint-config").json()["results"]["variables"]
    cards = [{"type": "text", "markdown": "Hi"}, {"type": "report", "name": "R", "params": {}}]
    finished = client.post(
        f"{BASE}/blueprints/finish", {"dashboard_id": board["id"], "cards": cards}
    )
    assert kinds(finished.json()["results"]) == [["text"], ["report"]]


def test_a_root_cause_analysis_makes_a_dashboard(client: Client) -> None:
    """The source of the analysis stays on it."""
    source = {"rca_source_id": 4, "rca_source_data": {"type": "anomaly"}}
    board = client.post(f"{BASE}/rca", source).json()["results"]
    assert (board["generation_type"], board["rca_source_id"]) == ("rca", 4)


@pytest.mark.parametrize("body", [{}, {"title": 7}, {"title": "x", "is_private": "yes"}, []])
def test_a_malformed_dashboard_is_refused(client: Client, body: object) -> None:
    """The title is required and every field has its type."""
    answer = client.post(BASE, body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"
