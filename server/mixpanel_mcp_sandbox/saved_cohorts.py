"""Cohorts that were saved: their documents, found by number, and their names.

A document has the definition where requests to save one carry it, at its top level: `selector`
and `behaviors`. One that was uploaded has `distinct_ids` instead.
"""

from typing import Any, cast

from .calls import Json
from .database import Database
from .entities import Entities
from .errors import wrong

KIND = "cohorts"
# Metrics lie this deep even as operands of a formula; what lies deeper is no cohort to show.
DEEPEST = 12


def saved_cohort(database: Database, number: int) -> Json:
    """Return the document of a saved cohort; 400 when there is none."""
    document = Entities(database, KIND, "Cohort").find(number)
    if document is None:
        raise wrong(f"Cohort {number} not found")
    return document


def with_cohort_names(database: Database, body: Json) -> Json:
    """Return a request in which saved cohorts without a name are called by the saved one.

    This concerns what is shown, metrics and breakdowns; filters have no use for a name.
    """
    return _named(database, body, DEEPEST)


def _named(database: Database, value: Any, depth: int) -> Any:
    if isinstance(value, list) and depth:
        return [_named(database, item, depth - 1) for item in cast("list[Any]", value)]
    if not isinstance(value, dict) or not depth:
        return value
    named = {k: _named(database, item, depth - 1) for k, item in cast("Json", value).items()}
    if named.get("type") == "cohort":
        return _with_name(database, named)
    if isinstance(named.get("cohorts"), list):
        named["cohorts"] = [_with_name(database, item) for item in named["cohorts"]]
    return named


def _with_name(database: Database, entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    shown = cast("Json", entry)
    if shown.get("name") or not isinstance(shown.get("id"), int):
        return shown
    return {**shown, "name": saved_cohort(database, shown["id"]).get("name")}
