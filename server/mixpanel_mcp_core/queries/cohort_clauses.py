"""Cohort definitions as they stand on the wire: a tree of selectors and the behaviors it names."""

from collections.abc import Callable
from typing import Any

from .cohorts import (
    CohortDefinition,
    Criterion,
    DidEvent,
    DidNotDoEvent,
    HasProperty,
    InSavedCohort,
    PropertySet,
)
from .filters import Filter

ConditionClause = Callable[[Filter], dict[str, Any]]

_FREQUENCIES = {"at_least": ">=", "at_most": "<=", "exactly": "=="}
_PROFILE_OPERATORS = {
    "equals": "==",
    "not_equals": "!=",
    "contains": "in",
    "not_contains": "not in",
    "greater_than": ">",
    "less_than": "<",
    "is_set": "defined",
    "is_not_set": "not defined",
}


class _Behaviors:
    """The behaviors of a whole definition, numbered as they are met."""

    def __init__(self, condition_clause: ConditionClause) -> None:
        self.clauses: dict[str, Any] = {}
        self._condition_clause = condition_clause

    def add(self, criterion: DidEvent | DidNotDoEvent) -> str:
        """Keep the behavior of a criterion; the name by which a selector refers to it."""
        name = f"bhvr_{len(self.clauses)}"
        self.clauses[name] = {"count": self._count(criterion), **_window(criterion)}
        return name

    def _count(self, criterion: DidEvent | DidNotDoEvent) -> dict[str, Any]:
        selector: dict[str, Any] = {"event": criterion.event}
        if isinstance(criterion, DidNotDoEvent):
            return {"event_selector": selector, "type": "absolute"}
        if conditions := criterion.conditions():
            leaves = [_leaf(self._condition_clause(each)) for each in conditions]
            selector["selector"] = {"operator": "and", "children": leaves}
        count = {"event_selector": selector, "type": "absolute"}
        if criterion.aggregation is None:
            return count
        aggregated = {"aggregationOperator": criterion.aggregation}
        return {**count, **aggregated, "property": criterion.aggregation_property}


def raw_cohort(definition: CohortDefinition, condition_clause: ConditionClause) -> dict[str, Any]:
    """`raw_cohort` within a query; `condition_clause` writes the filters of its events."""
    behaviors = _Behaviors(condition_clause)
    return {"selector": _node(definition, behaviors), "behaviors": behaviors.clauses}


def _node(definition: CohortDefinition, behaviors: _Behaviors) -> dict[str, Any]:
    children = [
        _node(item, behaviors) if isinstance(item, CohortDefinition) else _selector(item, behaviors)
        for item in definition.items()
    ]
    return {"operator": "or" if definition.all_of is None else "and", "children": children}


def _selector(criterion: Criterion, behaviors: _Behaviors) -> dict[str, Any]:
    match criterion:
        case DidEvent():
            ((frequency, times),) = criterion.frequencies()
            return _frequency(behaviors.add(criterion), _FREQUENCIES[frequency], times)
        case DidNotDoEvent():
            return _frequency(behaviors.add(criterion), "==", 0)
        case HasProperty():
            operator = _PROFILE_OPERATORS[criterion.operator]
            operand = "" if criterion.value is None else criterion.value
            return _profile(criterion.property, operator, operand, criterion.property_type)
        case PropertySet():
            operator = criterion.criterion.removeprefix("property_")
            return _profile(criterion.property, _PROFILE_OPERATORS[operator], "", "string")
        case InSavedCohort():
            operator = "in" if criterion.criterion == "in_cohort" else "not in"
            return {"property": "cohort", "value": criterion.cohort_id, "operator": operator}


def _frequency(behavior: str, operator: str, times: int) -> dict[str, Any]:
    return {"property": "behaviors", "value": behavior, "operator": operator, "operand": times}


def _profile(name: str, operator: str, operand: Any, kind: str) -> dict[str, Any]:
    selector = {"property": "user", "value": name, "operator": operator}
    return {**selector, "operand": operand, "type": kind}


def _leaf(clause: dict[str, Any]) -> dict[str, Any]:
    first = ("resourceType", "filterType", "defaultType", "filterOperator")
    value = clause["filterValue"]
    rest = {key: clause[key] for key in clause if key not in (*first, "filterValue")}
    leaf = {**{key: clause[key] for key in first}, **rest}
    return leaf if value is None else {**leaf, "filterValue": value}


def _window(criterion: DidEvent | DidNotDoEvent) -> dict[str, Any]:
    for unit, value in criterion.windows():
        return {"window": {"unit": unit, "value": value}}
    return {"from_date": criterion.from_date, "to_date": criterion.to_date}
