"""`/import` and `/track`: check, resolve the person, insert a batch in one statement."""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, cast

import orjson

from .arrivals import admitted
from .calls import Answer, Call, Endpoint, form, form_or_json, parameters, parse_json, unzipped
from .database import Database
from .errors import Refusal
from .nulls import nulls_in, remember
from .records import Fault, Record, import_record, track_record
from .store import Store
from .timeline import DAY

NAMES = {"distinct_id", "$device_id", "$user_id"}
MOST_RECORDS = 2000
MOST_BYTES = 10_000_000
MOST_RECORD_BYTES = 1 << 20
TOO_LARGE = Fault("event", f"must have at most {MOST_RECORD_BYTES} bytes")

# One JSON text is some twenty times faster than executemany and becomes VARIANT in one step.
INSERT = """
insert into own.events
select case when r.c = '' then 0 else hash(r.c) end, r.t, r.e, r.i, $seq + r.n, r.d, r.p::variant
from (select unnest(from_json($rows::json,
    '[{"c":"VARCHAR","t":"BIGINT","e":"VARCHAR","i":"VARCHAR","n":"BIGINT","d":"VARCHAR",
       "p":"JSON"}]')) as r)
"""


def import_events(call: Call) -> object:
    """Store a batch of up to 2000 events; with `strict` say which were refused.

    A form, as Mixpanel's own libraries send it, is answered as `/track` answers.
    """
    if form(call) is not None:
        return tolerant(call, _import_form)
    body, raw = _opened(call)
    if len(raw) > MOST_RECORDS:
        sentence = f"a request may hold at most {MOST_RECORDS} records"
        raise Refusal(400, sentence, _body(400, 0, sentence))
    now = call.now_ms
    checked = [import_record(record, now) for record in raw]
    if len(body) > MOST_RECORD_BYTES:
        checked = [
            TOO_LARGE if _large(pair[0]) else pair[1] for pair in zip(raw, checked, strict=True)
        ]
    records = [record for record in checked if isinstance(record, Record)]
    append(call.store, call.database, admitted(call, records))
    failed = _failures(raw, checked)
    if not failed or call.query.get("strict", "1") in ("0", "false"):
        return {"code": 200, "num_records_imported": len(records), "status": "OK"}
    answer = _body(400, len(records), "some data points in the request failed validation")
    return Answer({**answer, "failed_records": failed}, 400)


def track(call: Call) -> object:
    """Store events sent with a project token; events older than five days are dropped."""
    return tolerant(call, _track)


def append(store: Store, database: Database, records: Iterable[Record]) -> None:
    """Insert accepted events in the order given."""
    accepted = [
        (record, store.links.resolve(record.event, record.properties)) for record in records
    ]
    if not accepted:
        return
    linked = store.links.store(database)
    fresh = nulls_in(record for record, _ in accepted) - store.nulls
    remember(database, fresh)
    store.nulls |= fresh
    rows = [_row(store, *pair, place) for place, pair in enumerate(accepted)]
    text = orjson.dumps(rows).decode()
    database.run(INSERT, {"seq": store.next_seq, "rows": text})
    store.next_seq += len(rows)
    if linked:
        store.duplicates.relinked()
    store.duplicates.arrived(store.next_seq - 1)


def tolerant(call: Call, store_all: Callable[[Call], None]) -> object:
    """Answer as `/track` and `/engage` do: `1` or `0`, with a reason when `verbose` is set."""
    verbose = parameters(call).get("verbose") == "1"
    try:
        store_all(call)
    except Refusal as refusal:
        if refusal.status in (401, 403, 413):
            raise
        return {"status": 0, "error": str(refusal)} if verbose else 0
    return {"status": 1, "error": None} if verbose else 1


def check_token(call: Call, token: object) -> None:
    """Refuse a record whose token is not the project's."""
    if token != call.project.token:
        raise Refusal(401, "Invalid project token")


def _import_form(call: Call) -> None:
    raw = _limited(form_or_json(call))
    checked = [import_record(record, call.now_ms) for record in raw]
    _append_without_token(call, [each for each in checked if isinstance(each, Record)])
    if faults := [each for each in checked if isinstance(each, Fault)]:
        raise Refusal(400, faults[0].message)


def _track(call: Call) -> None:
    raw = _limited(form_or_json(call))
    for record in raw:
        check_token(call, _properties(record).get("token"))
    checked = [track_record(record, call.now_ms) for record in raw]
    if parameters(call).get("ip") == "1":
        _know_by_address(call, checked)
    records = [record for record in checked if isinstance(record, Record)]
    oldest = call.now_ms - 5 * DAY
    _append_without_token(call, [record for record in records if record.time >= oldest])
    faults = [fault for fault in checked if isinstance(fault, Fault)]
    # One good event makes a good answer.
    if faults and not records:
        raise Refusal(400, faults[0].message)


def _know_by_address(call: Call, checked: list[Record | Fault]) -> None:
    """Let events of nobody be those of whoever has the request's address; nothing is located."""
    somebody = sha256(call.address.encode()).hexdigest()[:32]
    for record in checked:
        if isinstance(record, Record) and not record.properties.keys() & NAMES:
            record.properties["distinct_id"] = somebody


def _limited(raw: list[Any]) -> list[Any]:
    if len(raw) > MOST_RECORDS:
        raise Refusal(400, f"a request may hold at most {MOST_RECORDS} records")
    return raw


def _append_without_token(call: Call, records: list[Record]) -> None:
    for record in records:
        record.properties.pop("token", None)
    append(call.store, call.database, admitted(call, records))


def _row(store: Store, record: Record, own_id: str, place: int) -> dict[str, object]:
    record.properties.pop("distinct_id", None)
    return {
        "c": store.links.canonical(own_id),
        "t": record.time,
        "e": record.event,
        "i": record.insert_id,
        "n": place,
        "d": own_id,
        "p": record.properties,
    }


def _opened(call: Call) -> tuple[bytes, list[Any]]:
    try:
        body = unzipped(call, MOST_BYTES)
        return body, _records(body)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        raise Refusal(400, str(refusal), _body(400, 0, str(refusal))) from refusal


def _records(body: bytes) -> list[Any]:
    if body.lstrip()[:1] == b"[":
        return cast("list[Any]", parse_json(body))
    return [parse_json(line) for line in body.splitlines() if line.strip()]


def _large(record: object) -> bool:
    return len(json.dumps(record, ensure_ascii=False, separators=(",", ":"))) > MOST_RECORD_BYTES


def _failures(raw: list[Any], checked: list[Record | Fault]) -> list[dict[str, object]]:
    return [
        {
            "index": index,
            "insert_id": _properties(raw[index]).get("$insert_id"),
            "field": fault.field,
            "message": fault.message,
        }
        for index, fault in enumerate(checked)
        if isinstance(fault, Fault)
    ]


def _properties(record: object) -> dict[str, object]:
    if isinstance(record, dict):
        properties = cast("dict[str, object]", record).get("properties")
        if isinstance(properties, dict):
            return cast("dict[str, object]", properties)
    return {}


def _body(code: int, imported: int, error: str) -> dict[str, object]:
    return {
        "code": code,
        "error": error,
        "num_records_imported": imported,
        "status": "Bad Request",
    }


ENDPOINTS = (
    Endpoint("POST", "/import", import_events, writes=True),
    Endpoint("POST", "/track", track, writes=True),
)
