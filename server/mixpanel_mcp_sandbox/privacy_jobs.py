"""Retrievals and deletions of people's data: how far they are by the clock, and doing them.

What takes Mixpanel days takes half a minute here. It is done before the first request that is
answered after that time, so that no query sees what should be gone.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from .calls import Call, Json
from .database import literal
from .entities import Entities
from .erasures import erase
from .export import records_of
from .identifiers import number_in
from .store import Store

DELETIONS, RETRIEVALS = "data_deletions", "data_retrievals"
CONTENTS = "retrieved_files"
# Milliseconds after the request at which a state ends.
STATES = (("PENDING", 10_000), ("STAGING", 20_000), ("STARTED", 30_000))
DONE, REVOKED = "SUCCESS", "REVOKED"
CANCELLABLE = ("PENDING", "STAGING")
LASTS = STATES[-1][1]
FORGET = "insert or replace into own.profiles select unnest($ids::varchar[]), null, null"
PROFILES = """
select distinct_id, props::json from all_profiles
where distinct_id in (select unnest($ids::varchar[])) order by distinct_id
"""


def jobs(call: Call, kind: str) -> Entities:
    """Return the requests of a kind."""
    return Entities(call.database, kind, "Request")


def status(call: Call, job: Json) -> str:
    """Return how far a request is."""
    if job["state"] != "open":
        return str(job["state"])
    age = call.now_ms - job["requested"]
    return next((name for name, end in STATES if age < end), DONE)


def ask_again(call: Call, requested: int) -> None:
    """Remember when there is something to be done for a request."""
    due = requested + LASTS
    known = call.store.due_ms
    call.store.due_ms = due if known is None else min(known, due)


def do_what_is_due(store: Store) -> None:
    """Do what was asked for long enough ago."""
    now = int(store.now().timestamp() * 1000)
    if store.due_ms is None or store.due_ms > now:
        return
    with store.write() as database:
        call = Call(store, database, store.now())
        store.due_ms = None
        for kind, work in ((RETRIEVALS, _retrieve), (DELETIONS, _delete)):
            for job in jobs(call, kind).all():
                if job["state"] != "open":
                    continue
                if status(call, job) == DONE:
                    work(call, job)
                    jobs(call, kind).put({**job, "state": DONE})
                else:
                    ask_again(call, job["requested"])


def content_of(call: Call, number: int) -> bytes:
    """Return the file that a retrieval was answered with."""
    return str(_contents(call).get(number)["text"]).encode()


def _delete(call: Call, job: Json) -> None:
    ids = _ids(call, job)
    # In the demo, also what they will do until its week ends.
    erase(call, _events_of(ids), until=None)
    call.database.run(FORGET, {"ids": ids})


def _retrieve(call: Call, job: Json) -> None:
    shown = {"Categories": _categories, "Sources": _sources}.get(job["disclosure_type"], _data)
    text = "".join(f"{line}\n" for line in shown(call, _ids(call, job)))
    _contents(call).put({"id": number_in(job["id"]), "text": text})


def _data(call: Call, ids: list[str]) -> Iterable[str]:
    for distinct_id, props in call.database.rows(PROFILES, {"ids": ids}):
        profile = {"$distinct_id": distinct_id, "$properties": orjson.loads(props)}
        yield orjson.dumps(profile).decode()
    yield from records_of(call, _events_of(ids))


def _categories(call: Call, ids: list[str]) -> Iterable[str]:
    lines = [orjson.loads(line) for line in _data(call, ids)]
    told = {
        "events": _unique(line.get("event") for line in lines),
        "event_properties": _unique(name for line in lines for name in line.get("properties", ())),
        "profile_properties": _unique(
            name for line in lines for name in line.get("$properties", ())
        ),
    }
    yield orjson.dumps(told).decode()


def _sources(call: Call, ids: list[str]) -> Iterable[str]:
    lines = [orjson.loads(line) for line in records_of(call, _events_of(ids))]
    libraries = _unique(line["properties"].get("mp_lib") for line in lines)
    yield orjson.dumps({"sources": libraries}).decode()


def _unique(values: Iterable[Any]) -> list[str]:
    return sorted({str(each) for each in values if each is not None})


def _ids(call: Call, job: Json) -> list[str]:
    """Return the ids that are meant: those asked for, and those that their people go by."""
    asked = list(job["distinct_ids"])
    return list(dict.fromkeys([*asked, *map(call.store.links.canonical, asked)]))


def _events_of(ids: list[str]) -> str:
    return f"uid in ({', '.join(f'hash({literal(each)})' for each in ids)})"


def _contents(call: Call) -> Entities:
    return Entities(call.database, CONTENTS, "File of request")
