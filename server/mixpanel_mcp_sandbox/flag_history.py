"""The history of a feature flag: what happened to it, by whom, and which fields changed."""

from collections.abc import Sequence

from .calls import Call, Json, ok
from .documents import changes, stamp
from .errors import wrong
from .histories import LARGEST_PAGE, PAGE, Histories
from .project import USER_NAME

HISTORIES = Histories("flag_histories", "Feature flag history")


def note(call: Call, flag: Json, action: str, before: Json | None = None) -> None:
    """Remember that an action made this flag of what it was before; of nothing for a new one."""
    detail = {"at": stamp(call), "by": USER_NAME, "changes": changes(before or flag, flag)}
    HISTORIES.add(call, flag["id"], lambda number: [number, action, detail])


def history(call: Call, flag: Json) -> object:
    """Answer a page of a flag's history, the latest change first, and the count of all."""
    entries: Sequence[object] = HISTORIES.of(call, flag["id"])[::-1]
    page = call.query.get("page") or "1"
    if not page.isdecimal() or int(page) < 1:
        raise wrong(f"page must be a number from 1 on, not {page!r}")
    size = call.number("page_size", PAGE, LARGEST_PAGE)
    first = (int(page) - 1) * size
    return ok({"events": entries[first : first + size], "count": len(entries)})
