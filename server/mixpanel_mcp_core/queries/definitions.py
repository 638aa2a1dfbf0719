"""Saved metrics and behaviors: what a caller writes, as Mixpanel keeps it, and its rules."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast

from pydantic import Field, PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError

from .funnels.behavior import FunnelBehavior, funnel_clause
from .insights.clauses import formula_clause, metric_clause
from .insights.events import SimpleBehavior, behavior_clause
from .insights.formula import Formula
from .insights.kinds import read_metric
from .insights.references import MetricRef
from .nodes import object_in, objects_in
from .params_schema import definition_problems
from .problems import Problem
from .retention.behavior import RetentionBehavior, retention_clause
from .term import Term
from .vocabulary import MetricRefType
from .words import Whole, closed, refusal

LONGEST_TEXT = 255
# What older definitions have and Mixpanel no longer takes.
_LEGACY: Mapping[str, frozenset[str]] = {
    "behavior": frozenset({"filter"}),
    "measurement": frozenset({"id", "type"}),
}
# The key that tells a behavior, its shape, and the type that it is saved as.
_BEHAVIORS: Mapping[str, tuple[type[Term], str]] = {
    "steps": (FunnelBehavior, "funnel"),
    "born_event": (RetentionBehavior, "retention"),
    "events": (SimpleBehavior, "simple"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What is saved: its kind, and the object that Mixpanel keeps."""

    kind: str
    body: dict[str, Any]
    warehouse_source_id: int | None = None

    def over(self, stored: Mapping[str, Any]) -> "Definition":
        """The definition with what only the stored one has."""
        return replace(self, body={**stored, **self.body})


class RawMetric(Term):
    """A metric in Mixpanel's own form."""

    type: Annotated[MetricRefType, closed(MetricRefType)]
    definition: dict[str, Any]
    warehouse_source_id: Whole | None = None


class RawBehavior(Term):
    """A behavior in Mixpanel's own form."""

    definition: dict[str, Any]


def _read_metric(value: Any) -> Definition:
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    if "definition" in keys:
        raw = RawMetric.model_validate(keys)
        return Definition(raw.type, _modern(raw.definition), raw.warehouse_source_id)
    if isinstance(keys.get("formula"), Mapping):
        return Definition("formula", _modern(keys))
    if "behavior" in keys:
        return Definition("metric", _modern(keys))
    if "formula" in keys:
        formula = Formula.model_validate(_untyped(keys, "formula"))
        formula.guard_at("definition")
        clause = formula_clause(formula)
        shown = {key: clause[key] for key in ("definition", "referencedMetrics")}
        return Definition("formula", {"formula": shown, "measurement": clause["measurement"]})
    metric = read_metric(_untyped(keys, "metric") if keys else value)
    if isinstance(metric, MetricRef):
        raise refusal("saved", "A saved metric cannot be defined by another one.")
    metric.guard_at("definition")
    clause = metric_clause(metric, hidden=False)
    return Definition("metric", {key: clause[key] for key in ("behavior", "measurement")})


def _read_behavior(value: Any) -> Definition:
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    if "definition" in keys:
        body = _modern(RawBehavior.model_validate(keys).definition)
        return _own_behavior(body)
    if "behavior" in keys or "behaviors" in keys:
        return _own_behavior(_modern(keys if "behavior" in keys else {"behavior": keys}))
    told = next((_BEHAVIORS[key] for key in _BEHAVIORS if key in keys), None)
    if told is None:
        message = "Expected steps (a funnel), born_event and return_event, events, or definition."
        raise refusal("behavior", message)
    kind, name = told
    shape = kind.model_validate(_untyped(keys, name))
    shape.guard_at("behavior")
    match shape:
        case FunnelBehavior():
            clause = funnel_clause(shape)
        case RetentionBehavior():
            clause = retention_clause(shape)
        case _:
            clause = behavior_clause(cast("SimpleBehavior", shape), None, "all")
    body = {"behavior": {key: each for key, each in clause.items() if key != "filter"}}
    return Definition(clause["type"], body)


def _own_behavior(body: dict[str, Any]) -> Definition:
    return Definition(str(object_in(body.get("behavior")).get("type") or ""), body)


