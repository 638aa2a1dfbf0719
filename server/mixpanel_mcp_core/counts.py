"""Where counts of requests lie: in files that all processes of one user share, or in memory.

A file holds times and numbers alone. What cannot be stored is not counted, and stops no call.
"""

import asyncio
import contextlib
import logging
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mixpanel_mcp_core.auth.locks import held_file, locked
from mixpanel_mcp_core.auth.private_files import Unsafe, private_folder, read_json, write_json
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.limits import Sent

log = logging.getLogger(__name__)

_PAUSE = 0.05
# Others hold the folder for a millisecond; one that was stopped keeps nobody from working.
_PATIENCE = 0.25


class Count(NamedTuple):
    """What was sent, oldest first; and since when Mixpanel wants no more, until when."""

    sent: list[Sent]
    since: float = 0
    until: float = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Counts of this process alone."""

    counts: dict[str, Count] = field(default_factory=dict[str, Count])

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else writes."""
        return nullcontext()

    def read(self, name: str) -> Count:
        """A count, empty where there is none."""
        return self.counts.get(name, Count([]))

    def write(self, name: str, count: Count) -> None:
        """Keep a count."""
        self.counts[name] = count

    async def place(self, name: str, most: int) -> int | None:
        """Nobody else takes places."""
        return None


@dataclass(frozen=True, slots=True)
class Files:
    """Counts in a folder of their own."""

    folder: Path
    home: Path

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep other processes from writing meanwhile, as far as that can be had."""
        with contextlib.ExitStack() as stack:
            with _if_stored():
                stack.enter_context(locked(self.folder, _PATIENCE))
            yield

    def read(self, name: str) -> Count:
        """A count; empty where there is no file, or one that is not of this form."""
        try:
            told: dict[str, Any] = read_json(self._path(name), self.home)
            sent = sorted(Sent(float(at), int(amount)) for at, amount in told["sent"])
            return Count(sent, float(told["since"]), float(told["until"]))
        except (FileNotFoundError, Unsafe, ValueError, TypeError, KeyError, OverflowError):
            return Count([])

    def write(self, name: str, count: Count) -> None:
        """Replace a count at once and whole."""
        with _if_stored():
            write_json(self._path(name), count._asdict())

    async def place(self, name: str, most: int) -> int | None:
        """The handle of a file that is held, of as many as there are places at once.

        The system lets go of it when the process ends, however that happens.
        """
        with _if_stored():
            private_folder(self.folder)
            while True:
                for number in range(most):
                    handle = held_file(self._path(name).with_suffix(f".{number}"))
                    if handle is not None:
                        return handle
                await asyncio.sleep(_PAUSE)
        return None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


@contextlib.contextmanager
def _if_stored() -> Generator[None]:
    try:
        yield
    except (ConfigError, Unsafe, OSError) as error:
        log.warning("requests are not counted", extra={"reason": str(error)})
