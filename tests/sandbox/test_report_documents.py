"""Saved reports through the App API: made for a board, changed, moved, deleted; their history."""

from typing import Any

import httpx
import pytest
from report_bodies import body, events, metric
from sandbox_client import Client, results_of

BASE = "/api/app/projects/1/bookmarks"
BOARDS = "/api/app/projects/1/dashboards"
PARAMS = body(metric("A"), chart="bar")["bookmark"]
OTHERS = body(metric("B"), chart="bar")["bookmark"]


def board(client: Client) -> int:
    """Create a dashboard and return its number."""
    return client.post(BOARDS, {"title": "Board"}).json()["results"]["id"]


def saved(client: Client, **fields: Any) -> dict[str, Any]:
    """Save a report on a new dashboard and return it."""
    report = {"name": "R", "type": "insights", "params": PARAMS, "v": 2, **fields}
    return results_of(client.post(BASE, {"dashboard_id": board(client), **report}))


def placed(client: Client, report: dict[str, Any]) -> dict[str, Any]:
    """Put a report on the dashboard that it was saved for, and return the dashboard."""
    params = {"source_bookmark_id": report["id"]}
    content = {"action": "create", "content_type": "report", "content_params": params}
    path = f"{BOARDS}/{report['dashboard_id']}"
    return client.request("PATCH", path, json={"content": content}).json()["results"]


def patched(client: Client, number: int, **fields: Any) -> httpx.Response:
    """Change a report."""
    return client.request("PATCH", f"{BASE}/{number}", json={**fields, "v": 2})


def cards(client: Client, number: int) -> dict[str, str]:
    """The names of the reports on a dashboard, by their numbers."""
    contents = client.get(f"{BOARDS}/{number}").json()["results"]["contents"]
    return {number: report["name"] for number, report in contents["report"].items()}


def listed(client: Client, **query: Any) -> list[int]:
    """The numbers of the reports in the list."""
    answer = client.get(BASE, v="2", **query)
    return [report["id"] for report in answer.json()["results"]["results"]]


def test_a_new_report_is_kept_as_it_was_given(client: Client) -> None:
    """Its author is the account, its type is remembered beside a later one."""
    report = saved(client, description="d", icon="i")
    assert client.get(f"{BASE}/1", v="2").json() == {"status": "ok", "results": report}
    assert report == {
        "id": 1,
        "name": "R",
        "type": "insights",
        "original_type": "insights",
        "description": "d",
        "icon": "i",
        "params": PARAMS,
        "project_id": 1,
        "workspace_id": 1,
        "dashboard_id": 1,
        "include_in_dashboard": True,
        "is_default": False,
        "is_visibility_restricted": False,
        "is_modification_restricted": False,
        "can_update_basic": True,
        "can_view": True,
        "can_share": True,
        "generation_type": None,
        "unique_view_count": 0,
        "total_view_count": 0,
        "metadata": {},
        "creator_id": 1,
        "creator_name": "Sandbox User",
        "creator_email": "sandbox@example.com",
        "created": "2026-03-01T00:00:00",
        "modified": "2026-03-01T00:00:00",
        "last_modified_by_id": 1,
        "last_modified_by_name": "Sandbox User",
        "last_modified_by_email": "sandbox@example.com",
    }


def test_a_report_takes_its_place_on_its_own_board_and_is_copied_onto_others(
    client: Client,
) -> None:
    """A second card of it on the same board is a copy too."""
    report = saved(client)
    assert list(placed(client, report)["contents"]["report"]) == ["1"]
    assert list(placed(client, report)["contents"]["report"]) == ["1", "2"]
    elsewhere = {**report, "dashboard_id": board(client)}
    assert list(placed(client, elsewhere)["contents"]["report"]) == ["3"]
    shown = client.get(f"{BASE}/1/linked-dashboard-ids").json()
    assert shown == {"status": "ok", "results": [1]}


def test_a_saved_report_can_be_run(client: Client) -> None:
    """It answers what its params ask, also after they changed."""
    client.load(events("A") + events("B") + events("B", who="u2"))
    number = saved(client)["id"]
    run = client.get("/api/query/insights", bookmark_id=number).json()
    assert run["series"] == {"A": {"all": 1}}
    patched(client, number, params=OTHERS)
    run = client.get("/api/query/insights", bookmark_id=number).json()
    assert run["series"] == {"B": {"all": 2}}


def test_the_list_can_be_narrowed(client: Client) -> None:
    """By type, by number, and what was moved out of sight is left out until it is moved back."""
    for kind in ("insights", "funnels", "insights"):
        saved(client, type=kind)
    assert listed(client) == [1, 2, 3]
    assert listed(client, type="insights") == [1, 3]
    assert listed(client, ids="2,3") == [2, 3]
    assert patched(client, 3, deleted=True).json()["results"]["deleted"] is True
    assert listed(client) == [1, 2]
    patched(client, 3, deleted=False)
    assert listed(client) == [1, 2, 3]


