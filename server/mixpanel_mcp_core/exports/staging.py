"""What an unfinished export has fetched: kept beside its target until the file is whole."""

import contextlib
import hashlib
import secrets
import shutil
from collections.abc import Generator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from mixpanel_mcp_core.auth.locks import held
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.exports.plan import Stretch
from mixpanel_mcp_core.exports.target import Target
from mixpanel_mcp_core.files import appearing_whole, writing
from mixpanel_mcp_core.session import Session

_MANIFEST = "manifest.json"
# Late events still arrive for days that are over: what was fetched long ago is asked for again.
_FRESH = timedelta(days=1)


class Fetched(BaseModel):
    """A stretch whose events are all in the staging folder, in `file` of `size` bytes.

    `kinds` are those of its properties, for a target with columns.
    """

    file: str
    size: int
    events: int
    skipped: int
    at: datetime
    kinds: dict[str, int] = {}


class Manifest(BaseModel):
    """The stretches that are fetched, by name, of the export that `digest` stands for."""

    digest: str
    done: dict[str, Fetched] = {}


class Staging:
    """The hidden folder of one export, held by this process."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.done = manifest.done
        self.resumed = tuple(manifest.done)
        self._digest = manifest.digest

    def new_file(self) -> Path:
        """A name for a part that is yet to be fetched."""
        return self.folder / f"{secrets.token_hex(8)}.part"

    def add(self, stretch: Stretch, fetched: Fetched) -> None:
        """Note that a stretch is fetched, for this call or the next."""
        self.done[stretch.name] = fetched
        self._save()

    def file(self, stretch: Stretch) -> Path:
        """The file of a stretch that is fetched."""
        return self.folder / self.done[stretch.name].file

    def _save(self) -> None:
        manifest = Manifest(digest=self._digest, done=self.done)
        with appearing_whole(self.folder / _MANIFEST) as part:
            part.write_bytes(manifest.model_dump_json().encode())

    def sweep(self) -> None:
        """Remove what belongs to no stretch: files that a killed process was writing."""
        known = {each.file for each in self.done.values()} | {_MANIFEST}
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in known:
                path.unlink()


@contextlib.contextmanager
def staged(target: Target, digest: str) -> Generator[Staging]:
    """The staging folder of a target, with what may be kept of an earlier call.

    It goes at a good end, and at a bad one where nothing is worth keeping.

    Raises ConfigError while another export writes to the same target.
    """
    folder = target.staging
    with writing(target.path):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with held(folder) as alone:
        if not alone:
            raise ConfigError(
                f"{target.path.name} is being written by another export. Wait for it, cancel it, "
                "or choose another output_file.",
                details={"file": target.path.name},
            )
        with writing(target.path):
            staging = Staging(folder, _kept(folder, digest))
            staging.sweep()
        kept = False
        try:
            yield staging
        except BaseException:
            kept = bool(staging.done)
            raise
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)


def discard(target: Target) -> None:
    """Throw away what is kept for a target, unless an export is at it."""
    with held(target.staging) as alone:
        if alone:
            shutil.rmtree(target.staging, ignore_errors=True)


def _kept(folder: Path, digest: str) -> Manifest:
    """The manifest of an earlier call, if it was the same export and not long ago."""
    try:
        manifest = Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
    except (FileNotFoundError, ValidationError):
        return Manifest(digest=digest)
    if manifest.digest != digest:
        return Manifest(digest=digest)
    kept = {name: each for name, each in manifest.done.items() if _usable(folder, name, each)}
    return Manifest(digest=digest, done=kept)


def _usable(folder: Path, name: str, fetched: Fetched) -> bool:
    """Whether a stretch is there, is recent, and its days were over when it was fetched."""
    path = folder / fetched.file
    first, _, last = name.partition("..")
    stretch = Stretch(date.fromisoformat(first), date.fromisoformat(last or first))
    return (
        path.is_file()
        and path.stat().st_size == fetched.size
        and datetime.now(UTC) - fetched.at < _FRESH
        and stretch.over_on(fetched.at.date())
    )


def digest_of(what: Mapping[str, Any]) -> str:
    """What an export is told apart by: who asks for what."""
    return hashlib.sha256(orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()


def owner_of(session: Session) -> dict[str, Any]:
    """Whose events they are; a workspace makes no difference to them."""
    return {key: value for key, value in session.source().items() if key != "workspace"}
