"""How well the name of an entity fits what is searched for. Pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from mixpanel_mcp_core.models.compositions import EntityKind, Found

_LEAST_ALIKE = 0.6


def ranked(kind: EntityKind, entities: Sequence[Any], words: str) -> Iterator[Found]:
    """Those of the entities that fit, each with how well."""
    for entity in entities:
        name = getattr(entity, "name", None) or getattr(entity, "title", None) or ""
        description = getattr(entity, "description", None)
        if match := fits(words, name, description or ""):
            yield Found(
                kind=kind,
                id=entity.id,
                name=name,
                type=getattr(entity, "bookmark_type", None) or getattr(entity, "type", None),
                description=description or None,
                owner=_owner(entity),
                modified=_modified(entity),
                match=round(match, 2),
            )


def _owner(entity: Any) -> str | None:
    """Who made it: each kind tells it in another field."""
    maker = getattr(entity, "created_by", None)
    named = maker.get("name") if isinstance(maker, dict) else getattr(maker, "name", None)  # pyright: ignore
    return getattr(entity, "creator_name", None) or named


def _modified(entity: Any) -> str | None:
    """The day of the last change."""
    days = (getattr(entity, name, None) for name in ("modified", "last_edited", "updated"))
    return next((str(day)[:10] for day in days if day), None)


def fits(wanted: str, name: str, description: str) -> float:
    """From 1 for the very name down to 0: its beginning, a part, all words, alike, described."""
    low, own = wanted.strip().lower(), name.lower()
    if low == own:
        return 1
    if own.startswith(low):
        return 0.9
    if low in own:
        return 0.8
    words = low.split()
    if all(word in own for word in words):
        return 0.7
    if all(word in f"{own} {description.lower()}" for word in words):
        return 0.5
    alike = SequenceMatcher(None, low, own).ratio()
    return alike * 0.6 if alike >= _LEAST_ALIKE else 0
