"""The demo on a Friday evening, with fewer people or built once, so that tests need not wait."""

import shutil
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

import duckdb

from mixpanel_mcp_sandbox import demo, open_sandbox, schema
from mixpanel_mcp_sandbox.cache import Cache, user_cache
from mixpanel_mcp_sandbox.database import Database
from mixpanel_mcp_sandbox.sandbox import Sandbox

FRIDAY = datetime(2026, 2, 6, 18, tzinfo=UTC)


def built(now: datetime = FRIDAY, *, people: int, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Return a demo in memory."""
    connection = duckdb.connect(config={"threads": threads})
    schema.create_tables(connection)
    demo.build(connection, now=now, people=people)
    return connection


def attach_demo(folder: Path, now: datetime = FRIDAY, *, people: int = 150) -> int:
    """Attach the demo of a cache folder as a server does, and return its number of events.

    It is built where there is none.
    """
    with duckdb.connect() as connection:
        database = Database(connection)
        Cache(folder, now, people=people).attach_base(database)
        return database.value("select count(*) from base.events")


def demo_file(now: datetime = FRIDAY, *, people: int = demo.PEOPLE) -> Path:
    """The file of the demo of a week, which the first to ask has built, and nobody changes."""
    folder = user_cache() / f"{now:%G-%V}-{people}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        attach_demo(folder, now, people=people)
    return Cache(folder, now).path


def lay_demo(folder: Path, now: datetime = FRIDAY, *, people: int = 150) -> Path:
    """Lay the demo into a cache folder, and return that."""
    shutil.copy2(demo_file(now, people=people), folder)
    return folder


def read_demo(*, people: int) -> duckdb.DuckDBPyConnection:
    """Open the demo's file to read it."""
    return duckdb.connect(str(demo_file(people=people)), read_only=True)


def open_demo(folder: Path, now: datetime = FRIDAY) -> Sandbox:
    """Open the demo of a cache folder."""
    return open_sandbox("demo", cache=folder, now=lambda: now)
