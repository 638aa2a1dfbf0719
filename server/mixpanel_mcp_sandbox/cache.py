"""The demo's file in the user's cache folder: built once, shared, rebuilt when damaged."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import duckdb
from platformdirs import user_cache_path

from . import schema
from .database import Database, literal
from .errors import SandboxError
from .groups import store_groups
from .saved_lookup_tables import fill
from .store import Store

# Reads the headers and two whole columns, which is where a cut or overwritten file shows.
PROBE = "select count(*), max(t), max(seq) from base.events"
# One statement for all: a row at a time takes a hundred times as long.
COPY = """
insert or ignore into own.entities
select d.kind, d.id, d.workspace_id, d.body from (select unnest(from_json($documents::json,
    '[{"kind":"VARCHAR","id":"BIGINT","workspace_id":"BIGINT","body":"JSON"}]')) as d)
"""


class Cache:
    """Where the demo of the week of `now` lies, and how it gets there.

    With `people` a demo of that size is built where none is there yet.
    """

    def __init__(
        self,
        folder: Path | None,
        now: datetime,
        people: int | None = None,
        note: str | None = None,
    ):
        self.folder = folder or user_cache()
        self.now = now.astimezone(UTC)
        self.people = people
        self.note = note

    @property
    def path(self) -> Path:
        """The base of this generator, schema, seed and week."""
        from . import demo

        week = _monday(self.now).date().isoformat()
        # People are numbered by a hash of the database's own, which another version may change.
        made_by = f"g{demo.GENERATOR_VERSION}-s{schema.VERSION}-d{duckdb.__version__}"
        return self.folder / f"demo-{made_by}-{demo.SEED}-{week}.duckdb"

    @property
    def changes(self) -> Path:
        """What the user added to the demo; it outlives the week."""
        return self.folder / "demo-changes.duckdb"

    def attach_base(self, database: Database) -> None:
        """Attach the base read-only, after building it where it is missing or damaged."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self._attached(database):
            return
        self._build()
        database.run(f"attach {literal(str(self.path))} as base (read_only)")

    def copy_documents(self, store: Store) -> None:
        """Put the demo's documents beside the user's, except those that were ever there."""
        from . import demo

        with store.write() as database:
            documents = [asdict(document) for document in demo.documents(self.now)]
            database.run(COPY, {"documents": json.dumps(documents)})
            store_groups(database, demo.companies(self.now), over=False)
            fill(database)

    def _attached(self, database: Database) -> bool:
        try:
            database.run(f"attach {literal(str(self.path))} as base (read_only)")
            return bool(database.value(PROBE))
        except duckdb.Error:
            with contextlib.suppress(duckdb.Error):
                database.run("detach base")
            return False

    def _build(self) -> None:
        from . import demo

        end = _monday(self.now) + timedelta(days=7) - timedelta(milliseconds=1)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="building-") as folder:
            fresh = Path(folder) / "demo.duckdb"
            with duckdb.connect(str(fresh)) as connection:
                schema.create_tables(connection)
                demo.build(connection, now=end, people=self.people)
                connection.execute("checkpoint")
            os.replace(fresh, self.path)


NO_CACHE = "The demo lies in a temporary folder, since {folder} cannot be written."


def writable_cache(folder: Path | None, now: datetime) -> Cache:
    """Return the cache in this folder, or in a temporary one where it cannot be written.

    Raises:
        SandboxError: nothing can be written anywhere.
    """
    cache = Cache(folder, now)
    try:
        cache.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache.folder):
            return cache
    except OSError:
        note = NO_CACHE.format(folder=cache.folder)
    try:
        temporary = Path(tempfile.mkdtemp(prefix="mixpanel-mcp-"))
    except OSError as error:
        raise SandboxError(f"{note} Nor can a temporary folder be made: {error}") from error
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return Cache(temporary, now, note=note)


def user_cache() -> Path:
    """Return this platform's folder for what can be computed again."""
    return user_cache_path("mixpanel-mcp", appauthor=False)


def _monday(now: datetime) -> datetime:
    day = now.date() - timedelta(days=now.weekday())
    return datetime.combine(day, time(), UTC)
