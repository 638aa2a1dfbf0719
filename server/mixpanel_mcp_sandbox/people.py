"""`/engage`: profile updates, applied in order of arrival."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson

from .arrivals import admitted_updates
from .calls import Call, Endpoint, Json, form_or_json
from .errors import Refusal, wrong
from .ingest import check_token, tolerant

MOST_UPDATES = 2000
OPERATORS = (
    "$set",
    "$set_once",
    "$add",
    "$append",
    "$union",
    "$remove",
    "$unset",
    "$delete",
)

STORE = """
insert or replace into own.profiles
select r.d, case when json_type(r.p) = 'NULL' then null else r.p end, r.s 
from (select unnest(from_json($rows::json, '[{"d":"VARCHAR","p":"JSON","s":"BIGINT"}]')) as r)
"""
LOAD = """
select distinct_id, props::json, last_seen from all_profiles
where distinct_id in (select unnest($ids::varchar[]))
"""


def engage(call: Call) -> object:
    """Apply up to 2000 profile updates and say whether they were well-formed."""
    return tolerant(call, _engage)


def updated(profile: Json | None, update: Mapping[str, Any]) -> Json | None:
    """Return the profile after one update, None when it is deleted."""
    if "$delete" in update:
        return None
    result = dict(profile or {})
    for operator, apply in _APPLIED.items():
        if operator in update:
            apply(result, update[operator])
    return result


def _engage(call: Call) -> None:
    updates = [_checked(call, update) for update in form_or_json(call)]
    if len(updates) > MOST_UPDATES:
        raise Refusal(400, f"a request may hold at most {MOST_UPDATES} updates")
    updates = admitted_updates(call, updates)
    profiles, seen = _load(call, {str(update["$distinct_id"]) for update in updates})
    for update in updates:
        distinct_id = str(update["$distinct_id"])
        profiles[distinct_id] = updated(profiles.get(distinct_id), update)
        if not update.get("$ignore_time"):
            seen[distinct_id] = call.now_ms
    rows = [{"d": key, "p": props, "s": seen.get(key)} for key, props in profiles.items()]
    call.database.run(STORE, {"rows": orjson.dumps(rows).decode()})


def _load(call: Call, ids: set[str]) -> tuple[dict[str, Json | None], dict[str, int | None]]:
    rows = call.database.rows(LOAD, {"ids": list(ids)})
    profiles: dict[str, Json | None] = {row[0]: orjson.loads(row[1]) for row in rows}
    return profiles, {row[0]: row[2] for row in rows}


def _checked(call: Call, update: object) -> Json:
    if not isinstance(update, dict):
        raise wrong("each update must be an object")
    record = cast("Json", update)
    check_token(call, record.get("$token"))
    if not isinstance(record.get("$distinct_id"), str | int) or record["$distinct_id"] == "":
        raise wrong("'$distinct_id' is missing")
    present = [operator for operator in OPERATORS if operator in record]
    if not present:
        raise wrong("an update needs an operator such as $set")
    for operator in present:
        wanted = list if operator == "$unset" else dict
        if operator != "$delete" and not isinstance(record[operator], wanted):
            raise wrong(f"'{operator}' must be {'a list' if wanted is list else 'an object'}")
    if not all(isinstance(name, str) for name in record.get("$unset", ())):
        raise wrong("'$unset' must name properties")
    return record


def _set(profile: Json, values: Json) -> None:
    profile.update(values)


def _set_once(profile: Json, values: Json) -> None:
    profile.update({name: value for name, value in values.items() if name not in profile})


def _add(profile: Json, values: Json) -> None:
    for name, value in values.items():
        before = profile.get(name, 0)
        if _is_number(before) and _is_number(value):
            profile[name] = before + value


def _append(profile: Json, values: Json) -> None:
    for name, value in values.items():
        profile[name] = [*_as_list(profile, name), value]


def _union(profile: Json, values: Json) -> None:
    for name, added in values.items():
        items = _as_list(profile, name)
        for value in cast("list[Any]", added if isinstance(added, list) else [added]):
            if not any(_same(item, value) for item in items):
                items.append(value)
        profile[name] = items


def _remove(profile: Json, values: Json) -> None:
    for name, value in values.items():
        if isinstance(profile.get(name), list):
            profile[name] = [item for item in profile[name] if not _same(item, value)]


def _unset(profile: Json, names: list[str]) -> None:
    for name in names:
        profile.pop(name, None)


def _as_list(profile: Json, name: str) -> list[Any]:
    if name not in profile:
        return []
    value = profile[name]
    return list(cast("list[Any]", value)) if isinstance(value, list) else [value]


def _same(left: object, right: object) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_APPLIED: dict[str, Callable[[Json, Any], None]] = {
    "$set": _set,
    "$set_once": _set_once,
    "$add": _add,
    "$append": _append,
    "$union": _union,
    "$remove": _remove,
    "$unset": _unset,
}

ENDPOINTS = (Endpoint("POST", "/engage", engage, writes=True),)
