"""`/groups`: updates of groups' profiles, and where queries find them."""

import orjson

from .calls import Call, Endpoint, Json
from .database import Database, literal
from .definitions import number_of
from .entities import Entities
from .errors import wrong
from .profile_updates import Profile, answered, applied, worth_storing
from .records import Fault

ROWS = """
select r.k, r.d, case when json_type(r.p) = 'NULL' then null else r.p end, r.s
from (select unnest(from_json($rows::json,
    '[{"k":"VARCHAR","d":"VARCHAR","p":"JSON","s":"BIGINT"}]')) as r)
"""
LOAD = """
select group_key, group_id, props, last_seen from own.group_profiles
where props is not null and group_id in (select unnest($ids::varchar[]))
"""
# As the profiles of people look to a query.
SELECT = """
select hash(group_id) as uid, group_id as distinct_id, props::variant as props, last_seen
from own.group_profiles where props is not null and group_key = {key}
"""
PROPERTIES = """
select distinct group_key, unnest(json_keys(props)) as name
from own.group_profiles where props is not null order by all
"""
# What the Lexicon calls those whose properties these are.
GROUP_PROFILE = "groupprofile"

Key = tuple[str, str]


def groups(call: Call) -> object:
    """Apply up to 2000 updates of groups and say whether they were well-formed."""
    return answered(call, ["$group_key", "$group_id"], lambda updates: _apply(call, updates))


def profiles_of(database: Database, number: str) -> str:
    """Return the SELECT of a data group's profiles; 400 that names all for an unknown one."""
    known = {str(each["id"]): each["key"] for each in _kinds(database).all()}
    if number not in known:
        named = ", ".join(f"{id} ({key})" for id, key in known.items())
        raise wrong(f"data_group_id must be one of {named or 'none yet'}, not {number!r}")
    return SELECT.format(key=literal(known[number]))


def group_property_rows(database: Database) -> list[Json]:
    """Return the definitions of the properties of groups, each with its data group."""
    numbers = {each["key"]: str(each["id"]) for each in _kinds(database).all()}
    return [
        {
            "id": number_of(f"{GROUP_PROFILE}/{key}/{name}"),
            "name": name,
            "resourceType": GROUP_PROFILE,
            "dataGroupId": numbers[key],
        }
        for key, name in database.rows(PROPERTIES)
    ]


def store_groups(database: Database, rows: list[Json], *, over: bool = True) -> None:
    """Store profiles of groups, over those that are or were there only where it says so."""
    also = "replace" if over else "ignore"
    statement = f"insert or {also} into own.group_profiles {ROWS}"
    database.run(statement, {"rows": orjson.dumps(rows).decode()})


def _apply(call: Call, updates: list[Json]) -> list[Fault | None]:
    profiles = _load(call, {_key(update)[1] for update in updates})
    outcomes = applied(updates, profiles, _key, call.now_ms)
    kept = worth_storing(profiles)
    _know(call.database, dict.fromkeys(key for (key, _), _ in kept))
    rows = [
        {"k": key, "d": group_id, "p": each.properties, "s": each.last_seen}
        for (key, group_id), each in kept
    ]
    store_groups(call.database, rows)
    return outcomes


def _key(update: Json) -> Key:
    return str(update["$group_key"]), str(update["$group_id"])


def _load(call: Call, ids: set[str]) -> dict[Key, Profile]:
    rows = call.database.rows(LOAD, {"ids": list(ids)})
    return {(row[0], row[1]): Profile(orjson.loads(row[2]), row[3], stored=True) for row in rows}


def _kinds(database: Database) -> Entities:
    return Entities(database, "data_groups", "Data group")


def _know(database: Database, keys: dict[str, None]) -> None:
    """Number the group keys that are new: here nobody sets them up beforehand."""
    kinds = _kinds(database)
    known = {each["key"] for each in kinds.all()}
    for key in keys:
        if key not in known:
            kinds.put({"id": kinds.next_number(), "key": key})


ENDPOINTS = (Endpoint("POST", "/groups", groups, writes=True),)
