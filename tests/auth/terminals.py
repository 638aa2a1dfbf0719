"""The command line as a person types it: with pipes, or at a terminal of its own."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from processes import environment, warm

_BROWSER = Path(__file__).with_name("scripted_browser.py")
_LONGEST = 10


def browser(decision: str) -> dict[str, str]:
    """The variable by which a program finds the browser, whose person decides so."""
    return {"BROWSER": f"{sys.executable} {_BROWSER} {decision} %s &"}


@dataclass(frozen=True)
class Machine:
    """A home, and a Mixpanel that its programs reach."""

    home: Path
    url: str
    extra: dict[str, str] = field(default_factory=dict[str, str])

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a program that runs here."""
        given = {"HOME": str(self.home), "MP_API_BASE_URL": self.url, **self.extra, **(more or {})}
        return environment(given)

    def typed(
        self, *words: str, stdin: bytes | None = None, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What a command prints and how it ends; never a traceback."""
        done = subprocess.run(
            [*warm(), *words],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            env=self.environ(environ),
            cwd=self.home,
            capture_output=True,
            timeout=60,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def good(self, *words: str, environ: Mapping[str, str] | None = None) -> str:
        """What a command prints that goes well."""
        done = self.typed(*words, environ=environ)
        assert done.returncode == 0, done.stderr
        return done.stdout


@dataclass
class AtTerminal:
    """A program at a terminal: what it shows, and the keys that are pressed."""

    process: subprocess.Popen[bytes]
    screen: int
    shown: str = ""

    def until(self, text: str) -> str:
        """Wait until the text is shown; all that was shown so far."""
        end = time.monotonic() + _LONGEST
        while text not in self.shown:
            assert select.select([self.screen], [], [], end - time.monotonic())[0], self.shown
            self.shown += os.read(self.screen, 65536).decode()
        return self.shown

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.screen, keys.encode())

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.screen)[3] & termios.ECHO)

    def end(self) -> tuple[int, str]:
        """Exit status, and what was shown and printed until then."""
        assert self.process.stdout is not None
        status = self.process.wait(_LONGEST)
        printed = self.process.stdout.read().decode()
        while select.select([self.screen], [], [], 0)[0]:
            self.shown += os.read(self.screen, 65536).decode()
        return status, self.shown + printed


@contextmanager
def at_terminal(machine: Machine, words: Sequence[str]) -> Generator[AtTerminal]:
    """Start a command at a terminal that it controls; standard output is read apart."""
    screen, inside = pty.openpty()
    with subprocess.Popen(
        [*warm(), *words],
        stdin=inside,
        stderr=inside,
        stdout=subprocess.PIPE,
        env=machine.environ(),
        cwd=machine.home,
    ) as process:
        try:
            yield AtTerminal(process, screen)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            os.close(inside)
            os.close(screen)
