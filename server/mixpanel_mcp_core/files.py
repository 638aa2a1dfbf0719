"""Files that an operation may use: inside one folder; what is written, whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, Literal

from mixpanel_mcp_core.errors import ConfigError, NotPermittedError
from mixpanel_mcp_core.problems import unfit


def allowed_folder(folder: Path | None, *, act: Literal["read", "write"] = "write") -> Path:
    """The only folder whose files may be used; NotPermittedError when there is none."""
    if folder is None:
        raise NotPermittedError(
            f"This server may not {act} files. Start it with --files FOLDER to allow one folder."
        )
    return folder.resolve()


def allowed(
    folder: Path | None,
    name: str,
    *,
    field: str = "output_file",
    act: Literal["read", "write"] = "write",
) -> Path:
    """The path of `name`, the value of an argument called `field`, inside the folder.

    Raises NotPermittedError when there is no folder, when the name leads out of it, or when it is
    no name of a file.
    """
    root = allowed_folder(folder, act=act)
    path = _resolved(root / name)
    if path is None or os.path.isdir(path) or not path.is_relative_to(root):
        to = " to" if act == "write" else " from"
        raise NotPermittedError(
            f"{name!r} is no file in the folder that this server may {act}{to}; give a plain name.",
            details={"field": field},
        )
    return path


def matching(folder: Path | None, name: str, *, field: str) -> list[Path]:
    """The files inside the folder whose names fit a pattern with `*`, or the one of that name.

    Raises what `allowed` raises, and InvalidInputError where there is no such file.
    """
    if "*" not in name:
        path = allowed(folder, name, field=field, act="read")
        if not path.is_file():
            raise unfit(field, f"there is no file {name!r} in the folder")
        return [path]
    allowed(folder, name.replace("*", "_"), field=field, act="read")
    root = (folder or Path()).resolve()
    pattern = os.path.relpath(root / name, root)
    found = sorted(str(path.relative_to(root)) for path in root.glob(pattern) if path.is_file())
    if not found:
        raise unfit(field, f"no file in the folder fits {name!r}")
    return [allowed(folder, each, field=field, act="read") for each in found]


def _resolved(path: Path) -> Path | None:
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        # A NUL, or half of a surrogate pair.
        return None


def content(path: Path, *, field: str, most_bytes: int) -> bytes:
    """All that a file holds.

    Raises InvalidInputError, naming the argument `field`, where there is no such file or it is
    too large.
    """
    try:
        if (size := path.stat().st_size) > most_bytes:
            raise unfit(field, f"{path.name} has {size:,} bytes; at most {most_bytes:,} are taken")
        return path.read_bytes()
    except OSError as error:
        reason = f"{path.name} cannot be read: {error.strerror or error}"
        raise unfit(field, reason) from error


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def written_whole(path: Path, *, private: bool = False) -> Generator[BinaryIO]:
    """A file that appears under its name only when everything was written to it.

    A `private` one can be read by its owner alone. Raises ConfigError when the folder, or the disk,
    does not take it.
    """
    opener = _for_owner if private else None
    # Exclusive, so that nothing laid out under this name beforehand is followed or shared.
    with appearing_whole(path) as part, open(part, "xb", opener=opener) as file:
        yield file


@contextlib.contextmanager
def appearing_whole(path: Path) -> Generator[Path]:
    """A hidden name to write under, that becomes `path` at a good end and goes at a bad one.

    Raises ConfigError when the folder, or the disk, does not take it.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield part
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: Path) -> Generator[None]:
    """Raise ConfigError, naming the file, for what the disk does not take."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{path.name} could not be written: {error.strerror or error}",
            details={"file": path.name},
        ) from error
