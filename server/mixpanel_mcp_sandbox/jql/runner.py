"""The process in which a script runs: it reads lines of JSON and answers each with a line.

First comes the script, answered by the source that it wants; then parts of the source, each
answered by the rows that came out of it; last an empty line, answered by the rows that are left.
An answer begins with + or, if the script failed, with an exclamation mark.

It is started as a file, with nothing but the standard library and the engine in reach.
"""

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "library"
# Places in the library begin at this line, so that an error tells them from those of the script.
LIBRARY_LINE = 100_000


class Runner:
    """A context with the library and one script in it."""

    def __init__(self, megabytes: int, seconds: int):
        import quickjs  # pyright: ignore[reportMissingTypeStubs]

        self.failures: Any = quickjs.JSException
        self.context: Any = quickjs.Context()
        self.context.set_memory_limit(megabytes * 1_000_000)
        # For the case that whoever would end this process is gone.
        self.context.set_time_limit(seconds)
        self._eval(_library("underscore"))
        self._eval(f"sandbox = ({_library('collections')})(globalThis, {_library('reducers')})")
        self.set_params, self.plan, self.feed, self.finish = map(
            self._taken, ("setParams", "plan", "feed", "finish")
        )
        self.context.eval("delete globalThis.sandbox")

    def start(self, script: str, params: str) -> str:
        """Run the script, and main() in it; return the source that it wants."""
        self.set_params(params)
        self.context.eval(script)
        return self.plan()

    def _taken(self, name: str) -> Any:
        """A function of the library, which the script cannot reach."""
        self.context.eval(f"{name} = sandbox.{name}")
        function = self.context.get(name)
        self.context.eval(f"delete globalThis.{name}")
        return function

    def _eval(self, text: str) -> None:
        self.context.eval("\n" * LIBRARY_LINE + text)


def _library(name: str) -> str:
    return (FOLDER / f"{name}.js").read_text("utf-8")


def main(packages: str, megabytes: str, seconds: str) -> None:
    """Answer every line of standard input."""
    sys.path.append(packages)
    runner = Runner(int(megabytes), int(seconds))
    first = json.loads(sys.stdin.buffer.readline())
    try:
        _tell("+" + runner.start(first["script"], first["params"]))
        for line in sys.stdin.buffer:
            part = line.decode().strip()
            _tell("+" + (runner.feed(part) if part else runner.finish()))
    except runner.failures as error:
        _tell("!" + json.dumps(str(error)))


def _tell(text: str) -> None:
    sys.stdout.buffer.write(text.encode(errors="replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
