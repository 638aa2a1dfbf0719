"""Clients and sessions of the core, their waits noted instead of slept."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from mixpanel_mcp_core.auth.accounts import ServiceAccount, basic
from mixpanel_mcp_core.auth.resolve import Scope
from mixpanel_mcp_core.http import Http
from mixpanel_mcp_core.session import Session

AUTHORIZATION = basic("sa.user", "hunter2")
ACCOUNT = ServiceAccount(name="team", region="us", username="sa.user", secret=SecretStr("hunter2"))


async def authorize() -> str:
    """The account's header."""
    return AUTHORIZATION


@dataclass
class Clock:
    """The waits that a client asked for."""

    slept: list[float] = field(default_factory=list[float])

    async def sleep(self, seconds: float) -> None:
        """Note the wait, and let everything else go on."""
        self.slept.append(seconds)


@asynccontextmanager
async def client(
    environ: Mapping[str, str] | None = None, clock: Clock | None = None, **options: Any
) -> AsyncGenerator[Http]:
    """A client without jitter, closed at the end."""
    options.setdefault("jitter", lambda: 0.0)
    http = Http("tests/1", environ=environ or {}, sleep=(clock or Clock()).sleep, **options)
    try:
        yield http
    finally:
        await http.close()


@asynccontextmanager
async def session(url: str, clock: Clock | None = None, **options: Any) -> AsyncGenerator[Session]:
    """A session of project 12345, every API moved to `url`."""
    environ = {"MP_API_BASE_URL": url}
    async with client(environ, clock, **options) as http:
        yield Session(Scope(ACCOUNT, "12345"), http, authorize, environ)
