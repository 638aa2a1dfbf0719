"""The demo's dashboards: four boards with their text and report cards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixpanel_mcp_sandbox.cards import ROW_WIDTH
from mixpanel_mcp_sandbox.dashboards import RIGHTS

from .calendar import instant
from .document import Document
from .project import ADA, NILS, WORKSPACE_ID, Person
from .report_params import last_days
from .reports import reports_on


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard before it is dated.

    Attributes:
        cards: The markdown of its text cards, from top to bottom.
        created: The demo's day on which it was created.
        modified: The demo's day of its last change.
        pinned: The demo's day on which it was pinned, None when it is not.
    """

    id: int
    title: str
    description: str
    cards: tuple[str, ...]
    creator: Person
    created: int
    modified: int
    views: int
    viewers: int
    favorite: bool = False
    pinned: int | None = None
    days: int = 90


BOARDS = (
    Board(
        id=1001,
        title="Weekly overview",
        description="What the shop did last week: people, orders, revenue.",
        cards=(
            "<h2>Weekly overview</h2><p>Read it on Mondays. Revenue is what was paid, "
            "refunds are not taken off.</p>",
            "<p>Sign-ups tripled during the spring sale; look at retention before celebrating.</p>",
        ),
        creator=ADA,
        created=8,
        modified=105,
        views=412,
        viewers=9,
        favorite=True,
        days=28,
    ),
    Board(
        id=1002,
        title="Checkout health",
        description="From the product page to the paid order, by platform and app version.",
        cards=(
            "<h2>Checkout health</h2><p>A fall on one platform only is nearly always a "
            "release: break the last step down by <b>app_version</b>.</p>",
        ),
        creator=ADA,
        created=21,
        modified=96,
        views=287,
        viewers=7,
        pinned=22,
    ),
    Board(
        id=1003,
        title="Retention & wishlists",
        description="Who comes back, and whether wishlists help.",
        cards=(
            "<h2>Retention &amp; wishlists</h2><p>30 % of the customers have wishlists "
            "since the eighth week. Compare customers who signed up after that only.</p>",
        ),
        creator=NILS,
        created=57,
        modified=112,
        views=134,
        viewers=5,
    ),
    Board(
        id=1004,
        title="Data quality",
        description="Events and properties that are not what the tracking plan says.",
        cards=(
            "<h2>Data quality</h2><p>Known: prices sent as text by the web cart, orders "
            "without order_id, the stray event order_completed.</p>",
        ),
        creator=NILS,
        created=106,
        modified=113,
        views=31,
        viewers=3,
        days=30,
    ),
)


def dashboards(now: datetime) -> list[Document]:
    """Give the boards, dated within now's eighteen weeks."""
    return [Document("dashboards", board.id, WORKSPACE_ID, _body(board, now)) for board in BOARDS]


def _body(board: Board, now: datetime) -> dict[str, Any]:
    return {
        "id": board.id,
        "title": board.title,
        "description": board.description,
        "is_private": False,
        "is_restricted": False,
        **board.creator.signature(),
        "created": instant(now, board.created),
        "modified": instant(now, board.modified),
        "is_favorited": board.favorite,
        "pinned_date": None if board.pinned is None else instant(now, board.pinned),
        "unique_view_count": board.viewers,
        "total_view_count": board.views,
        "filters": [],
        "breakdowns": [],
        "time_filter": last_days(board.days),
        **RIGHTS,
        "ancestors": [],
        **_cards(board, now),
    }


def _cards(board: Board, now: datetime) -> dict[str, Any]:
    """Give the text cards one below the other, and the reports two by two below them."""
    texts = {board.id * 10 + place: text for place, text in enumerate(board.cards, start=1)}
    reports = {report["id"]: report for report in reports_on(board.id, now)}
    numbers = list(reports)
    pairs = [numbers[place : place + 2] for place in range(0, len(numbers), 2)]
    rows = [*([("text", card)] for card in texts), *([("report", n) for n in p] for p in pairs)]
    named = {f"row-{row[0][1]}": _row(row) for row in rows}
    return {
        "layout": {"rows_order": list(named), "rows": named},
        "contents": {
            "report": {str(number): report for number, report in reports.items()},
            "text": {str(card): {"id": card, "markdown": text} for card, text in texts.items()},
        },
    }


def _row(cards: list[tuple[str, int]]) -> dict[str, Any]:
    width = ROW_WIDTH // len(cards)
    cells = [
        {"id": f"cell-{card}", "width": width, "content_type": kind, "content_id": card}
        for kind, card in cards
    ]
    return {"height": 0, "cells": cells}
