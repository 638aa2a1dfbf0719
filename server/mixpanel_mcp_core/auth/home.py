"""The accounts of this machine, and where calls go now: what account operations run on."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from mixpanel_mcp_core.api import AppApi
from mixpanel_mcp_core.auth.accounts import Account, OAuthBrowser
from mixpanel_mcp_core.auth.bearer import Bearers
from mixpanel_mcp_core.auth.bridge import load_bridge
from mixpanel_mcp_core.auth.config import Config, read_config
from mixpanel_mcp_core.auth.locks import locked
from mixpanel_mcp_core.auth.oauth import LoginServer
from mixpanel_mcp_core.auth.places import Places
from mixpanel_mcp_core.auth.resolve import (
    Asked,
    Resolution,
    Sources,
    resolve,
    switched,
)
from mixpanel_mcp_core.auth.targeting import asked_by, refuse_pinned
from mixpanel_mcp_core.auth.tokens import Tokens, read_tokens, write_tokens
from mixpanel_mcp_core.caller import Authorize, Caller
from mixpanel_mcp_core.clock import utc_now
from mixpanel_mcp_core.errors import OAuthError
from mixpanel_mcp_core.guarded import Guarded, refuse
from mixpanel_mcp_core.http import Http
from mixpanel_mcp_core.regions import Region
from mixpanel_mcp_core.session import Opener, Report, nowhere, silent

log = logging.getLogger(__name__)


class Person(Protocol):
    """Whoever sits before this program, as far as it can be asked.

    `supplies` tells that a secret was announced, e.g. on standard input.
    """

    supplies: bool

    async def ask(self, what: str, *, secret: bool) -> str | None:
        """What was typed; None where nobody can be asked."""
        ...

    async def choose(self, what: str, options: Mapping[str, str]) -> str | None:
        """The key of the option that was chosen; None where nobody can be asked."""
        ...

    async def open(self, url: str) -> bool:
        """Open a page in the browser; False when there is none."""
        ...

    async def tell_page(self, url: str) -> bool:
        """Show the address of a page to open; False where nobody would see it."""
        ...

    async def paste(self) -> str | None:
        """A line that was pasted, waited for; None where nobody can be asked."""
        ...


class Nobody:
    """A server's person: out of reach but for the browser."""

    supplies = False

    async def ask(self, what: str, *, secret: bool) -> str | None:
        """Nobody answers."""
        return None

    async def choose(self, what: str, options: Mapping[str, str]) -> str | None:
        """Nobody chooses."""
        return None

    async def open(self, url: str) -> bool:
        """The browser of this machine."""
        from mixpanel_mcp_core.auth.browser import open_page

        return await open_page(url)

    async def tell_page(self, url: str) -> bool:
        """Nobody sees it but in the progress of the call."""
        return False

    async def paste(self) -> str | None:
        """Nobody pastes."""
        return None


@dataclass
class Network:
    """The connections: those of the APIs, and plain ones that say nothing of this program."""

    api: Http
    plain: Http

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(self.api.close(), self.plain.close())


@dataclass
class Now:
    """Where calls go until further notice, when a session was switched; and how many logins were.

    After a login an account may be somebody else's.
    """

    resolution: Resolution | None = None
    logins: int = 0


def _unlearned(secret: str) -> None:
    pass


@dataclass(frozen=True)
class Home:
    """Config file, tokens, bridge and environment of one user. Files are read anew at each use."""

    environ: Mapping[str, str]
    network: Network
    person: Person = field(default_factory=Nobody)
    cwd: Path = field(default_factory=Path.cwd)
    clock: Callable[[], datetime] = utc_now
    learn: Callable[[str], None] = _unlearned
    target: str | None = None
    current: Now = field(default_factory=Now)
    report: Report = silent
    session_of: Opener = nowhere

    @cached_property
    def places(self) -> Places:
        """Where the files lie."""
        return Places(self.environ, self.cwd)

    @cached_property
    def bearers(self) -> Bearers:
        """How accounts authorise their requests."""
        return Bearers(self.places, self.environ, self.login_server, self.clock, self.learn)

    def reporting(self, report: Report) -> "Home":
        """The same home, telling its progress to somebody else."""
        return replace(self, report=report)

    def opening(self, session_of: Opener) -> "Home":
        """The same home, from which the sessions of targets can be opened."""
        return replace(self, session_of=session_of)

    def login_server(self, region: Region) -> LoginServer:
        """The login server of a region."""
        return LoginServer(self.network.plain, region, self.environ, self.clock)

    def config(self) -> Config:
        """The config file."""
        return read_config(self.places)

    def sources(self) -> Sources:
        """Everything that may say which account, project or workspace is meant."""
        bridge = load_bridge(self.places)
        path, loaded = bridge or (None, None)
        sources = Sources(self.environ, self.config(), loaded, path)
        for _, value in sources.headers:
            self.learn(value)
        return sources

    def authorize(self, account: Account) -> Authorize:
        """How an account authorises each of its requests."""
        return lambda: self.bearers.authorization(account)

    def app(self, account: str, region: Region, authorize: Authorize) -> AppApi:
        """The App API, for what belongs to no project."""
        headers = self.sources().headers
        return AppApi(
            Caller(
                Guarded(self.network.api, refuse),
                account,
                region,
                authorize,
                self.environ,
                headers=headers,
            )
        )

    def bring_tokens(self, sources: Sources) -> None:
        """Lay the tokens that a bridge carries where the account keeps its own.

        Newer ones that were renewed here since stay: the server may take the old ones no more.
        """
        bridge = sources.bridge
        if bridge is None or bridge.tokens is None or not isinstance(bridge.account, OAuthBrowser):
            return
        name, carried = bridge.account.name, bridge.tokens.tokens()
        for secret in carried.secrets():
            self.learn(secret)
        if not self._older(name, carried):
            return
        path = self.places.tokens(name)
        with locked(path.parent):
            # Another process may have renewed them, or laid them, meanwhile.
            if self._older(name, carried):
                log.info("the bridge's tokens are laid out", extra={"account": name})
                write_tokens(path, carried, name)

    def _older(self, account: str, carried: Tokens) -> bool:
        """Whether the account has no usable tokens, or some that run out before these."""
        try:
            return read_tokens(self.places, account).expires_at < carried.expires_at
        except OAuthError:
            return True

    def resolve(self, asked: Asked, sources: Sources | None = None) -> Resolution:
        """What is asked for, whatever the session was switched to."""
        return resolve(sources or self.sources(), asked)

    async def close(self) -> None:
        """Let renewals end, and close all connections."""
        await self.bearers.settle()
        await self.network.close()

    def here(self, sources: Sources) -> Resolution:
        """Where calls go now: where the session was switched to, else this program's target."""
        if self.current.resolution is None and self.target is not None:
            return self.toward(self.target, sources)
        return self._untargeted(sources)

    def _untargeted(self, sources: Sources) -> Resolution:
        return self.current.resolution or resolve(sources)

    def toward(self, target: str, sources: Sources) -> Resolution:
        """Where one call goes: a saved target, an account, or `account/project[/workspace]`.

        An empty part is where calls go now. Raises ConfigError for what cannot be, and where the
        environment would send the call somewhere else.
        """
        asked = asked_by(target, sources.config)
        refuse_pinned(asked, sources)
        if asked.target is None and asked.account is None:
            here = self._untargeted(sources) if target == self.target else self.here(sources)
            return switched(here, sources, asked)
        return resolve(sources, asked)
