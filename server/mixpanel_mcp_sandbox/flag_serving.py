"""Feature flags as an app asks for them: the variant that somebody gets, and the definitions.

Who is in a rollout, and which variant they get, is a hash of the flag's salt and their id: the same
at every call, and still the same for those who were in when the share grows.
"""

import json
from collections.abc import Mapping
from hashlib import md5

from .bookmarks import mapping
from .calls import Call, Endpoint, Json, parse_json
from .cohort_sql import members
from .errors import not_emulated, wrong
from .experiments import all_experiments
from .flags import all_flags
from .json_logic import holds
from .membership import Cohort, read_cohort
from .scan import holdings

DEFINED = (
    "id",
    "name",
    "key",
    "status",
    "project_id",
    "workspace_id",
    "context",
    "ruleset",
    "experiment_id",
)
MEMBER = "select count(*) from ({members}) m where m.uid = hash($who)"


def evaluate(call: Call) -> object:
    """Return the variant of each enabled flag that the context gets; flags without are left out."""
    context = mapping(parse_json(call.required("context")), "context")
    if not context.get("distinct_id"):
        raise wrong("context.distinct_id is required")
    served = {flag["key"]: _served(call, flag, context) for flag in _enabled(call)}
    return {"flags": {key: answer for key, answer in served.items() if answer}}


def definitions(call: Call) -> object:
    """Return the enabled flags as servers evaluate them by themselves."""
    return {
        "flags": [
            {name: flag[name] for name in DEFINED} | _experiment(call, flag)
            for flag in _enabled(call)
        ]
    }


def _enabled(call: Call) -> list[Json]:
    return [flag for flag in all_flags(call).all() if flag["status"] == "enabled"]


def _served(call: Call, flag: Json, context: Json) -> Json | None:
    testers = (flag["ruleset"].get("test") or {}).get("users") or {}
    tested = testers.get(context["distinct_id"])
    key = tested or _assigned(call, flag, context)
    for variant in flag["ruleset"]["variants"]:
        if variant["key"] == key:
            told = {"variant_key": key, "variant_value": variant["value"]}
            return told | _experiment(call, flag) | {"is_qa_tester": tested is not None}
    return None


def _experiment(call: Call, flag: Json) -> Json:
    """Return the experiment behind a flag, and whether it is running."""
    identifier = flag["experiment_id"]
    found = [each for each in all_experiments(call).all() if each["id"] == identifier]
    active = any(each["status"] == "active" and not each["deleted"] for each in found)
    return {"experiment_id": identifier, "is_experiment_active": active}


def _assigned(call: Call, flag: Json, context: Json) -> str | None:
    """Return the variant by the first rollout group that the context is in."""
    who = context.get(flag["context"])
    if who is None and flag["context"] == "device_id":
        who = context["distinct_id"]
    if who is None:
        return None
    for place, group in enumerate(flag["ruleset"]["rollout"]):
        drawn = _draw(flag, f"group {place}", who)
        if drawn < group["rollout_percentage"] and _targeted(call, group, context):
            override = group.get("variant_override")
            splits = group["variant_splits"]
            return override["key"] if override else _split(splits, _draw(flag, "variant", who))
    return None


def _targeted(call: Call, group: Json, context: Json) -> bool:
    if group.get("runtime_event_rule"):
        raise not_emulated("rules of events for feature flags")
    if not _fits(group, context.get("custom_properties") or {}):
        return False
    definition = group.get("cohort_definition")
    if not definition:
        return True
    named = "id" in definition or "raw_cohort" in definition
    cohort = read_cohort(definition) if named else Cohort(definition=json.dumps(definition))
    statement = MEMBER.format(members=members(holdings(call), cohort, [call.now_ms + 1]))
    who = call.store.links.canonical(str(context["distinct_id"]))
    return bool(call.database.value(statement, {"who": who}))


def _fits(group: Json, properties: Json) -> bool:
    """Return whether the rules on what a request tells of itself are met; none are, always."""
    expected: Json = group.get("runtime_evaluation_definition") or {}
    if any(properties.get(name) != value for name, value in expected.items()):
        return False
    rule = group.get("runtime_evaluation_rule")
    return not rule or holds(rule, properties)


def _split(splits: Mapping[str, float], drawn: float) -> str | None:
    """Return the variant whose part of the whole the draw falls into, in the order given."""
    reached = 0.0
    for key, share in splits.items():
        reached += share
        if drawn < reached:
            return key
    return None


def _draw(flag: Json, what: str, who: object) -> float:
    """Return a number from 0 to below 1 that is always the same for a person."""
    seed = f"{flag['hash_salt']}/{what}/{who}".encode()
    return int(md5(seed, usedforsecurity=False).hexdigest()[:13], 16) / 16**13


ENDPOINTS = (
    Endpoint("GET", "/flags", evaluate),
    Endpoint("GET", "/flags/definitions", definitions),
)
