"""The history of a feature flag: what happened to it, by whom, and which fields changed."""

from collections.abc import Sequence

from .calls import Call, Json, ok
from .documents import changes, stamp
from .entities import Entities
from .errors import wrong
from .identifiers import number_in
from .project import USER_NAME

PAGE = 50
LARGEST_PAGE = 100


def note(call: Call, flag: Json, action: str, before: Json | None = None) -> None:
    """Remember that an action made this flag of what it was before; of nothing for a new one."""
    entries = _entries(call, flag)
    detail = {"at": stamp(call), "by": USER_NAME, "changes": changes(before or flag, flag)}
    entries.append([len(entries) + 1, action, detail])
    _histories(call).put({"id": number_in(flag["id"]), "entries": entries})


def history(call: Call, flag: Json) -> object:
    """Answer a page of a flag's history, the latest change first, and the count of all."""
    entries: Sequence[object] = _entries(call, flag)[::-1]
    page = call.query.get("page") or "1"
    if not page.isdecimal() or int(page) < 1:
        raise wrong(f"page must be a number from 1 on, not {page!r}")
    size = call.number("page_size", PAGE, LARGEST_PAGE)
    first = (int(page) - 1) * size
    return ok({"events": entries[first : first + size], "count": len(entries)})


def _entries(call: Call, flag: Json) -> list[object]:
    found = _histories(call).find(number_in(flag["id"]))
    return found["entries"] if found else []


def _histories(call: Call) -> Entities:
    return Entities(call.database, "flag_histories", "Feature flag history")
