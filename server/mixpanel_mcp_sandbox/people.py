"""`/engage`: updates of people's profiles, applied in order of arrival."""

import orjson

from .arrivals import admitted_updates
from .calls import Call, Endpoint, Json
from .profile_updates import Profile, answered, applied, worth_storing
from .records import Fault

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
    return answered(call, ["$distinct_id"], lambda updates: _apply(call, updates))


def _apply(call: Call, updates: list[Json]) -> list[Fault | None]:
    updates = admitted_updates(call, updates)

    def owner(update: Json) -> str:
        distinct_id = str(update["$distinct_id"])
        whole = "$delete" in update and not update.get("$ignore_alias")
        return call.store.links.original(distinct_id) if whole else distinct_id

    profiles = _load(call, {owner(update) for update in updates})
    outcomes = applied(updates, profiles, owner, call.now_ms)
    rows = [
        {"d": distinct_id, "p": each.properties, "s": each.last_seen}
        for distinct_id, each in worth_storing(profiles)
    ]
    call.database.run(STORE, {"rows": orjson.dumps(rows).decode()})
    return outcomes


def _load(call: Call, ids: set[str]) -> dict[str, Profile]:
    rows = call.database.rows(LOAD, {"ids": list(ids)})
    return {row[0]: Profile(orjson.loads(row[1]), row[2], stored=True) for row in rows}


ENDPOINTS = (Endpoint("POST", "/engage", engage, writes=True),)
