"""One writer at a time, over all processes of this machine."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

from mixpanel_mcp_core.auth.private_files import OWNER_ONLY, Unsafe, private_folder
from mixpanel_mcp_core.errors import ConfigError

try:
    import fcntl
except ImportError:  # Windows: the last writer wins, as with other clients of these files.
    fcntl = None

# Files are changed in milliseconds; a login server may take its time.
LONGEST_WAIT, LONGEST_WAIT_ASYNC = 10.0, 60.0
_PAUSE = 0.02


@contextlib.contextmanager
def locked(folder: Path, longest: float = LONGEST_WAIT) -> Generator[None]:
    """Hold a folder while its files are read and written back.

    Raises ConfigError when another process holds it for longer than `longest` seconds.
    """
    with _opened(folder) as handle:
        until = time.monotonic() + longest
        while not _taken(handle):
            if time.monotonic() > until:
                raise _held(folder)
            time.sleep(_PAUSE)
        yield


@contextlib.asynccontextmanager
async def locked_async(folder: Path, longest: float = LONGEST_WAIT_ASYNC) -> AsyncGenerator[None]:
    """The same without holding up other tasks."""
    with _opened(folder) as handle:
        until = time.monotonic() + longest
        while not _taken(handle):
            if time.monotonic() > until:
                raise _held(folder)
            await asyncio.sleep(_PAUSE)
        yield


@contextlib.contextmanager
def held(folder: Path) -> Generator[bool]:
    """Whether a folder could be held at once; it is, until the end, where it could."""
    with _opened(folder) as handle:
        yield _taken(handle)


def held_file(path: Path) -> int | None:
    """The handle of a file, made where it is missing, which is held until the handle is closed.

    None where another process, or another handle of this one, holds it.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, OWNER_ONLY)
    if _taken(handle):
        return handle
    os.close(handle)
    return None


@contextlib.contextmanager
def _opened(folder: Path) -> Generator[int | None]:
    # The folder itself is locked: a lock file would stay behind among the credentials.
    try:
        private_folder(folder)
        handle = None if fcntl is None else os.open(folder, os.O_RDONLY)
    except (Unsafe, OSError) as error:
        raise ConfigError(f"{error}.", details={"path": str(folder)}) from error
    if handle is None:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _taken(handle: int | None) -> bool:
    if fcntl is None or handle is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system that knows no locks: the last writer wins.
        return True
    return True


def _held(folder: Path) -> ConfigError:
    return ConfigError(
        f"Another process has been writing to {folder.name} for too long; try again."
    )
