"""Files that hold credentials: read only where nobody else could have laid or read them."""

import contextlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LARGEST = 1024 * 1024
OWNER_ONLY, FOLDER_OWNER_ONLY = 0o600, 0o700
_OTHERS = 0o077
# Windows keeps no such bits; its home folders are private by other means.
_HAS_MODES = os.name == "posix"
_SAFE_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Unsafe(Exception):
    """A file that will not be read or written; the message names it, not what it holds."""


def read_private(path: Path, home: Path) -> bytes:
    """The bytes of a credential file.

    Raises FileNotFoundError where there is none, and Unsafe for a symbolic link (anywhere on the
    way inside the home, else at the end), for what is no regular file, for one that others can
    read or write, for one over 1 MiB, and for what the disk does not give.
    """
    try:
        _refuse_links(path, home)
        file = os.open(path, _SAFE_OPEN)
        try:
            _refuse_state(path, os.fstat(file))
            with open(file, "rb", closefd=False) as opened:
                content = opened.read(LARGEST + 1)
        finally:
            os.close(file)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise Unsafe(f"{path.name} cannot be read: {_why(error)}") from error
    if len(content) > LARGEST:
        raise Unsafe(f"{path.name} is larger than {LARGEST:,} bytes")
    return content


def _why(error: OSError | ValueError) -> str:
    """What the system says of a path; Python itself says it of one that no system knows."""
    return getattr(error, "strerror", None) or str(error)


def is_there(path: Path) -> bool:
    """Whether anything is at a path, a link that leads nowhere and what cannot be seen too."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _refuse_links(path: Path, home: Path) -> None:
    for part in _steps(path, home):
        if part.is_symlink():
            raise Unsafe(f"{part.name} is a symbolic link, which is not followed")


def _steps(path: Path, home: Path) -> Iterator[Path]:
    """The file itself and, inside the home, the folders on the way to it."""
    yield path
    if path.is_relative_to(home):
        yield from (each for each in path.parents if each != home and each.is_relative_to(home))


def _refuse_state(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise Unsafe(f"{path.name} is no regular file")
    if _HAS_MODES and state.st_mode & _OTHERS:
        raise Unsafe(
            f"{path.name} can be read by others (mode {stat.S_IMODE(state.st_mode):o}); "
            f"run: chmod 600 {path}"
        )
    if state.st_size > LARGEST:
        raise Unsafe(f"{path.name} is larger than {LARGEST:,} bytes")


def write_private(path: Path, content: bytes) -> None:
    """Replace a file at once and whole, readable by its owner only; its folder must exist.

    Raises Unsafe when the disk does not take it; the file is then what it was before.
    """
    part = path.with_name(f"{path.name}.tmp.{os.getpid()}.{threading.get_ident()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        file = os.open(part, flags, OWNER_ONLY)
        try:
            with open(file, "wb") as opened:
                opened.write(content)
            os.replace(part, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
    except (OSError, ValueError) as error:
        raise Unsafe(f"{path.name} cannot be written: {_why(error)}") from error


def private_folder(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for the owner only.

    One that was there is closed to others.
    """
    new_folder(folder)
    try:
        if _HAS_MODES and _is_our_own(folder.stat()):
            folder.chmod(FOLDER_OWNER_ONLY)
    except OSError as error:
        raise Unsafe(f"{folder.name} cannot be closed to others: {_why(error)}") from error


def new_folder(folder: Path) -> None:
    """Make the folder, and those above it that are missing; what is there stays as it is."""
    try:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(FOLDER_OWNER_ONLY, exist_ok=True)
    except OSError as error:
        raise Unsafe(f"{folder.name} cannot be made: {_why(error)}") from error


def _is_our_own(state: os.stat_result) -> bool:
    """Whether a folder is ours alone to close; one that all write to, like /tmp, is not."""
    return state.st_uid == os.geteuid() and not state.st_mode & stat.S_ISVTX


def read_json(path: Path, home: Path) -> dict[str, Any]:
    """The JSON object in a credential file; ValueError for what is none, else as `read_private`."""
    try:
        value = json.loads(read_private(path, home))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def write_json(path: Path, value: Any, *, indent: int | None = None, sort: bool = False) -> None:
    """Store JSON in a folder of ours, which is made or closed to others."""
    private_folder(path.parent)
    write_private(path, json_bytes(value, indent=indent, sort=sort))


def json_bytes(value: Any, *, indent: int | None = None, sort: bool = False) -> bytes:
    """JSON as our files hold it."""
    return json.dumps(value, indent=indent, sort_keys=sort, ensure_ascii=False).encode()
