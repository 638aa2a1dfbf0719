"""The journal of changes: lines of JSON that are only ever added to, for their owner's eyes.

A change is two lines: one before its request leaves, with what was there, and one with its
outcome. Where the second is missing, the program ended in between.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic_core import to_jsonable_python

from mixpanel_mcp_core.auth.locks import locked
from mixpanel_mcp_core.auth.private_files import OWNER_ONLY, Unsafe
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.lenient_json import parsed, written

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
_OPTIONS = orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one account and project."""

    path: Path

    def append(self, line: dict[str, Any]) -> None:
        """Add a line that survives whatever happens next.

        Raises ConfigError where the disk does not take it.
        """
        # Odd numbers and texts are no reason to refuse a change.
        content = written(to_jsonable_python(line, fallback=str), _OPTIONS) + b"\n"
        try:
            with locked(self.path.parent):
                file = os.open(self.path, _FLAGS, OWNER_ONLY)
                try:
                    # A line that was torn by a crash ends here, and this one is whole.
                    os.write(file, b"\n" + content if _is_torn(file) else content)
                    os.fsync(file)
                finally:
                    os.close(file)
        except (OSError, Unsafe) as error:
            raise ConfigError(
                f"The journal of changes cannot be written ({error}), so nothing was sent. Name "
                "another folder in MP_STORAGE_DIR.",
                details={"path": str(self.path)},
            ) from error

    def lines(self) -> list[dict[str, Any]]:
        """All lines that are whole, oldest first."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"The journal of changes cannot be read: {error}.") from error
        return [line for each in content.split(b"\n") if (line := _read(each))]


def _is_torn(file: int) -> bool:
    if not os.fstat(file).st_size:
        return False
    os.lseek(file, -1, os.SEEK_END)
    return os.read(file, 1) != b"\n"


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        value = parsed(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
