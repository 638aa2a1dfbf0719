"""Lookup tables: CSV rows joined to a property by its value."""

import time
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, cast

from pydantic import Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.files import allowed, content
from mixpanel_mcp_core.forms import get_text, post_form, put_signed
from mixpanel_mcp_core.models.governance.lookup_tables import (
    DataGroupId,
    LookupTable,
    LookupTableUploadUrl,
    ReplacedTable,
    TableName,
)
from mixpanel_mcp_core.outcome import read
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.governance.toolset import governance

_PATH = "data-definitions/lookup-tables/"
_CSV = "text/csv"
_MOST_BYTES = 100_000_000
_ENDS = {"FAILURE": "UPLOAD_FAILED", "REVOKED": "UPLOAD_FAILED", "NOTFOUND": "UPLOAD_NOT_FOUND"}


@governance.reads
async def list_lookup_tables(
    session: Session, data_group_id: DataGroupId | None = None
) -> list[LookupTable]:
    """List the lookup tables, or one of them, with name and dates.

    Says whether each is mapped to a property, without which no query sees it. App API: GET
    data-definitions/lookup-tables/.
    """
    return await session.app.get(_PATH, list[LookupTable], **{"data-group-id": data_group_id})


@governance.destroys(open_world=True)
async def upload_lookup_table(
    session: Session,
    name: TableName,
    file_path: Annotated[
        str,
        Field(
            description="CSV file in the allowed folder: a header row of unique names, the first "
            "column the key, unique and not blank; at most 100 MB."
        ),
    ],
    data_group_id: ReplacedTable | None = None,
    poll_interval: Annotated[
        float, Field(ge=0, description="Seconds between two looks at a long upload.")
    ] = 2.0,
    max_poll_seconds: Annotated[
        float, Field(ge=0, description="Seconds to wait for a long upload.")
    ] = 300.0,
) -> LookupTable:
    """Upload a CSV file as a lookup table, or replace all rows of one.

    Its columns become properties such as `sku → brand` once somebody maps a new table to a property
    in Mixpanel's Lexicon; the sandbox maps it to the one that its first column is named after.
    Replacing changes past results too. Returns the table with its id. Errors: NOT_PERMITTED without
    --files; UPLOAD_ERROR, UPLOAD_FAILED; UPLOAD_TIMEOUT, after which get_lookup_upload_status goes
    on asking. App API: POST data-definitions/lookup-tables/.
    """
    path = allowed(session.files, file_path, field="file_path", act="read")
    place = await get_lookup_upload_url(session)
    rows = content(path, field="file_path", most_bytes=_MOST_BYTES)
    return await upload_rows(
        session, place, name, rows, data_group_id, poll_interval, max_poll_seconds
    )


async def upload_rows(
    session: Session,
    place: LookupTableUploadUrl,
    name: str,
    rows: bytes,
    data_group_id: int | None,
    poll_interval: float = 2.0,
    max_poll_seconds: float = 300.0,
) -> LookupTable:
    """Put CSV text to its place and make a table of it, or replace one's rows."""
    # Values that were listed before may be others now.
    session.forget()
    await session.report(0, None, f"{len(rows):,} bytes to upload")
    await put_signed(session.app, place.url, rows, _CSV)
    form = {"name": name, "path": place.path, "key": place.key, "data-group-id": data_group_id}
    answer = await post_form(session.app, _PATH, form, patient=False)
    if isinstance(answer, dict) and "uploadId" in answer:
        upload_id = str(answer["uploadId"])  # pyright: ignore[reportUnknownArgumentType]
        answer = await _awaited(session, upload_id, poll_interval, max_poll_seconds)
    if isinstance(answer, dict) and answer.get("name") is None:  # pyright: ignore
        answer = {**cast("dict[str, Any]", answer), "name": name}
    return read(answer, LookupTable)


async def _awaited(session: Session, upload_id: str, interval: float, longest: float) -> Any:
    """The table that a long upload becomes."""
    started, waited = time.monotonic(), 0.0
    while waited < longest:
        await session.http.pause(interval)
        told = await get_lookup_upload_status(session, upload_id)
        status = str(told.get("uploadStatus"))
        if status == "SUCCESS":
            return _table_in(told)
        if status in _ENDS:
            _give_up(f"The upload ended with {status}.", _ENDS[status], upload_id, told)
        waited = max(waited + interval, time.monotonic() - started)
        await session.report(min(waited, longest), longest, f"upload {status.lower()}")
    _give_up(f"The upload goes on after {longest:g} seconds.", "UPLOAD_TIMEOUT", upload_id, {})


def _table_in(told: Mapping[str, Any]) -> Any:
    if not isinstance(told.get("result"), dict):
        raise MixpanelError("The upload succeeded, but no table is told.", code="INVALID_RESPONSE")
    return told["result"]


