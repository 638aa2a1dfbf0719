"""Long results, read on: paged and filtered, asked with SQL, written to files."""

from typing import Annotated

from pydantic import AliasChoices, Field

from mixpanel_mcp_core.exports.target import read_target
from mixpanel_mcp_core.handles.asking import ask
from mixpanel_mcp_core.handles.exporting import export
from mixpanel_mcp_core.handles.paging import MOST_ROWS, Condition, View, read_page
from mixpanel_mcp_core.handles.store import IN_TEXT, Kept, Store
from mixpanel_mcp_core.models.results import ExportedResult, Page, SqlAnswer
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.problems import unfit

results = Toolset("results", "Rest of long answers: page, filter, ask with SQL, write to files")

_MOST_ROWS_OF_SQL = 20_000
_MOST_HANDLES = 5

Handle = Annotated[
    str, Field(description="Handle that stands above an answer that was cut, e.g. 'rk3v…'.")
]


@results.reads
async def read_result(
    store: Store,
    handle: Handle,
    columns: Annotated[
        list[str] | None, Field(description="Only these columns, in this order; default all.")
    ] = None,
    where: Annotated[
        list[Condition] | None,
        Field(
            description="Conditions that all hold; contains ignores case.",
            validation_alias=AliasChoices("where", "filters", "filter"),
        ),
    ] = None,
    sort: Annotated[
        list[str] | None,
        Field(
            description="Columns to sort by, '-count' from high to low; default as answered.",
            validation_alias=AliasChoices("sort", "sort_by", "order_by"),
        ),
    ] = None,
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="Most rows to return.")] = (
        MOST_ROWS
    ),
    cursor: Annotated[
        str | None,
        Field(description="Where the last answer to the same arguments ended; it says so."),
    ] = None,
) -> Page:
    """Read on in a long result, whose answer was cut: page, filter, sort, choose columns.

    Results are kept for 24 hours and do not change. Returns the rows that fit, which of how many
    they are, and the cursor of the next; give it with the same arguments. Errors: INVALID_INPUT
    names columns that are not there, a cursor of another question, and a handle that is over.
    Sends nothing.
    """
    view = View(columns=columns or (), where=where or (), sort=sort or ())
    return await read_page(store.find(handle), view, limit, cursor)


@results.reads
async def query_result(
    store: Store,
    sql: Annotated[
        str,
        Field(
            min_length=1,
            description="One DuckDB SELECT, e.g. select event, sum(count) from result group by all "
            "order by 2 desc.",
            validation_alias=AliasChoices("sql", "query"),
        ),
    ],
    handles: Annotated[
        list[str] | None,
        Field(
            description="Handles: tables result, result_2 and so on. One that stands in the SQL "
            "need not be given.",
            validation_alias=AliasChoices("handles", "handle"),
        ),
    ] = None,
) -> SqlAnswer:
    """Ask long results with SQL: the rest, sums, groups, joins of answers that were cut.

    Each of up to five results, of any projects, is a table by its handle, the first also `result`.
    `describe result` tells columns and types; dates are dates, lists and objects JSON. Reads the
    results only, in 10 seconds, 512 MB, 20,000 rows; a long answer has a handle too. Errors:
    INVALID_INPUT tells the place in the SQL and the nearest names. Sends nothing.
    """
    wanted = list(dict.fromkeys([*(handles or ()), *IN_TEXT.findall(sql)]))
    if not wanted:
        raise unfit("handles", "give the handle of at least one result")
    if len(wanted) > _MOST_HANDLES:
        raise unfit("handles", f"at most {_MOST_HANDLES} at once")
    tables = _named([store.find(each, "handles") for each in wanted])
    found = await ask(tables, sql, most=_MOST_ROWS_OF_SQL)
    origins = {name: kept.header.source for name, kept in tables.items()}
    return SqlAnswer(**found._asdict(), origins=origins)


@results.reads
async def export_result(
    store: Store,
    handle: Handle,
    output_file: Annotated[
        str,
        Field(
            description="File in the allowed folder: .csv, .jsonl (both also .gz, .zst) or "
            ".parquet. One of that name is replaced."
        ),
    ],
) -> ExportedResult:
    """Write all rows of a long result, whose answer was cut, to a CSV, JSONL or Parquet file.

    Returns file, rows, bytes and the columns with their types. Needs --files FOLDER. Errors:
    NOT_PERMITTED without a folder or out of it, INVALID_INPUT for another ending or a handle that
    is over. Sends nothing.
    """
    target = read_target(store.files, output_file, raw=False, may_be_daily=False)
    return await export(store.find(handle), target)


def _named(found: list[Kept]) -> dict[str, Kept]:
    """Results by the names of their tables: result, result_2 and so on."""
    return {
        f"result_{place}" if place > 1 else "result": each for place, each in enumerate(found, 1)
    }
