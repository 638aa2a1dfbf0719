"""Cohort definitions as requests carry them."""

from typing import Any

Json = dict[str, Any]


def did(event: str, operator: str = ">=", times: float = 1, **behavior: Any) -> Json:
    """Return the definition of people who did an event so many times, by default in 7 days.

    `count` adds to how it is counted, `selector` filters the events, the rest is the window.
    """
    selector = {"event": event, "selector": behavior.pop("selector", None)}
    count = {"event_selector": selector, "type": "absolute", **behavior.pop("count", {})}
    window = behavior or {"window": {"unit": "day", "value": 7}}
    leaf = {"property": "behaviors", "value": "b", "operator": operator, "operand": times}
    return definition(leaf, behaviors={"b": {"count": count, **window}})


def has(name: str, value: Any = "", operator: str = "==") -> Json:
    """Return the leaf for a profile property."""
    leaf = {"property": "user", "value": name, "operator": operator, "operand": value}
    return {**leaf, "type": "string"}


def within(number: int, operator: str = "in") -> Json:
    """Return the leaf for members of a saved cohort."""
    return {"property": "cohort", "value": number, "operator": operator}


def definition(*leaves: Json, operator: str = "and", behaviors: Json | None = None) -> Json:
    """Return a definition of leaves."""
    node = {"operator": operator, "children": list(leaves)}
    return {"selector": node, "behaviors": behaviors or {}}


def event_filter(name: str, operator: str, value: Any, kind: str = "string") -> Json:
    """Return the leaf of a filter on events."""
    types = {"filterType": kind, "defaultType": kind}
    subject = {"resourceType": "events", "value": name, "filterOperator": operator}
    return {**types, **subject, "filterValue": value}


def cohort_filter(operator: str = "contains", **cohort: Any) -> Json:
    """Return the clause of a report's filter on a cohort, in it or outside it."""
    values = [{"cohort": {"name": "", "negated": operator != "contains", **cohort}}]
    return {"value": "$cohorts", "filterOperator": operator, "filterValue": values}


def cohort_group(name: str, *negated: bool, **cohort: Any) -> Json:
    """Return the clause of a breakdown by a cohort, by default by both its sides."""
    entries = [{"name": name, "negated": side, **cohort} for side in negated or (False, True)]
    return {"value": [name, f"Not In {name}"], "cohorts": entries}
