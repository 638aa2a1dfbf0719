"""Runs of warehouse imports: what is due, what a run brings into the project, and its history.

A schedule is looked at when somebody asks about imports; what has fallen due then runs once.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

import orjson

from .calls import Answer, Call, Json
from .csv_tables import BadTable
from .entities import Entities
from .errors import Refusal, wrong
from .groups import groups as update_groups
from .ingest import import_events
from .people import engage
from .saved_lookup_tables import saved_tables, store_table
from .timeline import HOUR
from .warehouse_rows import columns_of, event, fresh, group, id_prefix, newest, profile
from .warehouse_tables import Table, find_table

KIND = "warehouse_imports"
RUNS = "warehouse_runs"
MOST_AN_HOUR = 5
MOST_SHOWN = 30
# Less than a request may hold, since updates of profiles may have 1 MB together.
AT_ONCE = 1000
NANOSECONDS = 1_000_000
# What names the owner of a profile.
WHOSE = ("$distinct_id", "$group_key", "$group_id")
FORGET = """
delete from own.{table} where starts_with(insert_id, $prefix)
and insert_id not in (select unnest($kept::varchar[]))
"""


def imports(call: Call) -> Entities:
    """Return the imports of the project."""
    return Entities(call.database, KIND, "Warehouse import")


def run_due(call: Call) -> None:
    """Run every import whose time has come, once."""
    for settings in imports(call).all():
        every, last = settings["run_every"] // NANOSECONDS, settings["last_dispatch"]
        once = settings["sync_mode"] == "one_time"
        waits = settings["paused"] or once or not every
        if not waits and (last is None or call.now_ms >= last + every):
            run(call, settings)


def run_by_hand(call: Call, settings: Json) -> Json:
    """Run an import that somebody asked for; 429 after the fifth within an hour."""
    since = call.now_ms - HOUR
    recent = [
        each for each in runs(call, settings) if each["manual"] and each["start_time"] > since
    ]
    if len(recent) >= MOST_AN_HOUR:
        wait = (recent[-1]["start_time"] - since) // 1000 + 1
        sentence = f"An import may be synced at most {MOST_AN_HOUR} times an hour by hand"
        raise Refusal(429, sentence, wait=wait)
    return run(call, settings, manual=True)


def run(call: Call, settings: Json, *, manual: bool = False) -> Json:
    """Import what is there, note when and how it went, and return that."""
    told = {"status": "SUCCEEDED", "num_events_imported": 0}
    try:
        told["num_events_imported"] = _brought_in(call, settings)
    except Refusal as refusal:
        told |= {"status": "FAILED", "error": str(refusal)}
    settings["last_dispatch"] = call.now_ms
    imports(call).put(settings)
    history = _history(call)
    number = history.next_number()
    about = {"id": number, "import_id": settings["id"], "manual": manual}
    return history.put({**about, **told, "start_time": call.now_ms, "end_time": call.now_ms})


def runs(call: Call, settings: Json) -> list[Json]:
    """Return the latest runs of an import, the last one first."""
    mine = [each for each in _history(call).all() if each["import_id"] == settings["id"]]
    return mine[: -MOST_SHOWN - 1 : -1]


def forget_events(call: Call, settings: Json, kept: Iterable[str] = ()) -> None:
    """Delete the events that an import brought, but for those with these insert ids."""
    values = {"prefix": id_prefix(settings["id"]), "kept": list(kept)}
    for table in ("events", "superseded_events"):
        call.database.run(FORGET.format(table=table), values)


def _brought_in(call: Call, settings: Json) -> int:
    table = find_table(call, settings["table_params"])
    table.check(columns_of(settings))
    rows = fresh(settings, table.rows)
    count = BRINGERS[settings["import_type"]](call, settings, replace(table, rows=rows))
    latest = newest(settings, rows)
    if latest is not None:
        settings["cursor"] = max(latest, settings.get("cursor") or latest)
    return count


def _events(call: Call, settings: Json, table: Table) -> int:
    records = [event(settings, row) for row in table.rows]
    if settings["sync_mode"] == "mirror_mode":
        forget_events(call, settings, (each["properties"]["$insert_id"] for each in records))
    count = 0
    for part in _parts(records):
        answer = import_events(_asked(call, part, strict="1"))
        body = cast("Json", answer.content if isinstance(answer, Answer) else answer)
        count += body["num_records_imported"]
    return count


def _people(call: Call, settings: Json, table: Table) -> int:
    owned = [row for row in table.rows if row.get(settings["user_column_name"]) is not None]
    return _update(call, engage, settings, [profile(settings, row) for row in owned])


def _groups(call: Call, settings: Json, table: Table) -> int:
    owned = [row for row in table.rows if row.get(settings["group_id_column"]) is not None]
    return _update(call, update_groups, settings, [group(settings, row) for row in owned])


def _update(
    call: Call, apply: Callable[[Call], object], settings: Json, updates: list[Json]
) -> int:
    token = {"$token": call.project.token}
    mirrors = settings["sync_mode"] == "mirror_mode"
    shown = [{name: each[name] for name in WHOSE if name in each} for each in updates]
    gone = _gone(settings.get("mirrored", []), shown) if mirrors else ()
    for part in _parts([*updates, *gone]):
        records = [{**token, **each} for each in part]
        answer = cast("Json", apply(_asked(call, records, verbose="1")))
        if answer["status"] != 1:
            raise Refusal(400, str(answer["error"]))
    if mirrors:
        settings["mirrored"] = shown
    return len(updates)


def _gone(before: Iterable[Json], now: Iterable[Json]) -> Iterator[Json]:
    """Give the deletions of what a mirror showed and does not show any more."""
    shown = {tuple(each.values()) for each in now}
    return ({**each, "$delete": ""} for each in before if tuple(each.values()) not in shown)


def _lookup_table(call: Call, settings: Json, table: Table) -> int:
    joined = {"mappedProperties": [settings["mixpanel_property"]]}
    known = saved_tables(call)
    number = settings.setdefault("lookup_table_id", known.next_number())
    try:
        store_table(call, table.name, _csv(settings, table), {"id": number, **joined})
    except BadTable as bad:
        raise wrong(str(bad)) from bad
    return len(table.rows)


def _csv(settings: Json, table: Table) -> bytes:
    key = settings["property_key_column_name"]
    columns = [key, *(name for name in table.columns if name != key)]
    text = io.StringIO()
    lines = ([row.get(name) for name in columns] for row in table.rows)
    csv.writer(text, lineterminator="\n").writerows([columns, *lines])
    return text.getvalue().encode()


def _parts(records: Sequence[Json]) -> Iterator[Sequence[Json]]:
    return (records[start : start + AT_ONCE] for start in range(0, len(records), AT_ONCE))


def _asked(call: Call, records: Iterable[Json], **query: str) -> Call:
    """The request that would have brought these records."""
    return replace(call, body=orjson.dumps(list(records)), query=query, headers={})


def _history(call: Call) -> Entities:
    return Entities(call.database, RUNS, "Run")


BRINGERS: dict[str, Callable[[Call, Json, Table], int]] = {
    "event_stream": _events,
    "people": _people,
    "groups": _groups,
    "lookup_table": _lookup_table,
}
