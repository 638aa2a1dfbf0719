"""Which file keeps what is changed in a sandbox."""

from pathlib import Path
from uuid import uuid4

from .store import Store

PATH = "select path from duckdb_databases() where database_name = 'own'"
NUMBER = "select value from own.about where key = 'file'"
NUMBERED = "insert into own.about values ('file', $number)"


def kept_file(store: Store) -> str | None:
    """Return what tells the file from all others; None where nothing is kept.

    It stays the same where the file is moved; a copy is another.
    """
    with store.write() as database:
        path = database.value(PATH)
        if path is None:
            return None
        number = database.value(NUMBER)
        if number is None:
            number = uuid4().hex
            database.run(NUMBERED, {"number": number})
    return f"{number}-{Path(path).stat().st_ino:x}"
