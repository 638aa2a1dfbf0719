"""Annotations of the demo: the days on which the numbers moved, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .calendar import at
from .document import Document
from .project import ADA, NILS, PROJECT_ID, Person

Tag = Literal["release", "marketing", "incident"]

TAGS: dict[Tag, int] = {"release": 1, "marketing": 2, "incident": 3}


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation, dated by the demo's day (0-125) and hour."""

    day: int
    hour: int
    description: str
    tag: Tag
    author: Person


NOTES = (
    Note(63, 0, "Spring sale starts: 15 % off everything", "marketing", NILS),
    Note(70, 0, "Spring sale has ended", "marketing", NILS),
    Note(77, 0, "Shop opens in Brazil", "marketing", NILS),
    Note(84, 9, "Android 4.2.0 released", "release", ADA),
    Note(95, 9, "Android 4.2.1 released, repairs card payments", "release", ADA),
    Note(101, 13, "iOS events lost from 13 to 16 h UTC: collector outage", "incident", ADA),
)


def annotation_tags() -> list[Document]:
    """Give the tags; annotations name them."""
    return [
        Document("annotation_tags", number, None, _tag(name) | {"has_annotations": True})
        for name, number in TAGS.items()
    ]


def annotations(now: datetime) -> list[Document]:
    """Give the annotations, dated within now's eighteen weeks."""
    return [
        Document("annotations", number, None, _annotation(number, note, now))
        for number, note in enumerate(NOTES, start=1)
    ]


def _tag(name: Tag) -> dict[str, Any]:
    return {"id": TAGS[name], "name": name, "project_id": PROJECT_ID}


def _annotation(number: int, note: Note, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "project_id": PROJECT_ID,
        "date": at(now, note.day, note.hour).strftime("%Y-%m-%d %H:%M:%S"),
        "description": note.description,
        "user": note.author.as_person(),
        "tags": [_tag(note.tag)],
    }
