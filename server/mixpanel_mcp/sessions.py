"""The session that calls run in: from the credentials in the environment, or on the sandbox."""

import asyncio
import logging
import os
import platform
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from mixpanel_mcp import __version__
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_core.slugs import new_slug

if TYPE_CHECKING:
    from mixpanel_mcp_core.auth.resolve import Scope
    from mixpanel_mcp_core.session import Session

log = logging.getLogger(__name__)

USER_AGENT = f"mixpanel-mcp/{__version__} (python/{platform.python_version()})"
SANDBOX = "sandbox"


class Sessions:
    """Opens what a session needs on the first call, and closes it at the end.

    With credentials in the environment they are used; without any, the sandbox, unless the
    settings say `--sandbox off`. `--sandbox demo|empty|PATH` asks for the sandbox whatever else
    is there.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str] | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        today: Callable[[], date] = date.today,
        slug: Callable[[], str] = new_slug,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._today = today
        self._slug = slug
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self._opening = asyncio.Lock()
        self._session: Session | None = None
        self._sandbox: Any = None

    async def current(self) -> "Session":
        """The session; ConfigError when there are no usable credentials."""
        async with self._opening:
            if self._session is None:
                self._session = await self._open()
            return self._session

    @property
    def note(self) -> str | None:
        """What the user of an open sandbox should know, e.g. that changes are not kept."""
        return self._sandbox.note if self._sandbox is not None else None

    async def close(self) -> None:
        """Close connections and the sandbox."""
        if self._session is not None:
            await self._session.http.close()
        if self._sandbox is not None:
            await asyncio.to_thread(self._sandbox.close)

    async def _open(self) -> "Session":
        from mixpanel_mcp_core.http import Http
        from mixpanel_mcp_core.session import Session

        scope, app = self._scope(), None
        if sandboxed := scope is None:
            scope, app = await self._open_sandbox()
        return Session(
            scope,
            Http(
                USER_AGENT,
                environ=self.environ,
                app=app,
                max_wait=self._settings.max_wait,
                sleep=self._sleep,
            ),
            {} if sandboxed else self.environ,
            sandbox=sandboxed,
            read_only=self._settings.read_only,
            files=self._settings.files,
            today=self._today,
            slug=self._slug,
        )

    def _scope(self) -> "Scope | None":
        """The scope of the credentials, or None where the sandbox is to answer."""
        from mixpanel_mcp_core.auth.resolve import resolve

        asked = self._settings.sandbox
        if asked not in (None, "off"):
            return None
        scope = resolve(self.environ)
        if scope is None and asked == "off":
            raise ConfigError(
                "There are no Mixpanel credentials and the sandbox is off. Set MP_USERNAME, "
                "MP_SECRET, MP_PROJECT_ID and MP_REGION, or start without --sandbox off."
            )
        return scope

    async def _open_sandbox(self) -> "tuple[Scope, Any]":
        from mixpanel_mcp_core.auth.accounts import ServiceAccount
        from mixpanel_mcp_core.auth.resolve import Scope

        where = self._settings.sandbox or "demo"
        self._sandbox = await asyncio.to_thread(_sandbox, where)
        if self._sandbox.note:
            log.warning(self._sandbox.note, extra={"sandbox": where})
        account = ServiceAccount(
            name=SANDBOX, region="us", username=SANDBOX, secret=SecretStr(SANDBOX)
        )
        return Scope(account, "1"), self._sandbox.app


def _sandbox(where: str) -> Any:
    from mixpanel_mcp_sandbox import SandboxError, open_sandbox

    try:
        return open_sandbox(where if where in ("demo", "empty") else str(Path(where)))
    except SandboxError as error:
        raise ConfigError(str(error), details={"sandbox": where}) from error


def on_sandbox(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether calls will be answered by the sandbox, without opening anything."""
    from mixpanel_mcp_core.auth.resolve import CREDENTIALS

    if settings.sandbox is not None:
        return settings.sandbox != "off"
    return not any(environ.get(name) for name in CREDENTIALS)
