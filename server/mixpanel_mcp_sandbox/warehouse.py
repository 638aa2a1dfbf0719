"""Imports from a data warehouse: made, paused, run, told of, deleted."""

from functools import partial
from typing import Any

from .calls import Call, Endpoint, Json, ok
from .documents import number, stamp
from .errors import one_of, wrong
from .fields import Fields
from .project import USER_EMAIL, USER_ID, USER_NAME
from .warehouse_rows import columns_of
from .warehouse_runs import forget_events, imports, run, run_by_hand, run_due, runs
from .warehouse_tables import check_source, find_table

HOURS = 3_600_000_000_000
RUN_EVERY = (0, HOURS, 24 * HOURS, 168 * HOURS)
SYNC_MODES = ("time_based", "mirror_mode", "full_sync", "one_time")
KINDS = {
    "event_stream": ("time_column_name",),
    "people": ("user_column_name",),
    "groups": ("group_key", "group_id_column"),
    "lookup_table": ("property_key_column_name",),
}
SETTINGS = (
    "event_name",
    "event_column_name",
    "time_column_name",
    "user_column_name",
    "device_column_name",
    "company_column_name",
    "insert_time_column_name",
    "json_properties_column_name",
    "group_key",
    "group_id_column",
    "property_key_column_name",
)
SHOWN = (
    "id",
    "import_type",
    "sync_mode",
    "created",
    "creator_id",
    "creator_name",
    "creator_email",
    "warehouse_source_id",
    "table_params",
    "paused",
    "run_every",
    "last_dispatch",
    "is_deleted",
)
DETAILS = (
    "event_name",
    "event_column_name",
    "time_column_name",
    "user_column_name",
    "insert_time_column_name",
    "property_mappings",
    "group_key",
    "group_id_column",
    "databricks_params",
)
RUN_FIELDS = ("status", "start_time", "end_time", "num_events_imported", "error")


def listed(call: Call) -> object:
    """Return all imports, after running those that are due."""
    run_due(call)
    return ok([_shown(each) for each in imports(call).all()])


def get(call: Call) -> object:
    """Return an import with its columns."""
    run_due(call)
    return ok(_detail(imports(call).get(number(call))))


def create(kind: str, call: Call) -> object:
    """Make an import; one that runs once, or by a schedule, runs at once for the first time."""
    body = call.json()
    settings = _settings(kind, Fields(body))
    check_source(body.get("warehouse_source_id"))
    find_table(call, body.get("table_params")).check(columns_of(settings))
    settings |= {
        "id": imports(call).next_number(),
        "created": stamp(call),
        "creator_id": USER_ID,
        "creator_name": USER_NAME,
        "creator_email": USER_EMAIL,
        "warehouse_source_id": body["warehouse_source_id"],
        "table_params": body["table_params"],
        "paused": False,
        "last_dispatch": None,
        "is_deleted": False,
    }
    imports(call).put(settings)
    if settings["run_every"] or settings["sync_mode"] == "one_time":
        run(call, settings)
    return ok(_detail(settings))


def update(call: Call) -> object:
    """Pause an import or let it go on, and change how often it runs."""
    body = call.json()
    settings = imports(call).get(number(call))
    fields = Fields(body)
    if not isinstance(body.get("paused"), bool):
        raise wrong("paused is required: true or false")
    if "run_every" not in body:
        raise wrong("run_every is required")
    settings |= {"paused": body["paused"], "run_every": _run_every(fields)}
    if (databricks := fields.mapping("databricks_params")) is not None:
        settings["databricks_params"] = databricks
    imports(call).put(settings)
    run_due(call)
    return ok(_detail(imports(call).get(settings["id"])))


def delete(call: Call) -> object:
    """Remove an import, with `delete_data` the events that it brought as well."""
    settings = imports(call).get(number(call))
    if Fields(call.json()).flag("delete_data", False):
        forget_events(call, settings)
    imports(call).delete(settings["id"])
    return {"status": "ok"}


def sync(call: Call) -> object:
    """Run an import now."""
    done = run_by_hand(call, imports(call).get(number(call)))
    return ok({"run_id": f"run-{done['id']}"})


def history(call: Call) -> object:
    """Return the latest runs of an import."""
    run_due(call)
    found = runs(call, imports(call).get(number(call)))
    return ok({"runs": [{k: run[k] for k in RUN_FIELDS if k in run} for run in found]})


def _settings(kind: str, fields: Fields) -> Json:
    one_of((kind,), fields.text("import_type"), "import_type")
    modes = SYNC_MODES if kind != "lookup_table" else ("full_sync", "one_time")
    settings: dict[str, Any] = {
        "import_type": kind,
        "sync_mode": one_of(modes, fields.text("sync_mode"), "sync_mode"),
        "run_every": _run_every(fields),
        **{name: fields.text(name) for name in SETTINGS},
        "property_mappings": fields.mapping("property_mappings"),
        "databricks_params": fields.mapping("databricks_params"),
    }
    for name in KINDS[kind]:
        if not settings[name]:
            raise wrong(f"{name} is required")
    if settings["sync_mode"] == "time_based" and not settings["insert_time_column_name"]:
        raise wrong("insert_time_column_name is required for sync_mode time_based")
    names = [settings["event_name"], settings["event_column_name"]]
    if kind == "event_stream" and names.count(None) != 1:
        raise wrong("One of event_name and event_column_name is required, and not both")
    if kind == "lookup_table":
        settings["mixpanel_property"] = _joined(fields)
    return settings


def _joined(fields: Fields) -> Json:
    joined = Fields(fields.mapping("mixpanel_property") or {})
    if not joined.text("value"):
        raise wrong("mixpanel_property.value is required")
    kind = one_of(("event", "user"), joined.text("resourceType"), "mixpanel_property.resourceType")
    return {**joined.given, "resourceType": kind}


def _run_every(fields: Fields) -> int:
    every = fields.number("run_every", 0) or 0
    if every not in RUN_EVERY:
        raise wrong(f"run_every must be one of {', '.join(map(str, RUN_EVERY))}, not {every}")
    return every


def _shown(settings: Json) -> Json:
    return {name: settings[name] for name in SHOWN}


def _detail(settings: Json) -> Json:
    return {**_shown(settings), **{name: settings.get(name) for name in DETAILS}}


MANY = "/api/app/{scope}/warehouse-sources/imports"
ONE = f"{MANY}/{{id:int}}"
ENDPOINTS = (
    # Asking makes the sandbox run what is due.
    Endpoint("GET", MANY, listed, writes=True),
    Endpoint("GET", ONE, get, writes=True),
    Endpoint("PATCH", ONE, update, writes=True),
    Endpoint("DELETE", ONE, delete, writes=True),
    *(
        Endpoint("POST", f"{MANY}/{kind.replace('_', '-')}", partial(create, kind), writes=True)
        for kind in KINDS
    ),
    Endpoint("PUT", f"{ONE}/manual-sync", sync, writes=True),
    Endpoint("GET", f"{ONE}/history", history, writes=True),
)
