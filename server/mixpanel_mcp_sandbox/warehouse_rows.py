"""Rows of a warehouse table as what Mixpanel stores: events, profiles, groups."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from .calls import Json
from .records import MILLISECONDS_FROM
from .warehouse_tables import Row

# What names a column that is not imported as a property under its own name.
COLUMN_FIELDS = (
    "time_column_name",
    "event_column_name",
    "user_column_name",
    "device_column_name",
    "company_column_name",
    "insert_time_column_name",
    "json_properties_column_name",
    "group_id_column",
    "property_key_column_name",
)
PLACES = {"user_column_name": "$user_id", "device_column_name": "$device_id"}


def columns_of(settings: Json) -> Iterator[tuple[str, str]]:
    """Give every column that an import names, after the field that names it."""
    for name in COLUMN_FIELDS:
        if settings.get(name):
            yield name, settings[name]
    for column in settings.get("property_mappings") or ():
        yield "property_mappings", column


def id_prefix(number: int) -> str:
    """Return what the insert ids of an import's events begin with."""
    return f"wh-{number}-"


def event(settings: Json, row: Row) -> Json:
    """Return a row as a record of `/import`; the same row is always the same event."""
    name = settings.get("event_name") or row.get(str(settings["event_column_name"]))
    place = {
        key: str(row[settings[field]])
        for field, key in PLACES.items()
        if settings.get(field) and row.get(settings[field]) is not None
    }
    digest = hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]
    return {
        "event": name,
        "properties": {
            **properties(settings, row),
            **(place or {"distinct_id": ""}),
            "time": milliseconds(row.get(settings["time_column_name"])),
            "$insert_id": id_prefix(settings["id"]) + digest,
        },
    }


def profile(settings: Json, row: Row) -> Json:
    """Return a row as an update of `/engage`."""
    owner = str(row[settings["user_column_name"]])
    return {"$distinct_id": owner, "$set": properties(settings, row), "$ignore_time": True}


def group(settings: Json, row: Row) -> Json:
    """Return a row as an update of `/groups`."""
    owner = str(row[settings["group_id_column"]])
    named = {"$group_key": settings["group_key"], "$group_id": owner}
    return {**named, "$set": properties(settings, row)}


def properties(settings: Json, row: Row) -> Json:
    """Return the columns that become properties, and the keys of the JSON column."""
    mapped = cast("dict[str, str]", settings.get("property_mappings") or {})
    kept = mapped or {name: name for name in row if name not in _own_columns(settings)}
    found = {name: row[column] for column, name in kept.items() if row.get(column) is not None}
    return {**_json_properties(settings, row), **found}


def fresh(settings: Json, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that were inserted after the last run of a time-based import."""
    column, cursor = settings.get("insert_time_column_name"), settings.get("cursor")
    if settings["sync_mode"] != "time_based" or cursor is None:
        return list(rows)
    return [row for row in rows if (milliseconds(row.get(str(column))) or 0) > cursor]


def newest(settings: Json, rows: Sequence[Row]) -> int | None:
    """Return the latest time of insertion among rows."""
    column = settings.get("insert_time_column_name")
    times = [milliseconds(row.get(column)) for row in rows] if column else []
    return max((time for time in times if time is not None), default=None)


def milliseconds(value: object) -> int | None:
    """Return a time of a warehouse, a number or ISO text in UTC, None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if abs(value) >= MILLISECONDS_FROM else int(value * 1000)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _own_columns(settings: Json) -> set[Any]:
    return {settings.get(name) for name in COLUMN_FIELDS if name != "company_column_name"}


def _json_properties(settings: Json, row: Row) -> Json:
    value = row.get(str(settings.get("json_properties_column_name")))
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return cast("Json", value) if isinstance(value, dict) else {}
