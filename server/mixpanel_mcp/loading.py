"""Events of files into a sandbox with nothing between: read as an import reads them, and taken as
`/import` takes them."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import duckdb

from mixpanel_mcp_core.imports.delivery import Refused
from mixpanel_mcp_core.imports.insert_ids import Twins
from mixpanel_mcp_core.imports.records import Packed
from mixpanel_mcp_core.imports.refusals import Refusals
from mixpanel_mcp_core.imports.rows import Part, Rows, fitting, portion_of
from mixpanel_mcp_core.imports.tables import Mapped, Table, lines_of, mapped_of, tables_of
from mixpanel_mcp_sandbox.bulk import Bulk, Loaded
from mixpanel_mcp_sandbox.sandbox import Sandbox

Say = Callable[[str], None]

# Enough records for one statement to be worth it.
_MOST_STAGED = 50_000


class Loading:
    """The rows of files on their way into a sandbox; `say` is told how far they are.

    The rows of a table are told in SQL, but for those that need a closer look; these, and all rows
    of other files, become what an import would send.
    """

    def __init__(self, sandbox: Sandbox, rows: Rows, say: Say) -> None:
        connection = sandbox.store.connection.cursor()
        found = _found(connection, rows)
        tables = tables_of(connection, [mapped for _, mapped in found if mapped])
        self._sandbox = sandbox
        self._connection = connection
        self._say = say
        self._several = len(found) > 1
        self._tables = list(zip((part for part, mapped in found if mapped), tables, strict=True))
        self._lines = Rows(rows.connection, [part for part, mapped in found if not mapped])
        self._twins = Twins()
        self.refusals = Refusals(self._told)

    def run(self, *, keep: bool = True) -> Loaded:
        """Store what can be stored; without `keep` only find out what that is."""
        with self._sandbox.bulk(keep=keep) as bulk:
            for part, table in self._tables:
                self._say(f"{table.name}: {table.count:,} rows")
                self._table(bulk, part, table)
            before = self._before
            for load in self._lines.loads(1):
                self._refuse(replace(each, place=each.place + before) for each in load.refused)
                for batch in load.batches:
                    self._records(
                        bulk, [each._replace(place=each.place + before) for each in batch]
                    )
                if bulk.staged >= _MOST_STAGED:
                    bulk.store()
                    self._say(f"{before + load.last:,} rows")
            self._say("looking for copies")
            return bulk.finish()

    @property
    def count(self) -> int:
        """How many rows there were."""
        return self._before + self._lines.last

    @property
    def _before(self) -> int:
        """How many rows the tables have."""
        return self._tables[-1][1].last if self._tables else 0

    def _table(self, bulk: Bulk, part: Part, table: Table) -> None:
        found = bulk.look(table.sql, table.properties)
        for rows in lines_of(self._connection, found.others) if found.others else ():
            portion = portion_of(part.columns, rows[-1][0], rows)
            fit, large = fitting(portion.events, self._twins)
            self._refuse([*portion.refused, *large])
            self._records(bulk, fit)
        bulk.store(found)

    def _records(self, bulk: Bulk, records: Sequence[Packed]) -> None:
        ids = {each.place: each.insert_id for each in records}
        faults = bulk.records((each.place, each.data) for each in records)
        self._refuse(
            Refused(place, ids[place], fault.field, fault.message) for place, fault in faults
        )

    def _refuse(self, refused: Iterable[Refused]) -> None:
        for each in refused:
            self.refusals.add(each)

    def _told(self, place: int) -> tuple[str | None, int]:
        """A row as a person finds it: its file, where there are several, and its number there."""
        tables = [table for _, table in self._tables]
        index = bisect_left([table.last for table in tables], place)
        if index < len(tables):
            before = tables[index - 1].last if index else 0
            return tables[index].name if self._several else None, place - before
        name, row = self._lines.told(place - self._before)
        return name or (self._lines.parts[0].source.path.name if self._several else None), row


def _found(connection: duckdb.DuckDBPyConnection, rows: Rows) -> list[tuple[Part, Mapped | None]]:
    """The files, and those that are told in SQL as such.

    Ids are made in one way for all files, since rows of two may be alike.
    """
    found = [(part, mapped_of(connection, part)) for part in rows.parts]
    if all(mapped for _, mapped in found):
        return list(found)
    return [(part, mapped if mapped and mapped.own_id() else None) for part, mapped in found]
