"""The journal of changes: lines of JSON that are only ever added to, for their owner's eyes.

A change is two lines: one before its request leaves, with what was there, and one with its
outcome. Where the second is missing, the program ended in between. A full file is laid aside,
and of those the latest few are kept.
"""

import os
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import orjson
from pydantic_core import to_jsonable_python

from mixpanel_mcp_core.auth.locks import locked, locked_async
from mixpanel_mcp_core.auth.private_files import OWNER_ONLY, Unsafe
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.lenient_json import parsed, written

Line = dict[str, Any]

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
_OPTIONS = orjson.OPT_NON_STR_KEYS
_FULL = 10_000_000
_LAID_ASIDE = 5


@dataclass(frozen=True, slots=True)
class Undoing:
    """What a change undoes: another one, or the part of it that is about one `target`.

    One that `completes` sets what could not be set where the target was made anew.
    """

    undoes: str
    target: Any = None
    completes: bool = False


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one account and project."""

    path: Path
    full: int = _FULL

    def append(self, line: Mapping[str, Any]) -> None:
        """Add a line that survives whatever happens next.

        Raises ConfigError where the disk does not take it.
        """
        try:
            with locked(self.path.parent):
                if self.path.exists() and self.path.stat().st_size >= self.full:
                    self._lay_aside()
                _write(self.path, [_told(line)])
        except (OSError, Unsafe) as error:
            raise ConfigError(
                f"The journal of changes cannot be written ({error}), so nothing was sent. Name "
                "another folder in MP_STORAGE_DIR.",
                details={"path": str(self.path)},
            ) from error

    def lines(self) -> list[Line]:
        """All lines that are whole, oldest first."""
        if not self.path.parent.is_dir():
            return []
        try:
            # A file that is laid aside meanwhile would be read twice, or not at all.
            with locked(self.path.parent):
                contents = [each.read_bytes() for each in self._files() if each.exists()]
        except OSError as error:
            raise ConfigError(f"The journal of changes cannot be read: {error}.") from error
        lines = (each for content in contents for each in content.split(b"\n"))
        return [line for each in lines if (line := _read(each))]

    def undoing(self) -> AbstractAsyncContextManager[None]:
        """Keep others from undoing meanwhile, who would make the same thing anew once more."""
        return locked_async(self.path.with_suffix(".undoing"))

    def _files(self) -> list[Path]:
        """The files of the journal, oldest first."""
        aside = [self.path.with_name(f"{self.path.name}.{n}") for n in range(_LAID_ASIDE, 0, -1)]
        return [*aside, self.path]

    def _lay_aside(self) -> None:
        """Begin a new file with the changes whose outcome is still to come: no file ends those.

        They take half of it at most: what was broken off ages at last, like all others.
        """
        begun: dict[Any, bytes] = {}
        for told in self.path.read_bytes().split(b"\n"):
            line = _read(told)
            if line and "outcome" in line:
                begun.pop(line.get("id"), None)
            elif line:
                begun[line.get("id")] = told
        latest = list(reversed(begun.values()))
        room = bisect_right(list(accumulate(map(len, latest))), self.full // 2)
        files = self._files()
        for older, newer in pairwise(files):
            if newer.exists():
                newer.replace(older)
        if room:
            _write(self.path, reversed(latest[:room]))


def _told(line: Mapping[str, Any]) -> bytes:
    # Odd numbers and texts are no reason to refuse a change.
    return written(to_jsonable_python(line, fallback=str), _OPTIONS)


def _write(path: Path, lines: Iterable[bytes]) -> None:
    content = b"".join(line + b"\n" for line in lines)
    file = os.open(path, _FLAGS, OWNER_ONLY)
    try:
        # A line that was torn by a crash ends here, and this one is whole.
        content = b"\n" + content if _is_torn(file) else content
        if os.write(file, content) < len(content):
            raise OSError("the disk is full")
        os.fsync(file)
    finally:
        os.close(file)


def _is_torn(file: int) -> bool:
    if not os.fstat(file).st_size:
        return False
    os.lseek(file, -1, os.SEEK_END)
    return os.read(file, 1) != b"\n"


def _read(line: bytes) -> Line | None:
    try:
        value = parsed(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