def _untyped(keys: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The keys without a type that says what they say already."""
    return {k: v for k, v in keys.items() if k != "type" or v != kind}


def _modern(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition without legacy keys, in itself and in the operands of a formula."""
    modern = {key: _without(each, _LEGACY.get(key)) for key, each in definition.items()}
    formula = object_in(modern.get("formula"))
    if operands := formula.get("referencedMetrics"):
        modern["formula"] = {**formula, "referencedMetrics": list(map(_modern_operand, operands))}
    return modern


def _modern_operand(operand: Any) -> Any:
    return _modern(cast("Mapping[str, Any]", operand)) if isinstance(operand, dict) else operand


def _without(node: Any, keys: frozenset[str] | None) -> Any:
    if not keys or not isinstance(node, dict):
        return node
    return {k: v for k, v in cast("dict[str, Any]", node).items() if k not in keys}


MetricSource = Annotated[
    Definition,
    PlainValidator(_read_metric, json_schema_input_type=dict[str, Any]),
    Field(
        description='What it counts, as in `events` of query: {"event": "Buy", "math": "total", '
        '"property": "amount"}, {"cohort": 12}, {"funnel": {"steps": ["A", "B"]}}, {"formula": '
        '"B / A", "metrics": [{"event": "Visit"}, {"event": "Buy"}]}. Or Mixpanel\'s own {"type": '
        '"metric" | "formula" | "warehouse", "definition": {...}, "warehouse_source_id"}.'
    ),
]
BehaviorSource = Annotated[
    Definition,
    PlainValidator(_read_behavior, json_schema_input_type=dict[str, Any]),
    Field(
        description='A funnel {"steps": ["View", "Buy"], "conversion_window": 7}, a retention '
        '{"born_event": "Sign Up", "return_event": "Visit"}, or any of several events {"events": '
        '["Login", "SSO Login"]}. Or Mixpanel\'s own {"definition": {"behavior": {"type": ...}}}.'
    ),
]


def guarded_texts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Name and description as far as they are given, the name stripped of spaces around it.

    Raises ParamValidationError for a blank name and for more than 255 characters.
    """
    texts = {key: given[key] for key in ("name", "description") if given.get(key) is not None}
    if "name" in texts:
        texts["name"] = texts["name"].strip()
        if not texts["name"]:
            raise ParamValidationError("name: give a name.", code="SM1_EMPTY_NAME")
    for key, text in texts.items():
        if len(text) > LONGEST_TEXT:
            message = f"{key}: at most {LONGEST_TEXT} characters, not {len(text)}."
            raise ParamValidationError(message, code="SM2_NAME_TOO_LONG")
    return texts


def guard_kind(definition: Definition, number: int, stored: str) -> None:
    """Raise ParamValidationError where a saved one of another kind is to be defined anew."""
    if definition.kind != stored:
        raise ParamValidationError(
            f"{number} is of type {stored!r} and cannot become {definition.kind!r}; create a new "
            "one instead.",
            code="SM3_KIND_CHANGE",
            details={"id": number, "stored": stored, "new": definition.kind},
        )


def guard_metric(definition: Definition, given: Iterable[str] | None = None) -> None:
    """Raise ParamValidationError for a metric that Mixpanel would not keep.

    Of a definition that lies over a stored one only the keys that were `given` are looked at.
    """
    kind, body = definition.kind, definition.body
    if kind == "warehouse" and given is None and definition.warehouse_source_id is None:
        message = "warehouse_source_id: a new warehouse metric needs the id of its source."
        details = {"path": "warehouse_source_id"}
        raise ParamValidationError(message, code="SM4_SCHEMA", details=details)
    _refuse_shape(_within(definition_problems(kind, body), given))
    if kind == "formula":
        _guard_operands(objects_in(object_in(body.get("formula")).get("referencedMetrics")))


def guard_behavior(definition: Definition) -> None:
    """Raise ParamValidationError for a behavior that Mixpanel would not keep."""
    _refuse_shape(definition_problems("behavior", definition.body))
    if not definition.kind:
        place = "definition.behavior.type"
        _refuse_shape([Problem("B0_MISSING_FIELD", place, "type is required.")])


def _within(problems: Iterable[Problem], given: Iterable[str] | None) -> Iterator[Problem]:
    keys = None if given is None else set(given)
    for problem in problems:
        if keys is None or re.split(r"[.\[]", problem.path)[1] in keys:
            yield problem


def _refuse_shape(problems: Iterable[Problem]) -> None:
    errors = [problem.to_dict() for problem in problems]
    if errors:
        told = "; ".join(f"{each['path']}: {each['message']}" for each in errors)
        details = {"path": errors[0]["path"], "errors": errors}
        raise ParamValidationError(told, code="SM4_SCHEMA", details=details)


def _guard_operands(operands: list[dict[str, Any]]) -> None:
    if not operands:
        raise ParamValidationError(
            "definition.formula.referencedMetrics: a saved formula has metrics of its own.",
            code="SM7_FORMULA_WITHOUT_OPERANDS",
        )
    for index, operand in enumerate(operands):
        measurement = object_in(operand.get("measurement"))
        for key in ("segmentMethod", "multiAttribution"):
            if measurement.get(key) is not None:
                place = f"definition.formula.referencedMetrics[{index}].measurement.{key}"
                raise ParamValidationError(
                    f"{place}: an operand of a formula has none.", code="FM6_OPERAND_ATTRIBUTION"
                )
