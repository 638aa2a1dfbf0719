"""Session replays: addresses of recordings, signed for a while, and the files behind them.

A replay is there when events name it: `$mp_session_record` says that it was recorded and for how
long it is kept, the others what the person did meanwhile.
"""

from typing import cast
from urllib.parse import quote

import orjson

from .bookmarks import listed, mapping
from .calls import Call, Endpoint, Json, ok
from .errors import missing, one_of, wrong
from .guard import RECORDINGS
from .recordings import Event, recorded
from .storage import check_permission, permission
from .timeline import DAY

MOST_SIGNED = 100
ENVIRONMENTS = ("prod", "dev")
RECORDED = "$mp_session_record"
FILE_EVENTS = 40
EVENTS = """
select event, t, props::json from all_events
where props['$mp_replay_id'] = ($replay)::variant order by t, seq
"""
RETENTION = "$mp_replay_retention_period"
DEFAULT_RETENTION = 30


def sign(call: Call) -> object:
    """Return the address of each recording, whether it is there or not."""
    entries = listed(call.json().get("replays"), "replays")
    if not 1 <= len(entries) <= MOST_SIGNED:
        raise wrong(f"replays must name 1 to {MOST_SIGNED} recordings")
    return ok([_signed(call, mapping(entry, "replays")) for entry in entries])


def file(call: Call) -> object:
    """Return one file of a recording: 403 without a good signature, 404 when it is not there."""
    environment, replay = call.path["environment"], call.path["replay"]
    check_permission(call, environment, replay)
    number, _, days = call.path["name"].removesuffix(".json").partition("-")
    if environment != ENVIRONMENTS[0] or not number.isdecimal():
        raise missing("NoSuchKey")
    moments = _recording(call, replay, days)
    part = moments[int(number) * FILE_EVENTS :][:FILE_EVENTS]
    if not part:
        raise missing("NoSuchKey")
    return part


def _recording(call: Call, replay: str, days: str) -> list[Json]:
    """What was recorded and is kept so many days; nothing once they are over."""
    rows = call.database.rows(EVENTS, {"replay": replay})
    events: list[Event] = [(name, time, orjson.loads(props)) for name, time, props in rows]
    records = [(time, props) for name, time, props in events if name == RECORDED]
    if not records:
        return []
    first, props = records[0]
    kept = int(cast("float", props.get(RETENTION, DEFAULT_RETENTION)))
    if days != str(kept) or first + kept * DAY <= call.now_ms:
        return []
    return recorded([event for event in events if event[0] != RECORDED])


def _signed(call: Call, entry: Json) -> Json:
    replay = entry.get("replay_id")
    if not isinstance(replay, str) or not replay:
        raise wrong("replay_id is required")
    environment = one_of(ENVIRONMENTS, entry.get("replay_env", ENVIRONMENTS[0]), "replay_env")
    return {
        "replay_id": replay,
        "url": f"{call.origin}{RECORDINGS}{environment}/{quote(replay, safe='')}/",
        "query_string": permission(call, environment, replay),
    }


ENDPOINTS = (
    Endpoint("POST", "/api/app/projects/{project_id:int}/replays/sign/bulk", sign),
    Endpoint("GET", f"{RECORDINGS}{{environment}}/{{replay}}/{{name}}", file),
)
