"""A sandbox in a process of its own, with what a client needs to reach it."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from processes import environment, warm

USER = ("sandbox", "sandbox")


@dataclass(frozen=True)
class Served:
    """Where a sandbox is served."""

    url: str

    def at(self, host: str) -> str:
        """The URL under which a Mixpanel host is played."""
        return f"{self.url}/{host}"

    def environ(self) -> dict[str, str]:
        """The environment of a server that is to use it as its Mixpanel."""
        return environment(
            {
                "MP_API_BASE_URL": self.at("{host}"),
                "MP_USERNAME": USER[0],
                "MP_SECRET": USER[1],
                "MP_PROJECT_ID": "1",
                "MP_REGION": "us",
            }
        )


@contextmanager
def served(where: str, *options: str) -> Generator[Served]:
    """Serve the sandbox `demo`, `empty` or that of a file, on a free port."""
    arguments = [*warm(), "sandbox", "serve", "--port", "0", "--sandbox", where, *options]
    with subprocess.Popen(
        arguments, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if " serves " in line)
        try:
            yield Served(line.split(" serves ")[1].split()[0])
        finally:
            process.terminate()
