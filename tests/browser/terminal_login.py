"""`mixpanel-mcp login --no-browser` in a process of its own, as somebody types it."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from urllib.parse import parse_qs, urlsplit

from processes import COMMAND, environment
from served import Served


@dataclass
class Login:
    """A login that waits for a browser: what it printed so far, and the address to open."""

    process: subprocess.Popen[str]
    told: str
    url: str

    @property
    def back(self) -> str:
        """The address that the browser is sent back to."""
        return parse_qs(urlsplit(self.url).query)["redirect_uri"][0]

    def ended(self, pasted: str | None = None) -> tuple[int, str, str]:
        """The exit status, the answer, and what was printed for the person since."""
        answer, told = self.process.communicate(pasted, timeout=30)
        return self.process.returncode, answer, told


@contextmanager
def logging_in(sandbox: Served, home: Path) -> Generator[Login]:
    """A login at the sandbox by somebody who has no account yet."""
    env = environment({"HOME": str(home), "MP_API_BASE_URL": sandbox.at("{host}")})
    with subprocess.Popen(
        [*COMMAND, "login", "--no-browser", "--format", "json"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            told = _until_pasting(cast("IO[str]", process.stderr))
            url = next(line.strip() for line in told.splitlines() if line.startswith("  http"))
            yield Login(process, told, url)
        finally:
            process.kill()


def _until_pasting(stream: IO[str]) -> str:
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if line.endswith("press Enter:\n"):
            break
    return "".join(lines)
