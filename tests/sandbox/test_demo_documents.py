"""The entities that the demo holds from the start."""

import json
from datetime import UTC, datetime

from mixpanel_mcp_sandbox import demo
from mixpanel_mcp_sandbox.identifiers import number_in

NOW = datetime(2026, 2, 6, 18, tzinfo=UTC)
DOCUMENTS = demo.documents(NOW)
DASHBOARDS = [document for document in DOCUMENTS if document.kind == "dashboards"]
ANNOTATIONS = [document for document in DOCUMENTS if document.kind == "annotations"]


def test_ids_are_unique_within_their_kind() -> None:
    """Kind and id name one document, and the body repeats the id."""
    keys = {(document.kind, document.id) for document in DOCUMENTS}

    assert len(keys) == len(DOCUMENTS)
    assert all(number_in(document.body["id"]) == document.id for document in DOCUMENTS)


def test_bodies_are_json() -> None:
    """A body survives the way through JSON unchanged."""
    assert all(json.loads(json.dumps(each.body)) == each.body for each in DOCUMENTS)


def test_four_boards_are_there() -> None:
    """One of them is a favourite, another one is pinned."""
    assert [board.body["title"] for board in DASHBOARDS] == [
        "Weekly overview",
        "Checkout health",
        "Retention & wishlists",
        "Data quality",
    ]
    assert [board.body["is_favorited"] for board in DASHBOARDS] == [True, False, False, False]
    assert [board.body["pinned_date"] for board in DASHBOARDS] == [
        None,
        "2025-10-28T09:00:00",
        None,
        None,
    ]


def test_every_board_begins_with_a_text_card() -> None:
    """It tells what the board is for."""
    for board in DASHBOARDS:
        layout = board.body["layout"]
        [first] = layout["rows"][layout["rows_order"][0]]["cells"]

        assert (first["content_type"], first["width"]) == ("text", 12)
        assert str(first["content_id"]) in board.body["contents"]["text"]


def test_boards_are_changed_after_their_creation_and_before_now() -> None:
    """created <= modified <= now."""
    for board in DASHBOARDS:
        assert board.body["created"] <= board.body["modified"] <= NOW.isoformat()


def test_annotations_mark_the_planted_stories() -> None:
    """Each lies on the day, and hour, of the story that it explains."""
    assert [(note.body["date"], note.body["tags"][0]["name"]) for note in ANNOTATIONS] == [
        ("2025-12-08 00:00:00", "marketing"),
        ("2025-12-15 00:00:00", "marketing"),
        ("2025-12-22 00:00:00", "marketing"),
        ("2025-12-29 09:00:00", "release"),
        ("2026-01-09 09:00:00", "release"),
        ("2026-01-15 13:00:00", "incident"),
    ]


def test_an_annotation_has_the_shape_of_the_app_api() -> None:
    """Project, date, text, author and tags, as the API answers them."""
    assert ANNOTATIONS[3].body == {
        "id": 4,
        "project_id": 1,
        "date": "2025-12-29 09:00:00",
        "description": "Android 4.2.0 released",
        "user": {"id": 1, "first_name": "Ada", "last_name": "Lindqvist"},
        "tags": [{"id": 1, "name": "release", "project_id": 1}],
    }


def test_tags_know_that_they_are_used() -> None:
    """Every tag is on some annotation."""
    tags = [document.body for document in DOCUMENTS if document.kind == "annotation_tags"]
    used = {note.body["tags"][0]["name"] for note in ANNOTATIONS}

    assert {tag["name"] for tag in tags if tag["has_annotations"]} == used


def test_companies_are_those_that_customers_name() -> None:
    """Forty, each with a profile of its own under the key that events carry."""
    companies = demo.companies(NOW)
    assert [each["d"] for each in companies] == [f"company-{n:02}" for n in range(1, 41)]
    assert companies[0] == {
        "k": "company_id",
        "d": "company-01",
        "p": {
            "$name": "Boulder Logistics",
            "$created": "2025-10-07T09:00:00",
            "industry": "Logistics",
            "plan": "team",
            "seats": 6,
            "tags": [],
        },
        "s": 1759827600000,
    }
