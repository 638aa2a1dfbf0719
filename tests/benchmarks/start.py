"""From the start of the process to the first answer of `tools/list`, beside what nobody can avoid.

Run with `uv run python tests/benchmarks/start.py [rounds]`.
"""

import subprocess
import sys
from pathlib import Path

from client import CLIENT, META, connected
from rounds import Measured, side_by_side, table

sys.path.insert(0, str(Path(__file__).parents[1]))
from processes import COMMAND, environment

SERVE = [*COMMAND, "serve", "--sandbox", "empty", "--toolsets"]


def legacy(toolsets: str) -> None:
    """Start, shake hands as clients did until 2026, list, end."""
    with connected([*SERVE, toolsets], environment()) as server:
        opening = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": CLIENT}
        server.ask("initialize", opening)
        server.send({"method": "notifications/initialized"})
        assert server.ask("tools/list", {})["tools"]


def modern(toolsets: str) -> None:
    """Start, discover, list, end."""
    with connected([*SERVE, toolsets], environment()) as server:
        server.ask("server/discover", {"_meta": META})
        assert server.ask("tools/list", {"_meta": META})["tools"]


def python(code: str) -> None:
    """Run an interpreter to its end."""
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())


RUNS = [
    Measured("interpreter", lambda: python("pass")),
    Measured("import mcp.server", lambda: python("import mcp.server")),
    Measured("tools/list, legacy", lambda: legacy("core")),
    Measured("tools/list, modern", lambda: modern("core")),
    Measured("tools/list, modern, all tools", lambda: modern("all")),
]

if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(table(side_by_side(RUNS, rounds), beside="import mcp.server"))