def test_a_change_shows_on_the_card(client: Client) -> None:
    """A report stands under the same name on its board."""
    report = saved(client)
    placed(client, report)
    assert patched(client, 1, name="New").json()["results"]["name"] == "New"
    assert cards(client, report["dashboard_id"]) == {"1": "New"}


def test_a_report_moves_to_another_board(client: Client) -> None:
    """It leaves the first one; a board that is not there refuses it."""
    report = saved(client)
    placed(client, report)
    other = board(client)
    patched(client, 1, dashboard_id=other)
    assert (cards(client, report["dashboard_id"]), cards(client, other)) == ({}, {"1": "R"})
    assert patched(client, 1, dashboard_id=9).status_code == 404


def test_a_deleted_report_takes_its_cards_along(client: Client) -> None:
    """By itself or with others; an unknown number keeps all of them."""
    first, second = saved(client), saved(client)
    placed(client, first)
    assert client.request("DELETE", f"{BASE}/1").status_code == 204
    assert cards(client, first["dashboard_id"]) == {}
    gone = client.get(f"{BASE}/1", v="2")
    assert (gone.status_code, gone.json()["error"]) == (404, "Report 1 not found")
    bulk = f"{BASE}/bulk-delete"
    assert client.post(bulk, {"bookmark_ids": [second["id"], 9]}).status_code == 404
    assert listed(client) == [2]
    assert client.post(bulk, {"bookmark_ids": [2]}).status_code == 204
    assert listed(client) == []


def test_several_reports_are_changed_at_once_or_not_at_all(client: Client) -> None:
    """Each entry has the number of its report."""
    saved(client)
    saved(client)
    path = f"{BASE}/bulk-update"
    wrong = {"bookmarks": [{"id": 1, "name": "X"}, {"id": 9, "name": "Y"}]}
    assert client.post(path, wrong).status_code == 404
    right = {"bookmarks": [{"id": 1, "name": "X"}, {"id": 2, "params": OTHERS}]}
    assert client.post(path, right).status_code == 204
    reports = client.get(BASE, v="2").json()["results"]["results"]
    assert [(r["name"], r["params"]) for r in reports] == [("X", PARAMS), ("R", OTHERS)]


def test_the_history_tells_what_changed_page_by_page(client: Client) -> None:
    """The latest change comes first; one that changes nothing is not told."""
    saved(client)
    for name in ("S", "S", "T"):
        patched(client, 1, name=name)
    path = f"{BASE}/1/history"
    first = client.get(path, page_size="2").json()["results"]
    told = {
        "timestamp": "2026-03-01T00:00:00",
        "user": {"id": 1, "name": "Sandbox User", "email": "sandbox@example.com"},
    }
    assert first["results"] == [
        {"id": 3, "action": "updated", "changes": {"name": {"before": "S", "after": "T"}}, **told},
        {"id": 2, "action": "updated", "changes": {"name": {"before": "R", "after": "S"}}, **told},
    ]
    following = first["pagination"].pop("next_cursor")
    assert first["pagination"] == {"previous_cursor": None, "page_size": 2}
    last = client.get(path, page_size="2", cursor=following).json()["results"]
    assert last["results"] == [{"id": 1, "action": "created", "changes": {}, **told}]
    assert last["pagination"]["next_cursor"] is None
    assert client.get(path, cursor="?").status_code == 400
    assert client.get(f"{BASE}/9/history").status_code == 404


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"name": None}, 400, "name is required"),
        ({"dashboard_id": None}, 400, "dashboard_id is required"),
        ({"dashboard_id": 7}, 404, "Dashboard 7 not found"),
        ({"params": "{}"}, 400, "params is not valid: '{}'"),
        (
            {"type": "chart"},
            400,
            "type must be one of insights, funnels, retention, flows, launch-analysis, user, not "
            "'chart'",
        ),
    ],
)
def test_a_malformed_report_is_refused(
    client: Client, fields: dict[str, Any], status: int, sentence: str
) -> None:
    """Name, type, params and a dashboard that is there are needed."""
    report = {"name": "R", "type": "insights", "params": PARAMS, "dashboard_id": board(client)}
    answer = client.post(BASE, {**report, **fields})
    assert (answer.status_code, answer.json()["error"]) == (status, sentence)
    assert listed(client) == []


@pytest.mark.parametrize("path", [BASE, f"{BASE}/1"])
def test_only_version_2_is_spoken(client: Client, path: str) -> None:
    """The version before it has another shape."""
    answer = client.get(path)
    sentence = "The sandbox does not emulate saved reports of another version than v=2 yet."
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)
