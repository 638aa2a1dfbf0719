"""Lookup tables as the ingestion host takes them: replaced as a whole, by the id that it knows."""

from pathlib import PurePath
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from mixpanel_mcp_core.account_kinds import check_service_account
from mixpanel_mcp_core.files import allowed, content
from mixpanel_mcp_core.lookup_rows import check_csv
from mixpanel_mcp_core.models.lookup_tables import IngestedTable
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.outcome import read, unwrap
from mixpanel_mcp_core.session import Session

lookup_tables = Toolset("lookup_tables", "Lookup tables on the ingestion host: replace all rows")

_MOST_BYTES = 100_000_000


@lookup_tables.reads
async def ingest_list_lookup_tables(session: Session) -> list[IngestedTable]:
    """List the lookup tables with the ids that replace_lookup_table takes.

    Returns id (a UUID) and name. Only service accounts may ask; list_lookup_tables, whose numbers
    are other ids, tells more. Errors: CONFIG_ERROR for an account with a bearer token. Ingestion
    API: GET /lookup-tables.
    """
    check_service_account(session)
    return read(unwrap(await session.ingest.get("/lookup-tables")), list[IngestedTable])


@lookup_tables.destroys(idempotent=True)
async def replace_lookup_table(
    session: Session,
    lookup_table_id: Annotated[
        UUID, Field(description="Lookup table id (UUID), from ingest_list_lookup_tables.")
    ],
    csv: Annotated[
        str,
        Field(
            min_length=1,
            description="CSV text with a header row; or the name of a .csv file in the allowed "
            "folder. The first column is the key, unique and not blank.",
        ),
    ],
) -> dict[str, Any]:
    """Replace all rows of a lookup table, or none of them where one is refused.

    Past results change too. At most 100 MB, 100 times in 24 hours. Numbers, RFC 3339 times,
    true/false and JSON arrays of strings are told apart; an empty cell is undefined. Checked before
    it is sent: unique column names, a value in each cell's place, unique keys; errors tell the
    line. Rows that Mixpanel refuses are in the error's failed_records. A new table is made with
    upload_lookup_table. Only service accounts. Returns code and status. Errors: INVALID_INPUT,
    CONFIG_ERROR, QUERY_FAILED. Ingestion API: PUT /lookup-tables/{id}.
    """
    check_service_account(session)
    table = _of_file(session, csv) if _names_file(csv) else csv.encode()
    check_csv(table, "csv", _MOST_BYTES)
    # Values that were listed before may be others now.
    session.forget()
    answer = await session.ingest.put_csv(f"/lookup-tables/{lookup_table_id}", table)
    return read(answer, dict[str, Any])


def _names_file(csv: str) -> bool:
    """Whether the text is a file's name: a table of one line would have no rows."""
    return "\n" not in csv.strip() and PurePath(csv.strip()).suffix.lower() == ".csv"


def _of_file(session: Session, name: str) -> bytes:
    path = allowed(session.files, name.strip(), field="csv", act="read")
    return content(path, field="csv", most_bytes=_MOST_BYTES)
