"""Records against the schema that is enforced: what is unexpected, and what becomes of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from .calls import Call, Json
from .definition_changes import changed, history
from .definitions import EVENTS, PROPERTIES, Section
from .documents import stamp
from .enforcement import DROP, HIDE, VIOLATIONS, enforcement
from .entities import Entities
from .records import Record

# Mixpanel's own names, which no tracking plan lists.
RESERVED = ("$", "mp_")
BY_HAND = frozenset({"distinct_id", "token", "time"})

UNEXPECTED_EVENT = "Unexpected Event"
UNEXPECTED_PROPERTY = "Unexpected Property"
MISSING_PROPERTY = "Missing Property"
UNEXPECTED_TYPE = "Unexpected Type for Property"

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


class Violation(NamedTuple):
    """What is wrong with a record; `property` is None when it is the event itself."""

    kind: str
    event: str | None
    property: str | None


@dataclass(frozen=True)
class Plan:
    """The enforced schema: by event the rules of its properties, and those of any event."""

    rule: str
    events: Mapping[str, Mapping[str, Json]]
    common: Mapping[str, Json]
    profiles: Mapping[str, Json]

    def violations(self, record: Record) -> Iterator[Violation]:
        """Give what is wrong with a record."""
        if record.event not in self.events:
            if not _reserved(record.event):
                yield Violation(UNEXPECTED_EVENT, record.event, None)
            return
        rules = {**self.common, **self.events[record.event]}
        for name, value in record.properties.items():
            if name not in rules:
                if not _reserved(name) and name not in BY_HAND:
                    yield Violation(UNEXPECTED_PROPERTY, record.event, name)
            elif not fits(value, rules[name].get("type")):
                yield Violation(UNEXPECTED_TYPE, record.event, name)
        for name, rule in rules.items():
            if rule.get("required") and name not in record.properties:
                yield Violation(MISSING_PROPERTY, record.event, name)


def enforced(call: Call, records: list[Record]) -> list[Record]:
    """Mark what violates the schema, and hide or drop what is unexpected as the rule says."""
    plan = _plan(call)
    if plan is None:
        return records
    found = [list(plan.violations(record)) for record in records]
    _mark(call, (violation for each in found for violation in each))
    unexpected = {violation for each in found for violation in each}
    if plan.rule == HIDE:
        _hide(call, unexpected)
    if plan.rule != DROP:
        return records
    kept = (_without_unexpected(*pair) for pair in zip(records, found, strict=True))
    return [record for record in kept if record is not None]


def unexpected_of_profiles(call: Call, names: Iterable[str]) -> frozenset[str]:
    """Return which properties of profiles the rule drops; the others are marked or hidden.

    Profiles are not looked at where the schema says nothing about them.
    """
    plan = _plan(call)
    if plan is None or not plan.profiles:
        return frozenset()
    unexpected = {name for name in names if name not in plan.profiles and not _reserved(name)}
    violations = {Violation(UNEXPECTED_PROPERTY, None, name) for name in unexpected}
    _mark(call, violations)
    if plan.rule == HIDE:
        _hide(call, violations)
    return frozenset(unexpected if plan.rule == DROP else ())


def fits(value: object, kinds: object) -> bool:
    """Return whether a value is of a type of JSON Schema, or of one of several; null always is."""
    if value is None or kinds is None:
        return True
    several = cast("list[Any]", kinds) if isinstance(kinds, list) else [kinds]
    return any(_is_a(value, str(kind)) for kind in several)


def _is_a(value: object, kind: str) -> bool:
    if kind not in _TYPES:
        return kind != "null"
    if isinstance(value, bool):
        return kind == "boolean"
    whole = kind != "integer" or (isinstance(value, int | float) and value == int(value))
    return isinstance(value, _TYPES[kind]) and whole


def _plan(call: Call) -> Plan | None:
    config = enforcement(call).find(1)
    if config is None:
        return None
    return Plan(
        config["ruleEvent"],
        {each["name"]: _by_name(each.get("properties")) for each in config["events"]},
        _by_name(config["commonProperties"]),
        _by_name(config["userProperties"]),
    )


def _by_name(rules: object) -> dict[str, Json]:
    return {each["name"]: each for each in cast("list[Json]", rules or [])}


def _reserved(name: str) -> bool:
    return name.startswith(RESERVED)


def _without_unexpected(record: Record, violations: list[Violation]) -> Record | None:
    if any(each.kind == UNEXPECTED_EVENT for each in violations):
        return None
    names = {each.property for each in violations if each.kind == UNEXPECTED_PROPERTY}
    kept = {name: value for name, value in record.properties.items() if name not in names}
    return replace(record, properties=kept) if names else record


def _mark(call: Call, violations: Iterable[Violation]) -> None:
    counts = Counter(violations)
    if not counts:
        return
    documents = Entities(call.database, VIOLATIONS, "Violation")
    known = {
        Violation(row["violation"], row["event"], row["property"]): row for row in documents.all()
    }
    for violation, count in counts.items():
        row = known.get(violation) or {
            "id": documents.next_number(),
            "violation": violation.kind,
            "event": violation.event,
            "property": violation.property,
            "count": 0,
            "firstSeen": stamp(call),
        }
        documents.put({**row, "count": row["count"] + count, "lastSeen": stamp(call)})


def _hide(call: Call, violations: Iterable[Violation]) -> None:
    for violation in sorted(violations, key=str):
        if violation.kind == UNEXPECTED_EVENT:
            _hide_once(call, EVENTS, str(violation.event))
        elif violation.kind == UNEXPECTED_PROPERTY:
            resource = "Event" if violation.event else "User"
            _hide_once(call, PROPERTIES[resource], str(violation.property))


def _hide_once(call: Call, section: Section, name: str) -> None:
    """Hide a name, unless that was done before: somebody may have shown it again."""
    lines = history(call, section, name)
    if not any(line["action"] == "enforcement" for line in lines):
        changed(call, section, name, {"hidden": True}, "enforcement")
