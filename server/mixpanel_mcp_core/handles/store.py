"""Where long results are kept: one private file each, in the user's cache folder.

Nobody can guess a handle, and nothing lists them. Who knows one reads the result, where it is
theirs; that of another owner is not there.
"""

import contextlib
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from pydantic import BaseModel, ValidationError

from mixpanel_mcp_core.auth.private_files import Unsafe, private_folder, write_private
from mixpanel_mcp_core.handles.types import dumped, typed
from mixpanel_mcp_core.problems import unfit
from mixpanel_mcp_core.tables import Table

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
_LARGEST, _LARGEST_TOGETHER = 50_000_000, 200_000_000
_ABANDONED_SECONDS = 3600
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_HANDLE = re.compile(rf"r[{_ALPHABET}]{{16}}")
# Handles among other words, each by itself.
IN_TEXT = re.compile(rf"\b{_HANDLE.pattern}\b")
_ENDING = ".jsonl"

Source = Mapping[str, Any] | None
# Whose a result from a source is; None for the user of this machine.
OwnerOf = Callable[[Source], str | None]


def the_user(source: Source) -> str | None:
    """Whose results are that are asked for on this machine."""


class Column(BaseModel):
    """A column by its name in SQL, and its type there."""

    name: str
    type: str


class Header(BaseModel):
    """What is known of a kept result; `source` is None where it came from several."""

    tool: str
    digest: str
    source: dict[str, Any] | None
    columns: list[Column]
    rows: int
    created: datetime
    owner: str | None = None


class _FirstLine(BaseModel):
    """How a file begins; every other line is a row, its cells under the numbers of the columns."""

    header: Header


@dataclass(frozen=True, slots=True)
class Kept:
    """A result that is there: its handle, its header, and the file with its rows."""

    handle: str
    header: Header
    path: Path

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [each.name for each in self.header.columns]

    def table(self) -> Table:
        """All its rows."""
        with self.path.open("rb") as file:
            next(file)
            cells = [list(json.loads(line).values()) for line in file]
        return Table(self.names, cells)


@dataclass(frozen=True, slots=True)
class Store:
    """The kept results of this user; `files` is the only folder they may be written to.

    All processes of the user share them, in `folder`: by default the one for caches. `owner_of`
    tells apart those whose results they are.
    """

    files: Path | None = None
    folder: Path | None = None
    owner_of: OwnerOf = the_user

    def keep(self, tool: str, digest: str, source: Source, table: Table) -> str | None:
        """Keep a table; its handle, or None where it is too large or the disk does not take it."""
        handle = "r" + "".join(secrets.choice(_ALPHABET) for _ in range(16))
        header = Header(
            tool=tool,
            digest=digest,
            source=dict(source) if source else None,
            columns=[Column(name=name, type=kind) for name, kind in typed(table).items()],
            rows=len(table.rows),
            created=datetime.now(UTC),
            owner=self.owner_of(source),
        )
        content = _content(header, table)
        if content is None:
            return None
        try:
            private_folder(self._folder)
            write_private(self._path(handle), content)
            self._sweep()
        except (Unsafe, OSError) as error:
            log.warning("a result could not be kept", extra={"reason": str(error)})
            return None
        return handle

    def find(self, handle: str, field: str = "handle") -> Kept:
        """The result of a handle, the value of an argument called `field`; InvalidInputError."""
        if _HANDLE.fullmatch(handle):
            path = self._path(handle)
            with contextlib.suppress(OSError, ValidationError):
                if not _is_over(path.stat(), KEPT_SECONDS):
                    with path.open("rb") as file:
                        header = _FirstLine.model_validate_json(file.readline()).header
                    if header.owner == self.owner_of(header.source):
                        return Kept(handle, header, path)
        raise unfit(
            field,
            f"no result is kept as {handle[:40]!r}. Handles stand above answers that were cut, and "
            f"are good for {KEPT_SECONDS // 3600} hours: ask again for a new one",
        )

    @property
    def _folder(self) -> Path:
        return self.folder or user_cache_path("mixpanel-mcp", appauthor=False) / "results"

    def _path(self, handle: str) -> Path:
        return self._folder / f"{handle}{_ENDING}"

    def _sweep(self) -> None:
        """Remove what is too old, then the oldest until the rest is not too large together."""
        room = _LARGEST_TOGETHER
        for path, state in sorted(self._files(), key=lambda each: -each[1].st_mtime):
            room -= state.st_size
            if path.suffix == _ENDING:
                superfluous = room < 0 or _is_over(state, KEPT_SECONDS)
            else:
                # It is being written, or was when its process was killed.
                superfluous = _is_over(state, _ABANDONED_SECONDS)
            if superfluous:
                # Another process may have removed it, or may be reading it.
                with contextlib.suppress(OSError):
                    path.unlink()

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                yield path, path.stat()


def _content(header: Header, table: Table) -> bytes | None:
    """The file of a result, as long as it is not too large."""
    lines = [_FirstLine(header=header).model_dump_json().encode()]
    size = len(lines[0])
    for row in table.rows:
        lines.append(dumped({str(index): each for index, each in enumerate(row)}))
        size += len(lines[-1]) + 1
        if size > _LARGEST:
            return None
    return b"\n".join([*lines, b""])


def _is_over(state: os.stat_result, seconds: int) -> bool:
    return time.time() - state.st_mtime > seconds
