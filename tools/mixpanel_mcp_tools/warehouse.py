"""Warehouse connectors: tables of a data warehouse that Mixpanel imports again and again."""

from collections.abc import Mapping
from typing import Annotated, Any, Unpack

from pydantic import Field

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.models.warehouse import (
    DatabricksParams,
    EventStream,
    Groups,
    History,
    ImportId,
    JsonObject,
    LookupTable,
    People,
    RunEvery,
    WarehouseImport,
    WarehouseImportDetail,
)
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.session import Session

warehouse = Toolset("warehouse", "Imports of tables from a data warehouse, and their runs")

_IMPORTS = "warehouse-sources/imports"


@warehouse.reads
async def list_warehouse_imports(session: Session) -> list[WarehouseImport]:
    """List the project's imports from data warehouses: kind, table, schedule, last run.

    get_warehouse_import adds the columns. App API: GET warehouse-sources/imports.
    """
    return await session.app.at_project.get(_IMPORTS, list[WarehouseImport])


@warehouse.reads
async def get_warehouse_import(session: Session, import_id: ImportId) -> WarehouseImportDetail:
    """Fetch one warehouse import: its table, its columns, how and how often it runs.

    404 when there is none. App API: GET warehouse-sources/imports/{id}.
    """
    return await session.app.at_project.get(_path(import_id), WarehouseImportDetail)


@warehouse.destroys(idempotent=True)
async def update_warehouse_import(
    session: Session,
    import_id: ImportId,
    paused: Annotated[bool, Field(description="true stops it, false lets it run.")],
    run_every: RunEvery,
    databricks_params: DatabricksParams | None = None,
) -> WarehouseImportDetail:
    """Pause or resume a warehouse import, or change how often it runs.

    Both are always set: give what is to stay, too. databricks_params replaces the whole object. For
    other columns or another table delete the import and create a new one. Returns the import; 400
    says what is wrong, 404 when there is none. App API: PATCH warehouse-sources/imports/{id}.
    """
    body = given(paused=paused, run_every=run_every, databricks_params=databricks_params)
    return await session.app.at_project.patch(_path(import_id), WarehouseImportDetail, body)


@warehouse.destroys(idempotent=True)
async def delete_warehouse_import(
    session: Session,
    import_id: ImportId,
    delete_data: Annotated[bool, Field(description="Also delete the events it imported.")] = False,
) -> JsonObject:
    """Delete a warehouse import, and with delete_data also the events that it brought, for good.

    Without delete_data what was imported stays. Returns status ok; 404 when there is none. App API:
    DELETE warehouse-sources/imports/{id}.
    """
    await session.app.at_project.delete(_path(import_id), {"delete_data": delete_data})
    return {"status": "ok"}


@warehouse.writes
async def create_event_stream_import(
    session: Session, **fields: Unpack[EventStream]
) -> WarehouseImportDetail:
    """Import a warehouse table as events, one for each row.

    Example: {"warehouse_source_id": 3, "table_params": {"table": "orders"}, "event_name": "Order",
    "time_column_name": "ordered_at", "user_column_name": "user_id", "sync_mode": "full_sync",
    "run_every": 86400000000000}. Give one of event_name and event_column_name. The connection is
    made in Mixpanel's web app. Returns the import with its id; 400 says what is wrong. App API:
    POST warehouse-sources/imports/event-stream.
    """
    _check_event_named(fields)
    return await _create(session, "event_stream", fields)


@warehouse.writes
async def create_people_import(session: Session, **fields: Unpack[People]) -> WarehouseImportDetail:
    """Import a warehouse table as user profiles, one for each row.

    Example: {"warehouse_source_id": 3, "table_params": {"table": "users"}, "user_column_name":
    "id", "sync_mode": "full_sync"}. Returns the import with its id; 400 says what is wrong. App
    API: POST warehouse-sources/imports/people.
    """
    return await _create(session, "people", fields)


@warehouse.writes
async def create_groups_import(session: Session, **fields: Unpack[Groups]) -> WarehouseImportDetail:
    """Import a warehouse table as profiles of groups, one for each row.

    Example: {"warehouse_source_id": 3, "table_params": {"table": "accounts"}, "group_key":
    "company_id", "group_id_column": "id", "sync_mode": "full_sync"}. Returns the import with its
    id; 400 says what is wrong. App API: POST warehouse-sources/imports/groups.
    """
    return await _create(session, "groups", fields)


@warehouse.writes
async def create_lookup_table_import(
    session: Session, **fields: Unpack[LookupTable]
) -> WarehouseImportDetail:
    """Import a warehouse table as a lookup table: columns for the values of a property.

    Example: {"warehouse_source_id": 3, "table_params": {"table": "products"}, "mixpanel_property":
    {"value": "product_id", "resourceType": "event"}, "property_key_column_name": "id", "sync_mode":
    "full_sync"}. Returns the import with its id; 400 says what is wrong. App API: POST
    warehouse-sources/imports/lookup-table.
    """
    return await _create(session, "lookup_table", fields)


@warehouse.writes
async def sync_warehouse_import(session: Session, import_id: ImportId) -> JsonObject:
    """Run a warehouse import now, at most 5 times an hour.

    Returns run_id; get_warehouse_import_history tells what came of it. RateLimitError after the
    fifth; 404 when there is none. App API: PUT warehouse-sources/imports/{id}/manual-sync.
    """
    return await session.app.at_project.put(_path(import_id, "manual-sync"), JsonObject, {})


@warehouse.reads
async def get_warehouse_import_history(session: Session, import_id: ImportId) -> History:
    """Fetch the 30 latest runs of a warehouse import: when, how they ended, how many events came.

    status is RUNNING, SUCCEEDED, FAILED or CANCELLED. 404 when there is no such import. App API:
    GET warehouse-sources/imports/{id}/history.
    """
    return await session.app.at_project.get(_path(import_id, "history"), History)


async def _create(session: Session, kind: str, fields: Mapping[str, Any]) -> WarehouseImportDetail:
    path = f"{_IMPORTS}/{kind.replace('_', '-')}"
    body = {"import_type": kind, **fields}
    return await session.app.at_project.post(path, WarehouseImportDetail, body)


def _check_event_named(fields: EventStream) -> None:
    """Every event has a name: one for all, or each from its row."""
    if ("event_name" in fields) == ("event_column_name" in fields):
        raise unfit(
            "event_name",
            "give either event_name, for all rows, or event_column_name, the column that has each "
            "event's name",
        )


def _path(import_id: int, *rest: str) -> str:
    return "/".join((_IMPORTS, str(import_id), *rest))
