"""Changes to the Lexicon's definitions, and the history that they leave."""

from collections.abc import Collection, Mapping
from typing import Final

from .calls import Call, Json
from .definitions import Section, checked
from .documents import stamp
from .entities import Entities
from .project import USER

HISTORY: Final = "lexicon_history"


def changed(call: Call, section: Section, name: str, fields: Json, action: str = "update") -> Json:
    """Store a definition with the given fields and return it; its history tells what changed."""
    return change_all(call, section, {name: fields}, action)[name]


def change_all(
    call: Call,
    section: Section,
    wanted: Mapping[str, Json],
    action: str,
    *,
    create: bool = False,
) -> dict[str, Json]:
    """Store many definitions, each with its given fields, and return them by name.

    What changes nothing leaves no line. With `create` what was not stored is, even unchanged.
    """
    moment = stamp(call)
    stored = _stored(call, section, wanted)
    changed: dict[str, Json] = {}
    lines: list[Json] = []
    for name, fields in wanted.items():
        before = stored.get(name) or section.blank(name)
        after = before | checked(section, fields)
        changes = _changes(before, after)
        if create and name not in stored:
            lines.append(_line(section, name, "create", {}))
        elif not changes:
            continue
        changed[name] = after | {"lastModified": moment, "modifiedUtc": moment}
        if changes:
            lines.append(_line(section, name, action, changes))
    section.entities(call.database).put_all(changed.values())
    _record(call, lines)
    return {name: changed.get(name) or stored.get(name) or section.blank(name) for name in wanted}


def forgotten(call: Call, section: Section, name: str) -> None:
    """Remove a definition where one is stored."""
    stored = section.stored(call.database, name)
    if stored:
        section.entities(call.database).delete(stored["id"])
        _record(call, [_line(section, name, "delete", {})])


def history(call: Call, section: Section, name: str) -> list[Json]:
    """Return the changes of a definition, newest first."""
    wanted = _line(section, name, "", {})
    keys = ("name", "entityType", "resourceType")
    lines = Entities(call.database, HISTORY, "Change").all()
    return [line for line in reversed(lines) if all(line[key] == wanted[key] for key in keys)]


def _stored(call: Call, section: Section, names: Collection[str]) -> dict[str, Json]:
    if len(names) > 1:
        return section.described(call.database)
    found = {name: section.stored(call.database, name) for name in names}
    return {name: row for name, row in found.items() if row is not None}


def _changes(before: Json, after: Json) -> Json:
    return {
        field: {"from": before.get(field), "to": value}
        for field, value in after.items()
        if before.get(field) != value
    }


def _line(section: Section, name: str, action: str, changes: Json) -> Json:
    return {
        "name": name,
        "entityType": "event" if section.resource is None else "property",
        "resourceType": section.resource,
        "action": action,
        "changes": changes,
    }


def _record(call: Call, lines: list[Json]) -> None:
    documents = Entities(call.database, HISTORY, "Change")
    first = documents.next_number()
    documents.put_all(
        {"id": number, **line, "user": USER, "timestamp": stamp(call)}
        for number, line in enumerate(lines, start=first)
    )
