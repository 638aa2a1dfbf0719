"""Schema enforcement: what is expected of records, and what happens to the others."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import cast

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .definitions import all_texts
from .documents import stamp
from .entities import Entities
from .errors import missing, one_of, wrong
from .inventory import properties_of_events
from .project import USER
from .timeline import day_start, today

ACCEPT, HIDE, DROP = RULES = ("Warn and Accept", "Warn and Hide", "Warn and Drop")
VIOLATIONS = "schema_violations"
ONLY = 1
DAYS = 30
LISTS = ("commonProperties", "userProperties", "events")


def enforcement(call: Call) -> Entities:
    """Return the documents of which there is one, or none."""
    return Entities(call.database, "schema_enforcement", "Schema enforcement")


def get(call: Call) -> object:
    """Return the enforcement, or the `fields` of it that are asked for; 404 without one."""
    violations = Entities(call.database, VIOLATIONS, "Violation").all()
    config = {**_config(call), "violations": violations}
    names = [name for name in call.query.get("fields", "").split(",") if name]
    if not names:
        return ok(config)
    return ok({one_of(config, name, "fields"): config[name] for name in names})


def begin(call: Call) -> object:
    """Begin to enforce the registered schemas, or else what the last 30 days hold."""
    rule = one_of(RULES, call.json().get("ruleEvent"), "ruleEvent")
    if enforcement(call).find(ONLY):
        raise wrong("Schema enforcement is initialized already")
    registered = Entities(call.database, "schemas", "Schema").all()
    events = [rules_of(each) for each in registered if each["entityType"] == "event"]
    profiles = [rules_of(each) for each in registered if each["entityType"] == "profile"]
    last = today(call.now, call.project.timezone)
    return _stored(
        call,
        {
            "id": ONLY,
            "ruleEvent": rule,
            "notificationEmails": [],
            "events": events or _arrived(call),
            "commonProperties": [],
            "userProperties": profiles[0]["properties"] if profiles else [],
            "state": "planned" if events else "ingested",
            "initializedBy": USER,
            "initializedFrom": None if events else str(last - timedelta(days=DAYS - 1)),
            "initializedTo": None if events else str(last),
        },
    )


def change(call: Call) -> object:
    """Change the rule, the recipients, or the expected events and their properties."""
    body, config = call.json(), _config(call)
    if body.get("ruleEvent") is not None:
        config["ruleEvent"] = one_of(RULES, body["ruleEvent"], "ruleEvent")
    if body.get("notificationEmails") is not None:
        config["notificationEmails"] = _texts(body["notificationEmails"], "notificationEmails")
    rules: dict[str, Json] = {each["name"]: each for each in config["events"]}
    if body.get("events") is not None:
        wanted = _texts(body["events"], "events")
        rules = {name: rules.get(name) or {"name": name, "properties": []} for name in wanted}
    for name, properties in _names_by_event(body.get("properties")).items():
        before: list[Json] = rules.get(name, {}).get("properties") or []
        known = {each["name"]: each for each in before}
        expected = [known.get(each) or {"name": each} for each in properties]
        rules[name] = {"name": name, "properties": expected}
    return _stored(call, {**config, "events": list(rules.values())})


def replace(call: Call) -> object:
    """Put a whole enforcement in the place of the one there is, or of none."""
    body, before = call.json(), enforcement(call).find(ONLY)
    if body.get("schemaId") not in (None, ONLY):
        raise missing(f"Schema enforcement {body['schemaId']} not found")
    begun = {"initializedBy": USER, "initializedFrom": None, "initializedTo": None}
    return _stored(
        call,
        {
            **(before or {"id": ONLY, "state": "planned", **begun}),
            "ruleEvent": one_of(RULES, body.get("ruleEvent"), "ruleEvent"),
            "notificationEmails": _texts(body.get("notificationEmails"), "notificationEmails"),
            **{name: _rules(body.get(name), name) for name in LISTS},
        },
    )


def end(call: Call) -> object:
    """Enforce nothing any more; what was violated is forgotten."""
    _config(call)
    enforcement(call).delete(ONLY)
    violations = Entities(call.database, VIOLATIONS, "Violation")
    for row in violations.all():
        violations.delete(row["id"])
    return ok({})


def follow(call: Call, entries: Iterable[Json], *, gone: bool = False) -> None:
    """Expect what schemas say from now on, or nothing any more when they are `gone`."""
    config = enforcement(call).find(ONLY)
    if config is None:
        return
    rules: dict[str, Json] = {each["name"]: each for each in config["events"]}
    for entry in entries:
        if entry["entityType"] == "profile":
            config["userProperties"] = [] if gone else rules_of(entry)["properties"]
        elif entry["entityType"] == "event":
            rules.pop(entry["name"], None)
            if not gone:
                rules[entry["name"]] = rules_of(entry)
    _stored(call, {**config, "events": list(rules.values())})


def rules_of(entry: Json) -> Json:
    """Return what a registered schema expects of an event, or of profiles."""
    schema = entry["schemaJson"]
    required: list[str] = schema.get("required") or []
    properties: Mapping[str, Json] = schema.get("properties") or {}
    names = dict.fromkeys([*properties, *required])
    return {
        "name": entry["name"],
        "properties": [
            {
                "name": name,
                "type": properties.get(name, {}).get("type"),
                "required": name in required,
            }
            for name in names
        ],
    }


def _arrived(call: Call) -> list[Json]:
    last = today(call.now, call.project.timezone)
    since = day_start(last - timedelta(days=DAYS - 1), call.project.timezone)
    carried = properties_of_events(call, since=since)
    return [
        {"name": event, "properties": [{"name": name} for name in names]}
        for event, names in carried.items()
    ]


def _config(call: Call) -> Json:
    config = enforcement(call).find(ONLY)
    if config is None:
        raise missing("Schema enforcement is not initialized")
    return config


def _stored(call: Call, config: Json) -> object:
    edited = {"lastModified": stamp(call), "lastModifiedBy": USER}
    return ok(enforcement(call).put({**config, **edited}))


def _names_by_event(value: object) -> dict[str, list[str]]:
    names = mapping(value or {}, "properties")
    for event, each in names.items():
        _texts(each, f"properties.{event}")
    return names


def _texts(value: object, name: str) -> list[str]:
    if not all_texts(value):
        raise wrong(f"{name} must be a list of texts")
    return cast("list[str]", value)


def _rules(value: object, name: str) -> list[Json]:
    rules = [mapping(each, f"an entry of {name}") for each in listed(value, name)]
    for rule in rules:
        if not isinstance(rule.get("name"), str):
            raise wrong(f"each entry of {name} needs a name")
        _rules(rule.get("properties", []), f"{name}.properties")
    return rules


SCHEMA = "/api/app/{scope}/data-definitions/schema/"
ENDPOINTS = (
    Endpoint("GET", SCHEMA, get),
    Endpoint("POST", SCHEMA, begin, writes=True),
    Endpoint("PATCH", SCHEMA, change, writes=True),
    Endpoint("PUT", SCHEMA, replace, writes=True),
    Endpoint("DELETE", SCHEMA, end, writes=True),
)
