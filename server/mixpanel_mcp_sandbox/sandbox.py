"""An open sandbox: the app to mount, a note for its user, and the way to close it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from .app import build_app
from .bulk import Bulk
from .database import Database
from .identity import Model
from .oauth import AuthorizationServer
from .opening import new_engine, open_store


class _Undone(Exception):
    """Nothing of a transaction is kept."""


class Sandbox:
    """A local Mixpanel; use it as a context manager or call `close`."""

    def __init__(
        self,
        where: str,
        *,
        cache: Path | None,
        now: Callable[[], datetime],
        timezone: str | None,
        identity: Model | None,
        session_minutes: int | None,
        token_seconds: int,
        engine: Callable[[], Database] = new_engine,
    ):
        opened = open_store(engine, where, cache, now, timezone, identity, session_minutes)
        self.store = opened.store
        self.note = opened.note
        self.oauth = AuthorizationServer(opened.store.now, token_seconds)
        self.app = build_app(opened.store, self.oauth)

    @contextmanager
    def bulk(self, *, keep: bool = True) -> Generator[Bulk]:
        """Take many events: all of them or, after an exception or without `keep`, none."""
        with suppress(_Undone), self.store.write() as database:
            yield Bulk(self.store, database)
            if not keep:
                raise _Undone
        self.store.load()

    def close(self) -> None:
        """Write everything back and let go of the files."""
        self.store.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
