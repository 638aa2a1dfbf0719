"""Lookup tables as the App API keeps them: uploaded in three steps, renamed, read, deleted.

A table is joined to the property of events, and of profiles, that its first column is named after;
in Mixpanel a person chooses it.
"""

from typing import cast

from .calls import Call, Endpoint, Json, Text, ok
from .csv_tables import BadTable, head, read_table
from .database import Database
from .documents import stamp
from .entities import Entities
from .errors import Refusal, wrong
from .fields import Fields, read_fields
from .lookup_tables import KIND, forget_rows, has_rows, replace_rows
from .storage import new_key, signed_url

BUCKET = "gs://sandbox/"
LONGEST_NAME = 255
# Larger files are read while somebody asks for the state of the upload.
MOST_AT_ONCE = 5_000_000
HIDDEN = ("columns", "keyColumn")


def listed(call: Call) -> object:
    """Return all tables, or the one that is asked for."""
    wanted = call.query.get("data-group-id")
    tables = saved_tables(call).all() if not wanted else [saved_tables(call).get(_number(call))]
    return ok([_shown(each) for each in tables])


def upload_url(call: Call) -> object:
    """Return where a file of a content type can be put."""
    key = new_key()
    url = signed_url(call, "PUT", key, call.query.get("content-type", ""))
    return ok({"url": url, "path": f"{BUCKET}{key}", "key": key})


def register(call: Call) -> object:
    """Make a table of the file of a key, at once or as a job where it is large."""
    fields = read_fields(call)
    name, key = _name(fields.text("name")), fields.text("key")
    number = fields.number("data-group-id", 1)
    before = saved_tables(call).get(number) if number is not None else None
    if fields.text("path") not in (None, f"{BUCKET}{key}"):
        raise wrong("path and key are those of different files")
    content = call.store.files.find(key or "")
    if content is None:
        raise wrong(f"There is no file of the key {key!r}: put it to the URL of upload-url first")
    if len(content) <= MOST_AT_ONCE:
        try:
            return ok(_shown(store_table(call, name, content, before)))
        except BadTable as bad:
            body = {"status": "error", "error": str(bad), "failed_records": bad.failed}
            raise Refusal(400, str(bad), body) from bad
    return ok({"uploadId": _job(call, name, content, before)})


def upload_status(call: Call) -> object:
    """Return what became of a large file."""
    _, _, number = call.required("upload-id").partition("-")
    found = _jobs(call).find(int(number)) if number.isdecimal() else None
    if found is None:
        return ok({"uploadStatus": "NOTFOUND"})
    return ok({name: value for name, value in found.items() if name != "id"})


def rename(call: Call) -> object:
    """Give a table another name."""
    fields = Fields(call.json())
    table = saved_tables(call).get(_required(fields))
    if (name := fields.text("name")) is not None:
        table |= {"name": _name(name), "lastModifiedAt": stamp(call)}
    return ok(_shown(saved_tables(call).put(table)))


def delete(call: Call) -> object:
    """Remove tables with their rows; 404 before any is removed when one is not there."""
    numbers = Fields(call.json()).listing("data-group-ids")
    if not numbers or not all(isinstance(number, int) for number in numbers):
        raise wrong("data-group-ids must be a list of numbers")
    going = [saved_tables(call).get(number)["id"] for number in cast("list[int]", numbers)]
    for number in dict.fromkeys(going):
        saved_tables(call).delete(number)
        _contents(call.database).delete(number)
        forget_rows(call.database, number)
    return None


def download(call: Call) -> object:
    """Return the file that a table was made of, or its first rows."""
    limit = call.number("limit", 0, 10**9)
    return Text(head(_content(call), limit or None), "text/csv")


def download_url(call: Call) -> object:
    """Return a URL of the file that a table was made of."""
    key = new_key()
    call.store.files.keep(key, _content(call))
    return ok({"url": signed_url(call, "GET", key)})


def store_table(call: Call, name: str, content: bytes, before: Json | None) -> Json:
    """Make a table of a CSV file, or put it in the place of the one before; BadTable for others."""
    table = read_table(content)
    number = before["id"] if before else saved_tables(call).next_number()
    mapped = [{"value": table.key, "resourceType": kind} for kind in ("event", "user")]
    document = {
        "id": number,
        "token": f"lookup-{number}",
        "createdAt": stamp(call),
        "hasMappedProperties": True,
        "mappedProperties": mapped,
        **(before or {}),
        "name": name,
        "lastModifiedAt": stamp(call),
        "keyColumn": table.key,
        "columns": table.columns,
    }
    replace_rows(call.database, number, table.rows)
    _contents(call.database).put({"id": number, "csv": content.decode("utf-8-sig")})
    return saved_tables(call).put(document)


def saved_tables(call: Call) -> Entities:
    """Return the documents of all tables."""
    return Entities(call.database, KIND, "Lookup table")


def fill(database: Database) -> None:
    """Give tables whose rows were never read the rows of their files."""
    for file in _contents(database).all():
        if not has_rows(database, file["id"]):
            replace_rows(database, file["id"], read_table(str(file["csv"]).encode()).rows)


def _job(call: Call, name: str, content: bytes, before: Json | None) -> str:
    jobs = _jobs(call)
    number = jobs.next_number()
    try:
        result = _shown(store_table(call, name, content, before))
        jobs.put({"id": number, "uploadStatus": "SUCCESS", "result": result})
    except BadTable as bad:
        failed = {"error": str(bad), "failed_records": bad.failed}
        jobs.put({"id": number, "uploadStatus": "FAILURE", **failed})
    return f"upload-{number}"


def _content(call: Call) -> bytes:
    table = saved_tables(call).get(_number(call))
    return str(_contents(call.database).get(table["id"])["csv"]).encode()


def _number(call: Call) -> int:
    return _required(Fields({"data-group-id": call.required("data-group-id")}))


def _required(fields: Fields) -> int:
    number = fields.number("data-group-id", 1)
    if number is None:
        raise wrong("data-group-id is required")
    return number


def _name(name: str | None) -> str:
    if not name or len(name) > LONGEST_NAME:
        raise wrong(f"name must have 1 to {LONGEST_NAME} characters")
    return name


def _shown(table: Json) -> Json:
    return {name: value for name, value in table.items() if name not in HIDDEN}


def _contents(database: Database) -> Entities:
    return Entities(database, "lookup_files", "File of lookup table")


def _jobs(call: Call) -> Entities:
    return Entities(call.database, "lookup_uploads", "Upload")


PATH = "/api/app/{scope}/data-definitions/lookup-tables/"
ENDPOINTS = (
    Endpoint("GET", PATH, listed),
    Endpoint("POST", PATH, register, writes=True),
    Endpoint("PATCH", PATH, rename, writes=True),
    Endpoint("DELETE", PATH, delete, writes=True),
    Endpoint("GET", f"{PATH}upload-url/", upload_url),
    Endpoint("GET", f"{PATH}upload-status/", upload_status),
    Endpoint("GET", f"{PATH}download/", download),
    Endpoint("GET", f"{PATH}download-url/", download_url),
)
