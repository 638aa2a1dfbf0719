"""Lookup tables on the ingestion host: by UUIDs, replaced as a whole or not at all."""

from .calls import Call, Endpoint, Json, unzipped
from .csv_tables import BadTable
from .errors import Refusal
from .identifiers import number_in, uuid_of
from .lookup_tables import KIND
from .saved_lookup_tables import saved_tables, store_table

MOST_BYTES = 100_000_000
REASONS = {400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


def listed(call: Call) -> object:
    """Return id and name of every table."""
    tables = saved_tables(call).all()
    found = [{"id": uuid_of(KIND, each["id"]), "name": each["name"]} for each in tables]
    return {"code": 200, "status": "OK", "results": found}


def replace(call: Call) -> object:
    """Give a table other rows, or tell up to ten that are at fault and change nothing."""
    identifier = call.path["id"]
    before = saved_tables(call).find(number_in(identifier))
    if before is None or uuid_of(KIND, before["id"]) != identifier.lower():
        raise _refused(404, f"There is no lookup table {identifier}")
    if not call.store.table_pace.takes(call.now_ms):
        most = call.store.table_pace.most
        raise _refused(429, f"Lookup tables may be replaced {most} times in 24 hours")
    try:
        store_table(call, before["name"], unzipped(call, MOST_BYTES), before)
    except BadTable as bad:
        raise _refused(400, str(bad), failed_records=bad.failed) from bad
    return {"code": 200, "status": "OK"}


def _refused(status: int, sentence: str, **more: object) -> Refusal:
    body: Json = {"code": status, "error": sentence, "status": REASONS[status], **more}
    return Refusal(status, sentence, body)


ENDPOINTS = (
    Endpoint("GET", "/lookup-tables", listed),
    Endpoint("PUT", "/lookup-tables/{id}", replace, writes=True),
)
