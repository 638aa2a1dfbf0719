"""The data audit: the events of the last thirty days against the registered schemas."""

from collections.abc import Iterator
from datetime import timedelta

from .calls import Call, Endpoint, Json, ok
from .documents import stamp
from .enforcement import DAYS, rules_of
from .entities import Entities
from .errors import wrong
from .inventory import properties_of_events
from .properties import Property
from .scan import holdings
from .timeline import day_start, today
from .violations import (
    BY_HAND,
    MISSING_PROPERTY,
    RESERVED,
    UNEXPECTED_EVENT,
    UNEXPECTED_PROPERTY,
    UNEXPECTED_TYPE,
)

# What `kind` calls the types of JSON Schema.
KINDS = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "object",
}


def audit(call: Call) -> object:
    """Return all violations and when they were counted; 400 without any schema."""
    schemas = _schemas(call)
    since = _since(call)
    found = [*_unexpected_events(call, schemas, since), *_of_properties(call, schemas, since)]
    return _answered(call, found)


def audit_events(call: Call) -> object:
    """Return the events that no schema knows."""
    return _answered(call, list(_unexpected_events(call, _schemas(call), _since(call))))


def _answered(call: Call, found: list[Json]) -> Json:
    return ok([found, {"computed_at": f"{stamp(call)}Z"}])


def _schemas(call: Call) -> dict[str, dict[str, Json]]:
    """Return the rules of the properties, by name, of every event that has a schema."""
    entries = Entities(call.database, "schemas", "Schema").all()
    if not entries:
        raise wrong("There is no schema to compare the data with")
    events = [rules_of(entry) for entry in entries if entry["entityType"] == "event"]
    return {each["name"]: {rule["name"]: rule for rule in each["properties"]} for each in events}


def _since(call: Call) -> int:
    zone = call.project.timezone
    return day_start(today(call.now, zone) - timedelta(days=DAYS - 1), zone)


def _unexpected_events(
    call: Call, schemas: dict[str, dict[str, Json]], since: int
) -> Iterator[Json]:
    rows = call.database.rows(
        "select event, count(*) from all_events where t >= $since group by event order by event",
        {"since": since},
    )
    for event, count in rows:
        if event not in schemas and not event.startswith(RESERVED):
            yield {"violation": UNEXPECTED_EVENT, "name": event, "count": count}


def _of_properties(call: Call, schemas: dict[str, dict[str, Json]], since: int) -> Iterator[Json]:
    carried = properties_of_events(call, since=since)
    for event, rules in schemas.items():
        if event not in carried:
            continue
        for name, count in carried[event].items():
            if not name.startswith(RESERVED) and name not in {*rules, *BY_HAND}:
                yield _violation(UNEXPECTED_PROPERTY, event, name, count)
        yield from _of_values(call, event, rules, since)


def _of_values(call: Call, event: str, rules: dict[str, Json], since: int) -> Iterator[Json]:
    """Give what is missing in an event's records, and what is of another type."""
    owners = [Property(name) for name in rules]
    if not owners:
        return
    columns = ", ".join(
        f"count(*) filter (not {owner.present}), count(*) filter ({_mistyped(owner, rule)})"
        for owner, rule in zip(owners, rules.values(), strict=True)
    )
    (counts,) = call.database.rows(
        f"select {columns} from {holdings(call).scan(owners)}"
        " where e.event = $event and e.t >= $since",
        {"event": event, "since": since},
    )
    for (name, rule), missing, mistyped in zip(
        rules.items(), counts[::2], counts[1::2], strict=True
    ):
        if rule["required"] and missing:
            yield _violation(MISSING_PROPERTY, event, name, missing)
        if mistyped:
            told = f"expected {rule['type']}"
            yield {**_violation(UNEXPECTED_TYPE, event, name, mistyped), "propertyTypeError": told}


def _mistyped(owner: Property, rule: Json) -> str:
    """Return the SQL that is true for a value, other than null, of none of the rule's types."""
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    wanted = {KINDS[kind] for kind in kinds if kind in KINDS}
    if not wanted:
        return "false"
    listed = ", ".join(f"'{kind}'" for kind in sorted(wanted))
    other = f"kind({owner.sql}) not in ('null', {listed})"
    if "integer" not in kinds or "number" in kinds:
        return other
    number = f"number_in({owner.sql})"
    return f"({other} or coalesce({number} <> trunc({number}), false))"


def _violation(kind: str, event: str, name: str, count: int) -> Json:
    return {"violation": kind, "name": name, "event": event, "count": count}


PATH = "/api/app/{scope}/data-definitions/"
ENDPOINTS = (
    Endpoint("GET", f"{PATH}audit/", audit),
    Endpoint("GET", f"{PATH}audit-events-only/", audit_events),
)
