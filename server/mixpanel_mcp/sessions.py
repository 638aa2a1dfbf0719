"""The sessions that calls run in: on the accounts of this machine, or on the sandbox."""

import asyncio
import contextlib
import hashlib
import logging
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixpanel_mcp import __version__
from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.clock import utc_now
from mixpanel_mcp_core.errors import ConfigError, MixpanelError
from mixpanel_mcp_core.slugs import new_slug

if TYPE_CHECKING:
    from mixpanel_mcp_core.auth.accounts import Account
    from mixpanel_mcp_core.auth.config import Config
    from mixpanel_mcp_core.auth.home import Home, Network, Person
    from mixpanel_mcp_core.auth.places import Places
    from mixpanel_mcp_core.auth.resolve import Resolution, Scope
    from mixpanel_mcp_core.caller import Authorize
    from mixpanel_mcp_core.ledger import Ledger
    from mixpanel_mcp_core.session import Session
    from mixpanel_mcp_sandbox.sandbox import Sandbox

log = logging.getLogger(__name__)

USER_AGENT = f"mixpanel-mcp/{__version__} (python/{platform.python_version()})"
SANDBOX = "sandbox"
# What the environment keeps all callers of a server to.
_PINNING = (
    *("MP_USERNAME", "MP_SECRET", "MP_OAUTH_TOKEN"),
    *("MP_PROJECT_ID", "MP_REGION", "MP_WORKSPACE_ID"),
)
_SANDBOX_CONFIG = f"""\
[active]
account = "{SANDBOX}"

[accounts.{SANDBOX}]
type = "service_account"
region = "us"
default_project = "1"
username = "{SANDBOX}"
secret = "{SANDBOX}"
"""


def _unlearned(secret: str) -> None:
    pass


class Sessions:
    """Opens what sessions need on the first call, and closes it at the end.

    With credentials anywhere they are used; without any, the sandbox, unless the settings say
    `--sandbox off`. `--sandbox demo|empty|PATH` asks for the sandbox whatever else is there: then
    accounts and targets are its own, in a folder that goes at the end. The journal of changes is
    kept as long as they are.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str] | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        today: Callable[[], date] = date.today,
        clock: Callable[[], datetime] = utc_now,
        slug: Callable[[], str] = new_slug,
        person: "Person | None" = None,
        open_sandbox: "Callable[[str], Sandbox] | None" = None,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._today = today
        self._clock = clock
        self._slug = slug
        self._person = person
        self._sandbox_opener = open_sandbox or _sandbox
        self.learn: Callable[[str], None] = _unlearned
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self._opening = asyncio.Lock()
        self._open = contextlib.AsyncExitStack()
        self._home: Home | None = None
        self._sandbox: Sandbox | None = None
        self._sandbox_home: Home | None = None
        self._sandbox_changes: Places | None = None
        self._counts: Ledger | None = None
        self._sessions: dict[tuple[bool, Scope], Session] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._known_at: tuple[Resolution | None, int] = (None, 0)

    async def home(self) -> "Home":
        """The accounts of this machine, or the sandbox's own where it was asked for."""
        if self._settings.sandbox not in (None, "off"):
            return await self._on_sandbox()
        async with self._opening:
            if self._home is None:
                self._home = self._new_home(self.environ, None)
                self._open.push_async_callback(self._home.close)
            return self._home

    async def session(self, target: str | None = None) -> "Session":
        """The session of now, or the one that `target` names.

        Raises ConfigError when there are no usable credentials, or no such target.
        """
        home = await self.home()
        sources = home.sources()
        if _names_sandbox(target, sources.config) or not (
            sources.configured or home.current.resolution
        ):
            self._refuse_without_sandbox()
            home = await self._on_sandbox()
            sources = home.sources()
        home.bring_tokens(sources)
        if target is None or (target == SANDBOX and home is self._sandbox_home):
            found = home.here(sources)
        else:
            found = home.toward(target, sources)
        return self._session(home, found.scope)

    def owner(self, source: Mapping[str, Any] | None) -> str:
        """A digest of who can ask again for what came from a source, or from several for None.

        Callers over HTTP are told apart by their token, and by the accounts that they ask with.
        Where there is no such account, or where it may not be asked, it is nobody's.
        """
        sandboxed = self._home is None or (source is not None and source["sandbox"])
        home = self._sandbox_home if sandboxed else self._home
        if home is None:
            return new_slug()
        from mixpanel_mcp_core.auth.accounts import record_of

        token = self._settings.http_token
        whose = [str(home.places.config), str(home.places.root)]
        whose.append(token.get_secret_value() if token else "")
        whose += [home.environ.get(name, "") for name in _PINNING]
        if source is not None:
            try:
                scope = home.toward(_place(source), home.sources()).scope
            except MixpanelError:
                return new_slug()
            whose += map(repr, (record_of(scope.account), scope.project_id, scope.workspace_id))
        return hashlib.sha256("\0".join(whose).encode()).hexdigest()

    @property
    def note(self) -> str | None:
        """What the user of an open sandbox should know, e.g. that changes are not kept."""
        return self._sandbox.note if self._sandbox is not None else None

    @property
    def working(self) -> bool:
        """Whether anything goes on beyond the call that began it."""
        return bool(self._working)

    async def finish(self) -> None:
        """Wait for what goes on beyond the call that began it."""
        await asyncio.gather(*self._working)

    async def close(self) -> None:
        """Stop what still goes on; close connections and the sandbox."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await self._open.aclose()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _session(self, home: "Home", scope: "Scope") -> "Session":
        from mixpanel_mcp_core.journal import Journal
        from mixpanel_mcp_core.session import Session

        now = (home.current.resolution, home.current.logins)
        if now != self._known_at:
            # What was answered before a switch or login may be seen otherwise after it.
            self._sessions.clear()
            self._known_at = now
        sandboxed = home is self._sandbox_home
        if (sandboxed, scope) not in self._sessions:
            self._sessions[sandboxed, scope] = Session(
                scope,
                home.network.api,
                home.authorize(scope.account),
                {} if sandboxed else self.environ,
                sandbox=sandboxed,
                read_only=self._settings.read_only,
                lookups=self._settings.lookups,
                files=self._settings.files,
                places=None if sandboxed else home.places,
                journal=Journal(
                    ((sandboxed and self._sandbox_changes) or home.places).changes(
                        scope.account.name, scope.account.region, scope.project_id
                    )
                ),
                bearer=_bearer(home.authorize(scope.account), scope.account, sandboxed),
                spawn=self._spawn,
                ledger=None if sandboxed else self._ledger(home),
                today=self._today,
                now=self._clock,
                slug=self._slug,
            )
        return self._sessions[sandboxed, scope]

    def _ledger(self, home: "Home") -> "Ledger | None":
        from mixpanel_mcp_core.counts import Files
        from mixpanel_mcp_core.ledger import Ledger

        mode, places = self._settings.ledger, home.places
        if self._counts is None and mode != "off":
            files = Files(places.limits, places.home)
            self._counts = Ledger(files, everywhere=mode == "always")
        return self._counts

    def _new_home(self, environ: Mapping[str, str], app: Any) -> "Home":
        from mixpanel_mcp_core.auth.home import Home, Nobody

        return Home(
            environ,
            self._network(environ, app),
            self._person or Nobody(),
            clock=self._clock,
            learn=self.learn,
            target=None if app else self._settings.target,
        )

    def _network(self, environ: Mapping[str, str], app: Any) -> "Network":
        from mixpanel_mcp_core.auth.home import Network
        from mixpanel_mcp_core.http import Http

        api, plain = (
            Http(
                agent,
                environ=environ,
                app=app,
                max_wait=self._settings.max_wait,
                sleep=self._sleep,
            )
            for agent in (USER_AGENT, None)
        )
        return Network(api, plain)

    async def _on_sandbox(self) -> "Home":
        async with self._opening:
            if self._sandbox_home is None:
                self._sandbox_home = await self._open_sandbox()
            return self._sandbox_home

    async def _open_sandbox(self) -> "Home":
        where = self._settings.sandbox or "demo"
        where = "demo" if where == "off" else where
        self._sandbox = await asyncio.to_thread(self._sandbox_opener, where)
        self._open.push_async_callback(asyncio.to_thread, self._sandbox.close)
        if self._sandbox.note:
            log.warning(self._sandbox.note, extra={"sandbox": where})
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="mixpanel-mcp-"))
        config = Path(folder) / ".mp" / "config.toml"
        config.parent.mkdir(0o700)
        config.touch(0o600)
        config.write_text(_SANDBOX_CONFIG, encoding="utf-8")
        self._sandbox_changes = await asyncio.to_thread(_kept_with, self._sandbox)
        home = self._new_home({"HOME": folder}, self._sandbox.app)
        self._open.push_async_callback(home.close)
        return home

    def _refuse_without_sandbox(self) -> None:
        if self._settings.sandbox == "off":
            raise ConfigError(
                "The sandbox is off, and there are no Mixpanel credentials to answer with. Log in "
                "with `mixpanel-mcp login`, or set MP_USERNAME, MP_SECRET, MP_PROJECT_ID and "
                "MP_REGION, or start without --sandbox off."
            )


def _bearer(authorize: "Authorize", account: "Account", sandboxed: bool) -> "Authorize | None":
    """How an account authorises what takes no service account; the sandbox's own has a bearer."""
    if account.type != "service_account":
        return authorize
    return _sandbox_bearer if sandboxed and account.name == SANDBOX else None


