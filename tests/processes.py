"""The server as its users start it: a process of its own, and real clients connected to it."""

import asyncio
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from mcp import Client, StdioServerParameters
from mcp.client.session import ElicitationFnT

Mode = Literal["legacy", "auto"]

# As its users start it. The tests whose point is something else take `warm()`.
COMMAND = [sys.executable, "-m", "mixpanel_mcp"]
_HERE = Path(__file__).parent
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME", "VIRTUAL_ENV", "SSL_CERT_FILE")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process needs to run, without any credentials that this machine may hold.

    A home of its own in `extra` is looked into; the one of this machine is not.
    """
    own = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    elsewhere = {} if "HOME" in (extra or {}) else away()
    return {**own, "PYTHONPATH": os.pathsep.join(sys.path), **elsewhere, **(extra or {})}


@cache
def _empty_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="no-accounts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def away() -> dict[str, str]:
    """The variables that lead to no accounts at all."""
    folder = _empty_folder()
    return {
        "MP_CONFIG_PATH": str(folder / "config.toml"),
        "MP_STORAGE_DIR": str(folder),
        "MP_AUTH_FILE": str(folder / "auth.json"),
    }


@cache
def warm() -> list[str]:
    """What runs like `COMMAND`, in a process that need not load the libraries first."""
    process = subprocess.Popen(
        [sys.executable, _HERE / "warm_process.py"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    return [sys.executable, "-IS", str(_HERE / "warm_start.py"), address]


@asynccontextmanager
async def over_stdio(
    arguments: Sequence[str],
    *,
    mode: Mode = "auto",
    env: Mapping[str, str] | None = None,
    elicitation_callback: ElicitationFnT | None = None,
) -> AsyncGenerator[Client]:
    """A client of a server process, connected over its standard input and output."""
    server = StdioServerParameters(
        command=warm()[0], args=[*warm()[1:], "serve", *arguments], env=environment(env)
    )
    async with Client(server, mode=mode, elicitation_callback=elicitation_callback) as client:
        yield client


@asynccontextmanager
async def http_server(
    arguments: Sequence[str], env: Mapping[str, str] | None = None
) -> AsyncGenerator[str]:
    """The URL of a server process that serves HTTP on a free port."""
    process = await asyncio.create_subprocess_exec(
        *warm(),
        "serve",
        "--transport",
        "http",
        "--port",
        "0",
        *arguments,
        env=environment(env),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stderr.readline(), 30)).decode()
        assert "serves http" in line, line
        yield line.split()[-1].strip()
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.communicate(), 10)


@asynccontextmanager
async def over_http(
    arguments: Sequence[str], *, mode: Mode = "auto", env: Mapping[str, str] | None = None
) -> AsyncGenerator[Client]:
    """A client of a server process, connected over Streamable HTTP."""
    async with http_server(arguments, env) as url, Client(url, mode=mode) as client:
        yield client
