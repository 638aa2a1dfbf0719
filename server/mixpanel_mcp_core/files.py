"""Files that an operation may write: inside one folder, and whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from mixpanel_mcp_core.errors import ConfigError, NotPermittedError


def allowed(folder: Path | None, name: str) -> Path:
    """The path of `name` inside the folder.

    Raises NotPermittedError when there is no folder, when the name leads out of it, or when it is
    no name of a file.
    """
    if folder is None:
        raise NotPermittedError(
            "This server may not write files. Start it with --files FOLDER to allow one folder."
        )
    root = folder.resolve()
    path = _resolved(root / name)
    if path is None or os.path.isdir(path) or not path.is_relative_to(root):
        raise NotPermittedError(
            f"{name!r} is no file in the folder that this server may write to; give a plain name.",
            details={"field": "output_file"},
        )
    return path


def _resolved(path: Path) -> Path | None:
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        # A NUL, or half of a surrogate pair.
        return None


@contextlib.contextmanager
def written_whole(path: Path) -> Generator[BinaryIO]:
    """A file that appears under its name only when everything was written to it.

    Raises ConfigError when the folder, or the disk, does not take it.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Exclusive, so that nothing laid out under this name beforehand is followed or shared.
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path.name} could not be written: {error.strerror or error}",
            details={"file": path.name},
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
