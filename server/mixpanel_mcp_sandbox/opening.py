"""Opening a sandbox: which files are attached, and what is refused."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

import duckdb

from . import schema
from .cache import Cache, writable_cache
from .database import Database, literal
from .errors import SandboxError
from .expressions.patterns import create_functions
from .identity import Model
from .macros import MACROS
from .project import Project
from .store import Store
from .views import create_views

DEMO_NAME = "Demo (sandbox)"
NAME = "Sandbox"
ABOUT = "select key, value from own.about"
ADD = "insert into own.about select unnest($keys::varchar[]), unnest($values::varchar[])"
CHANGE = "update own.about set value = $value where key = $key"
ANYTHING = "select 1 from raw_events limit 1"
DEMO_IDENTITY = "The demo has simplified identity merge; choose `empty` or a file for the original."
SHARED = "Changes are not kept: another server has the demo open."
DAMAGED_CHANGES = "Earlier changes could not be read; they were set aside as {path}."


@dataclass(frozen=True)
class Opened:
    """An open store and what its user should know about it."""

    store: Store
    note: str | None


def new_engine() -> Database:
    """A database that knows what queries call, and holds nothing yet."""
    database = Database(duckdb.connect(":memory:"))
    database.run("set global timezone = 'UTC'")
    # Reads share two cores with the caller; order is always asked for explicitly.
    database.run("set global preserve_insertion_order = false")
    for macro in MACROS:
        database.run(macro)
    create_functions(database.cursor)
    return database


def open_store(
    engine: Callable[[], Database],
    where: str,
    cache: Path | None,
    now: Callable[[], datetime],
    timezone: str | None = None,
    identity: Model | None = None,
    session_minutes: int | None = None,
) -> Opened:
    """Open `demo`, `empty` or the file at a path on an engine.

    Raises:
        SandboxError: the file is damaged, foreign, newer, open elsewhere, or of another identity;
            or there is no such time zone.
    """
    if timezone is not None:
        _check_zone(timezone)
    if where == "demo" and identity == "original":
        raise SandboxError(DEMO_IDENTITY)
    demo = writable_cache(cache, now()) if where == "demo" else None
    database = engine()
    try:
        note = _attach(database, where, demo)
        _create(database, base=demo is not None)
        kept = dict[str, str](database.rows(ABOUT))
        model = _identity(database, where, kept, identity)
        zone = timezone or kept.get("timezone", "UTC")
        rest = session_minutes or int(kept.get("session_minutes", 30))
        told = {"identity": model, "timezone": zone, "session_minutes": str(rest)}
        _keep(database, kept, {"schema": str(schema.VERSION), **told})
        project = Project(DEMO_NAME if demo else NAME, zone, model, rest)
        store = Store(database.cursor, project, now, based=demo is not None)
        if demo:
            demo.copy_documents(store)
    except BaseException:
        database.close()
        raise
    return Opened(store, note)


def _attach(database: Database, where: str, demo: Cache | None) -> str | None:
    if where == "empty":
        database.run("attach ':memory:' as own")
        return None
    if demo:
        demo.attach_base(database)
        return _attach_changes(database, demo.changes) or demo.note
    _attach_file(database, Path(where).expanduser())
    return None


def _create(database: Database, *, base: bool) -> None:
    database.run("use own")
    schema.create_tables(database.cursor)
    database.run("use memory")
    create_views(database, base=base)


def _identity(
    database: Database, where: str, kept: Mapping[str, str], wanted: Model | None
) -> Model:
    """The rule that the file keeps; an empty one keeps the wanted rule from now on."""
    rule = kept.get("identity")
    # What was begun before there was a choice.
    rule = rule or (kept and database.value(ANYTHING) and "simplified")
    model = cast("Model", rule or wanted or "simplified")
    if wanted not in (None, model):
        raise SandboxError(f"{where} has {model} identity merge, which cannot be changed.")
    return model


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        (near,) = get_close_matches(name, available_timezones(), 1) or ["Europe/Berlin"]
        raise SandboxError(f"There is no time zone {name!r}; one is {near!r}.") from error


def _keep(database: Database, kept: Mapping[str, str], told: Mapping[str, str]) -> None:
    """Write down what a file is, where it says something else."""
    # DuckDB takes several times as long to insert or replace.
    if fresh := {key: value for key, value in told.items() if key not in kept}:
        database.run(ADD, {"keys": list(fresh), "values": list(fresh.values())})
    for key, value in told.items():
        if kept.get(key, value) != value:
            database.run(CHANGE, {"key": key, "value": value})


def _attach_changes(database: Database, path: Path) -> str | None:
    try:
        _attach_file(database, path)
    except Occupied:
        note = SHARED
    except SandboxError:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        _attach_file(database, path)
        return DAMAGED_CHANGES.format(path=aside)
    else:
        return None
    database.run("attach ':memory:' as own")
    return note


class Occupied(SandboxError):
    """The file is open in another server."""


def _attach_file(database: Database, path: Path) -> None:
    if not path.parent.is_dir():
        raise SandboxError(f"The folder of {path} does not exist.")
    if path.exists():
        _inspect(database, path)
    try:
        database.run(f"attach {literal(str(path))} as own")
    except duckdb.Error as error:
        raise _unusable(path, error) from error


def _inspect(database: Database, path: Path) -> None:
    """Look at the file read-only first, so that a foreign one is left as it is."""
    try:
        database.run(f"attach {literal(str(path))} as own (read_only)")
        tables = _tables(database)
        version = _version(database) if "about" in tables else None
    except duckdb.Error as error:
        raise _unusable(path, error) from error
    finally:
        with contextlib.suppress(duckdb.Error):
            database.run("detach own")
    if tables and version is None:
        raise SandboxError(f"{path} is a DuckDB database of something else; it was left untouched.")
    if version is not None and version > schema.VERSION:
        raise SandboxError(f"{path} was written by a newer version; it was left untouched.")


def _tables(database: Database) -> set[str]:
    names: Sequence[Any] = database.rows(
        "select table_name from duckdb_tables() where database_name = 'own'"
    )
    return {cast("str", row[0]) for row in names}


def _version(database: Database) -> int | None:
    value = dict[str, str](database.rows(ABOUT)).get("schema")
    return int(value) if value is not None else None


def _unusable(path: Path, error: duckdb.Error) -> SandboxError:
    text = str(error)
    if "lock" in text.lower() or "already attached" in text or "Resource In Use" in text:
        return Occupied(f"{path} is open in another server.")
    return SandboxError(f"{path} is damaged or no sandbox database; it was left untouched.")
