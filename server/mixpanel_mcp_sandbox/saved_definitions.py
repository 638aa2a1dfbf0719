"""Saved metrics and behaviors in a report: references put in the place of what they stand for."""

from typing import Any, cast

from .bookmarks import mapping
from .calls import Json
from .database import Database
from .entities import Entities
from .errors import not_emulated, wrong

METRICS, BEHAVIORS = "metrics", "behaviors"
BEHAVIOR_TYPES = ("simple", "funnel", "retention")


def with_saved_definitions(database: Database, bookmark: Json) -> Json:
    """Return a bookmark whose metrics are all written out; 400 for what is not saved."""
    sections = bookmark.get("sections")
    if not isinstance(sections, dict) or not isinstance(sections.get("show"), list):
        return bookmark
    section = cast("Json", sections)
    shown = [_clause(database, each) for each in section["show"]]
    return {**bookmark, "sections": {**section, "show": shown}}


def _clause(database: Database, given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    clause = cast("Json", given)
    if clause.get("id") is not None and not clause.keys() & {"behavior", "definition", "query"}:
        clause = _metric(database, clause)
    if isinstance(clause.get("referencedMetrics"), list):
        operands = [_clause(database, each) for each in clause["referencedMetrics"]]
        clause = {**clause, "referencedMetrics": operands}
    behavior: Any = clause.get("behavior")
    if isinstance(behavior, dict):
        clause = {**clause, "behavior": _behavior(database, cast("Json", behavior))}
    return clause


def _metric(database: Database, reference: Json) -> Json:
    """Return the clause of a saved metric under what the reference replaces."""
    kind = reference.get("type") or "metric"
    found = _saved(database, METRICS, "Metric", reference["id"], kind)
    if kind == "warehouse":
        raise not_emulated("warehouse metrics")
    definition: Json = found["definition"]
    clause = {**definition, **mapping(definition.get("formula") or {}, "formula")}
    clause.pop("formula", None)
    own = {key: each for key, each in reference.items() if key not in ("id", "overrides")}
    overrides = mapping(reference.get("overrides") or {}, "overrides")
    return _merged({"name": found["name"], **clause, **own}, overrides)


def _behavior(database: Database, behavior: Json) -> Json:
    kind = behavior.get("type")
    if behavior.get("id") is None or kind not in BEHAVIOR_TYPES:
        return behavior
    found = _saved(database, BEHAVIORS, "Behavior", behavior["id"], kind)
    own = {key: each for key, each in behavior.items() if key != "id"}
    return {**found["definition"]["behavior"], "name": found["name"], **own}


def _saved(database: Database, kind: str, noun: str, number: object, wanted: object) -> Json:
    found = Entities(database, kind, noun).find(number) if isinstance(number, int) else None
    if found is None:
        # Not 404: the report exists, one of its metrics is wrong.
        raise wrong(f"{noun} {number} not found")
    if found["type"] != wanted:
        raise wrong(f"{noun} {number} is one of type {found['type']!r}, not {wanted!r}.")
    return found


def _merged(under: Json, over: Json) -> Json:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merged(cast("Json", below), cast("Json", value)) if both else value
    return merged
