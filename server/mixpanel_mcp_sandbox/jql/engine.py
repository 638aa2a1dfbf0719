"""A script in a process of its own: nothing that it does can keep or harm the sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

from mixpanel_mcp_sandbox.errors import Refusal

from .failures import failed, refused

RUNNER = Path(__file__).parent / "runner.py"
# Mixpanel gives scripts two minutes.
SECONDS = 60
MEGABYTES = 256
# Without this variable no program starts on Windows.
NEEDED = ("SYSTEMROOT",)


class Script:
    """A running script that is asked line by line.

    Attributes:
        text: the script.
        late: whether its time was over.
    """

    def __init__(self, text: str, process: subprocess.Popen[bytes]):
        self.text = text
        self.late = False
        self._process = process

    def start(self, params: str) -> str:
        """Run main() and return the source that it wants, as JSON."""
        return self._asked(json.dumps({"script": self.text, "params": params}))

    def feed(self, part: str) -> str:
        """Give the script a part of its source, a JSON array, and return the rows it made of it."""
        return self._asked(part)

    def finish(self) -> str:
        """Return the rows that only the end of the source makes."""
        return self._asked("")

    def end(self) -> None:
        """End the script because its time is over."""
        self.late = True
        self._process.kill()

    def _asked(self, line: str) -> str:
        """Raises Refusal (412) when the script failed, took too long, or broke the engine."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # A process that is gone reads nothing, and has no answer.
        with suppress(OSError):
            self._process.stdin.write(line.encode(errors="replace") + b"\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline().decode()
        if self.late:
            raise refused(f"The script took longer than {SECONDS} seconds.")
        if not answer:
            raise refused("The script broke the JavaScript engine.")
        if answer[0] == "!":
            raise failed(json.loads(answer[1:]), self.text, MEGABYTES)
        return answer[1:-1]


@contextmanager
def running(text: str) -> Generator[Script]:
    """Give the script in a process that is gone afterwards; 501 where there is no engine."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(RUNNER), _packages(), str(MEGABYTES), str(SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in NEEDED if name in os.environ},
    )
    script = Script(text, process)
    timer = Timer(SECONDS, script.end)
    timer.start()
    try:
        yield script
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


def _packages() -> str:
    """The folder of the engine's package."""
    spec = find_spec("quickjs")
    if spec is None or spec.origin is None:
        raise Refusal(
            501,
            "This sandbox does not run JQL: its JavaScript engine, the package quickjs-ng, is not "
            "installed, or has no build for this machine.",
        )
    return str(Path(spec.origin).parent.parent)