def _place(source: Mapping[str, Any]) -> str:
    """Where an answer came from, as a `target` asks for it."""
    return "/".join(str(source[part] or "") for part in ("account", "project", "workspace"))


async def _sandbox_bearer() -> str:
    return f"Bearer {SANDBOX}"


def _kept_with(sandbox: "Sandbox") -> "Places | None":
    """Where the journal lies of changes that a file keeps; None where it goes at the end."""
    from mixpanel_mcp_core.auth.places import Places
    from mixpanel_mcp_core.auth.private_files import Unsafe, private_folder
    from mixpanel_mcp_sandbox.cache import user_cache
    from mixpanel_mcp_sandbox.kept_file import kept_file

    file = kept_file(sandbox.store)
    if file is None:
        return None
    root = user_cache() / "sandboxes" / file
    try:
        private_folder(root)
    except Unsafe as error:
        log.warning("the journal of changes is not kept", extra={"reason": str(error)})
        return None
    return Places({"MP_STORAGE_DIR": str(root)}, root)


def _names_sandbox(target: str | None, config: "Config") -> bool:
    """Whether a target is the sandbox, and not something of that name in the config file."""
    name = (target or "").partition("/")[0]
    return name == SANDBOX and name not in (*config.account_names, *config.target_names)


def _sandbox(where: str) -> "Sandbox":
    from mixpanel_mcp_sandbox import SandboxError, open_sandbox

    try:
        return open_sandbox(where if where in ("demo", "empty") else str(Path(where)))
    except SandboxError as error:
        raise ConfigError(str(error), details={"sandbox": where}) from error


def on_sandbox(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether calls will be answered by the sandbox, without opening anything."""
    from mixpanel_mcp_core.auth.presence import credentials_anywhere

    if settings.sandbox is not None:
        return settings.sandbox != "off"
    return not credentials_anywhere(environ)
