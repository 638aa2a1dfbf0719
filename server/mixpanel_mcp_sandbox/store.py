"""The open database: cursors for readers, one lock for writers, the clock and the project."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

import duckdb

from . import identity
from .database import Database
from .duplicates import Duplicates
from .pace import Pace
from .project import Project
from .snapshots import Snapshots
from .timeline import DAY
from .views import create_views
from .waiting_files import Files

ERASED = "select 1 from own.erased_events limit 1"

# Seconds for readers to end that are broken off.
PATIENCE = 5.0


class Store:
    """A base that is only read (maybe none) and an own database that is written.

    Queries see both through the views of `views.py`. Every `read` and `write` is meant for a
    worker thread; writes happen one after the other, each in one transaction.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        project: Project,
        now: Callable[[], datetime],
        *,
        based: bool,
    ):
        self.connection = connection
        self.project = project
        self.clock = now
        self.based = based
        self.snapshots = Snapshots()
        self.files = Files()
        self.table_pace = Pace(100, DAY)
        self.privacy_pace = Pace(1, 1000)
        # When work that takes its time has to be looked at next; None for never.
        self.due_ms: int | None = 0
        self._writing = threading.RLock()
        self._opening = threading.Condition()
        self._running: set[Database] = set()
        self._erased_shown = False
        self.load()

    def now(self) -> datetime:
        """Return the time of this sandbox in UTC."""
        return self.clock().astimezone(UTC)

    @contextmanager
    def read(self) -> Generator[Database]:
        """Give a cursor that sees everything up to now, later copies of a record only."""
        if self.duplicates.pending:
            self._settle()
        with self._cursor() as database:
            yield database

    @contextmanager
    def write(self) -> Generator[Database]:
        """Give a cursor inside a transaction of the only writer; an exception undoes it."""
        with self._writing, self._cursor() as database:
            database.run("begin")
            try:
                yield database
            except BaseException:
                database.run("rollback")
                self.load()
                raise
            database.run("commit")
            self._show()

    def close(self) -> None:
        """Write back and close; waits for a running write, and breaks off what reads."""
        with self._writing, self._opening:
            end = monotonic() + PATIENCE
            while (busy := [each for each in self._running if each.busy]) and monotonic() < end:
                # Again and again: whoever was broken off may begin another statement.
                for database in busy:
                    database.interrupt()
                self._opening.wait(0.01)
            self.connection.close()

    def load(self) -> None:
        """Read what is held in memory of the database."""
        with self._cursor() as database:
            self.links = identity.load(self.project.identity, database)
            self.duplicates = Duplicates.load(database)
            # The last record may have been deleted; its number is not used again.
            self.next_seq = max(_last_seq(database), self.duplicates.settled) + 1
            self.nulls = {row[0] for row in database.rows("select property from all_nulls")}
            self.erased = database.value(ERASED) is not None
        self._show()

    def _show(self) -> None:
        """Let the views leave out what was erased of the base, from the first time on."""
        if self.erased and not self._erased_shown:
            with self._cursor() as database:
                create_views(database, base=self.based, erased=True)
            self._erased_shown = True

    def _settle(self) -> None:
        with self.write() as database:
            self.duplicates.settle(database)

    @contextmanager
    def _cursor(self) -> Generator[Database]:
        with self._opening:
            database = Database(self.connection.cursor())
            self._running.add(database)
        try:
            now = int(self.now().timestamp() * 1000)
            database.run(f"set variable now = {now}::bigint")
            yield database
        finally:
            with self._opening:
                database.close()
                self._running.discard(database)
                self._opening.notify()


def _last_seq(database: Database) -> int:
    return int(database.value("select coalesce(max(seq), 0) from raw_events"))
