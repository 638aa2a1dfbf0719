"""A local Mixpanel over HTTP on DuckDB: the demo, an empty project, or a file of one's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .errors import SandboxError
from .serve import serve

if TYPE_CHECKING:
    from pathlib import Path

    from .identity import Model
    from .sandbox import Sandbox

__all__ = ["SandboxError", "open_sandbox", "serve"]

MOST_TOKEN_SECONDS = 365 * 86_400


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_sandbox(
    where: str,
    *,
    cache: "Path | None" = None,
    now: Callable[[], datetime] = _utc_now,
    timezone: str | None = None,
    identity: "Model | None" = None,
    session_minutes: int | None = None,
    token_seconds: int = 3600,
) -> "Sandbox":
    """Open the sandbox `demo`, `empty`, or the one in the file `where`.

    Args:
        where: `demo`, `empty` (in memory), or the path of a file that keeps everything.
        cache: folder for the demo's file; the user's cache folder by default.
        now: the clock; a time zone is required.
        timezone: of the project, an IANA name. A file keeps the last that was given; without any
            it is UTC.
        identity: by which rule ids are one person's: `simplified` or `original`. A file keeps
            its own; without one it is the simplified.
        session_minutes: how long a rest ends a session, kept as the time zone is; without any
            it is 30.
        token_seconds: how long the access token of a browser login is good.

    Raises:
        SandboxError: the file is damaged, foreign, of a newer version, open elsewhere, or of
            another rule of identity; or tokens would be good for less than a second or more than
            a year.
    """
    if not 1 <= token_seconds <= MOST_TOKEN_SECONDS:
        raise SandboxError(f"Tokens can be good for 1 to {MOST_TOKEN_SECONDS} seconds.")
    # The database library is only loaded by those who open a sandbox.
    from .sandbox import Sandbox

    return Sandbox(
        where,
        cache=cache,
        now=now,
        timezone=timezone,
        identity=identity,
        session_minutes=session_minutes,
        token_seconds=token_seconds,
    )
