"""The history of a saved report: who did what, when, and which fields changed."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from .calls import Call, Json, ok
from .documents import changes, stamp
from .errors import wrong
from .histories import LARGEST_PAGE, PAGE, Histories
from .project import USER

HISTORIES = Histories("bookmark_histories", "Report history")


def note(call: Call, report: Json, action: str, before: Json | None = None) -> None:
    """Remember that an action made this report of what it was before; of nothing for a new one."""
    entry = {
        "action": action,
        "timestamp": stamp(call),
        "user": USER,
        "changes": changes(before or report, report),
    }
    HISTORIES.add(call, report["id"], lambda number: {"id": number, **entry})


def history(call: Call, number: int) -> object:
    """Answer a page of a report's history, the latest change first."""
    entries = HISTORIES.of(call, number)[::-1]
    size = call.number("page_size", PAGE, LARGEST_PAGE)
    first = _place(call.query.get("cursor") or "")
    following = first + size
    pagination = {
        "next_cursor": _cursor(following) if following < len(entries) else None,
        "previous_cursor": _cursor(max(0, first - size)) if first else None,
        "page_size": size,
    }
    return ok({"results": entries[first:following], "pagination": pagination})


def _place(cursor: str) -> int:
    try:
        return int(urlsafe_b64decode(cursor.encode())) if cursor else 0
    except ValueError:
        raise wrong(f"{cursor!r} is no cursor of this history") from None


def _cursor(place: int) -> str:
    return urlsafe_b64encode(str(place).encode()).decode()