def _give_up(message: str, code: str, upload_id: str, told: Mapping[str, Any]) -> NoReturn:
    details = {"upload_id": upload_id, **({"response": dict(told)} if told else {})}
    raise MixpanelError(message, code=code, details=details)


@governance.destroys
async def mark_lookup_table_ready(
    session: Session,
    name: Annotated[str, Field(description="Table name, e.g. 'Products'.")],
    key: Annotated[str, Field(description="Key of the uploaded file, from get_lookup_upload_url.")],
    data_group_id: ReplacedTable | None = None,
) -> LookupTable:
    """Make a lookup table of a CSV file that was put to the URL of get_lookup_upload_url.

    upload_lookup_table does all steps at once. Returns the table with its id. App API: POST
    data-definitions/lookup-tables/.
    """
    session.forget()
    form = {"name": name, "key": key, "data-group-id": data_group_id}
    return read(await post_form(session.app, _PATH, form, patient=False), LookupTable)


@governance.reads
async def get_lookup_upload_url(
    session: Session,
    content_type: Annotated[str, Field(description="Content type of the file.")] = _CSV,
) -> LookupTableUploadUrl:
    """Fetch a signed URL that a CSV file can be put to, and the key for afterwards.

    Only for files that this server cannot read: upload_lookup_table does all steps. Errors:
    MISSING_FIELD. App API: GET data-definitions/lookup-tables/upload-url/.
    """
    answer = await session.app.raw("GET", f"{_PATH}upload-url/", {"content-type": content_type})
    told = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    if missing := [name for name in LookupTableUploadUrl.model_fields if not told.get(name)]:
        raise MixpanelError(f"Mixpanel's answer lacks {', '.join(missing)}.", code="MISSING_FIELD")
    return read(told, LookupTableUploadUrl)


@governance.reads
async def get_lookup_upload_status(
    session: Session,
    upload_id: Annotated[str, Field(description="Upload id, from a long upload.")],
) -> dict[str, Any]:
    """Tell how far the upload of a lookup table has come.

    Returns uploadStatus (PENDING, SUCCESS, FAILURE, REVOKED, NOTFOUND) and the table as result.
    App API: GET data-definitions/lookup-tables/upload-status/.
    """
    path = f"{_PATH}upload-status/"
    return await session.app.get(path, dict[str, Any], **{"upload-id": upload_id})


@governance.writes(idempotent=True)
async def update_lookup_table(
    session: Session,
    data_group_id: DataGroupId,
    name: Annotated[str, Field(description="New name.")] | None = None,
) -> LookupTable:
    """Rename a lookup table.

    To replace its rows use upload_lookup_table. Returns the table. App API: PATCH
    data-definitions/lookup-tables/.
    """
    body = {**({} if name is None else {"name": name}), "data-group-id": data_group_id}
    return await session.app.patch(_PATH, LookupTable, body)


@governance.destroys(idempotent=True)
async def delete_lookup_tables(
    session: Session,
    data_group_ids: Annotated[list[int], Field(description="Lookup table ids.")],
) -> None:
    """Delete lookup tables for good; their columns vanish from all queries.

    App API: DELETE data-definitions/lookup-tables/.
    """
    session.forget()
    await session.app.delete(_PATH, {"data-group-ids": data_group_ids})


@governance.reads
async def download_lookup_table(
    session: Session,
    data_group_id: DataGroupId,
    file_name: Annotated[str, Field(description="Name of the file, where one is wanted.")]
    | None = None,
    limit: Annotated[int, Field(description="Most rows to return.")] | None = None,
) -> str:
    """Fetch the rows of a lookup table as CSV text, header first.

    Use `limit` for a look at a large one. App API: GET data-definitions/lookup-tables/download/.
    """
    query = {"data-group-id": data_group_id, "file-name": file_name, "limit": limit}
    return await get_text(session.app, f"{_PATH}download/", **query)


@governance.reads
async def get_lookup_download_url(session: Session, data_group_id: DataGroupId) -> str:
    """Fetch a signed URL that a lookup table's CSV file can be downloaded from.

    Whoever has it can read the table. Errors: MISSING_URL. App API: GET
    data-definitions/lookup-tables/download-url/.
    """
    query = {"data-group-id": data_group_id}
    answer = await session.app.raw("GET", f"{_PATH}download-url/", query)
    told: Any = answer
    if isinstance(answer, dict):
        given = cast("dict[str, Any]", answer)
        told = given.get("url") or given.get("download_url")
    if not isinstance(told, str) or not told:
        raise MixpanelError(
            "Mixpanel's answer holds no URL.", code="MISSING_URL", details={"response": answer}
        )
    return told
