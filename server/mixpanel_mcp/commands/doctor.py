"""`mixpanel-mcp doctor`: what a server started here would find, said plainly."""

import argparse
import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from mixpanel_mcp import __version__
from mixpanel_mcp.app import catalogue_of
from mixpanel_mcp.arguments import settings_of
from mixpanel_mcp.commands.tools import weight
from mixpanel_mcp.listing import Listing, tools_of
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp.sessions import Sessions
from mixpanel_mcp.settings import Settings
from mixpanel_mcp.snippets import snippets
from mixpanel_mcp_core.auth.explaining import explained
from mixpanel_mcp_core.auth.presence import credentials_on_file
from mixpanel_mcp_core.errors import MixpanelError

_MOST_SKEW_SECONDS = 60
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class Finding(NamedTuple):
    """One line of the report; what is not good has a remedy in its text."""

    good: bool
    topic: str
    text: str


def run(options: argparse.Namespace) -> int:
    """Print every finding and a snippet for each client; exit status 1 if something is wrong."""
    settings = settings_of(options)
    findings = asyncio.run(examine(settings, os.environ))
    for finding in findings:
        print(f"{'ok  ' if finding.good else 'FAIL'}  {finding.topic:<12} {finding.text}")
    for client, text in snippets(credentials=not credentials_on_file(os.environ)).items():
        print(f"\n{client}\n{text}")
    return 0 if all(finding.good for finding in findings) else 1


async def examine(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """All findings, none of which shows a secret."""
    masker = Masker(environ)
    findings = [
        Finding(True, "version", f"mixpanel-mcp {__version__}, Python {platform.python_version()}"),
        *_network(environ, masker),
        _listed(settings),
    ]
    sessions = Sessions(settings, environ)
    sessions.learn = masker.learn
    try:
        findings += await _origins(sessions, masker)
        findings += [await check for check in _reached(sessions, masker)]
    finally:
        await sessions.close()
    return findings


def _network(environ: Mapping[str, str], masker: Masker) -> Iterator[Finding]:
    for topic, names in (("proxy", _PROXIES), ("certificates", _BUNDLES)):
        told = [f"{name}={masker.text(environ[name])}" for name in names if environ.get(name)]
        default = "none" if topic == "proxy" else "the system's trust store"
        yield Finding(True, topic, ", ".join(told) or default)
    for name in ("MP_API_BASE_URL", "MP_APP_BASE_URL"):
        if environ.get(name):
            yield Finding(True, "moved", f"{name}={environ[name]}")


def _listed(settings: Settings) -> Finding:
    listing = Listing(settings)
    try:
        tools = [each.tool for each in tools_of(listing)] + catalogue_of(listing)
    except MixpanelError as error:
        return Finding(False, "tools", error.message)
    total = sum(map(weight, tools))
    reach = len(listing.reachable)
    return Finding(True, "tools", f"{len(tools)} listed ({total:,} tokens), {reach} reachable")


def _reached(sessions: Sessions, masker: Masker) -> Iterator[Awaitable[Finding]]:
    yield _checked("calls go to", _account, sessions, masker)
    yield _checked("reachable", _answer, sessions, masker)
    yield _checked("clock", _clock, sessions, masker)


async def _checked(
    topic: str,
    check: Callable[[Sessions], Awaitable[tuple[bool, str]]],
    sessions: Sessions,
    masker: Masker,
) -> Finding:
    try:
        good, text = await check(sessions)
    except MixpanelError as error:
        return Finding(False, topic, masker.text(error.message))
    return Finding(good, topic, text)


async def _origins(sessions: Sessions, masker: Masker) -> list[Finding]:
    """Which source each part of the session comes from."""
    try:
        home = await sessions.home()
        parts = explained(home)
    except MixpanelError as error:
        return [Finding(False, "session", masker.text(error.message))]
    return [Finding(True, each.part, f"{each.value} ({each.source})") for each in parts]


async def _account(sessions: Sessions) -> tuple[bool, str]:
    source = (await sessions.session()).source()
    where = " (the sandbox: no credentials are used)" if source["sandbox"] else ""
    where += f" {sessions.note}" if sessions.note else ""
    project = source["project"]
    told = f"{source['account']}, project {project or 'none'}, {source['region']}{where}"
    if project is None:
        return False, told + "; choose one: mixpanel-mcp session use --project ID"
    return True, told


async def _answer(sessions: Sessions) -> tuple[bool, str]:
    session = await sessions.session()
    started = datetime.now(UTC)
    me = await session.app.me()
    took = (datetime.now(UTC) - started).total_seconds() * 1000
    who = me.get("user_email") or me.get("user_name") if isinstance(me, dict) else None
    return True, f"Mixpanel answered {who or 'the account'} in {took:.0f} ms"


async def _clock(sessions: Sessions) -> tuple[bool, str]:
    session = await sessions.session()
    told = (await session.app.headers()).get("date")
    if session.sandbox or told is None:
        return True, datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    skew = abs((datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds())
    text = f"{skew:.0f} seconds off Mixpanel's"
    if skew > _MOST_SKEW_SECONDS:
        return False, text + "; set this machine's clock, or imports and tokens may be refused"
    return True, text
