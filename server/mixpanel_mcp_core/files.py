"""Files that an operation may write: inside one folder, and whole or not at all."""

import contextlib
import os
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from mixpanel_mcp_core.errors import NotPermittedError


def allowed(folder: Path | None, name: str) -> Path:
    """The path of `name` inside the folder.

    Raises NotPermittedError when there is no folder or the name leads out of it.
    """
    if folder is None:
        raise NotPermittedError(
            "This server may not write files. Start it with --files FOLDER to allow one folder."
        )
    root = folder.resolve()
    path = (root / name).resolve()
    if path == root or not path.is_relative_to(root):
        raise NotPermittedError(
            f"{name!r} is outside the folder that this server may write to; give a plain name.",
            details={"field": "output_file"},
        )
    return path


@contextlib.contextmanager
def written_whole(path: Path) -> Generator[BinaryIO]:
    """A file that appears under its name only when everything was written to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
