"""A tool call over stdio beside the one HTTP request that it sends: what our layers add.

Run with `uv run python tests/benchmarks/call.py [rounds]`.
"""

import sys
from pathlib import Path

import httpx
from client import connected
from rounds import Measured, side_by_side, table

sys.path.insert(0, str(Path(__file__).parents[1]))
from processes import COMMAND
from served import USER, served

# The SDK's own share: the least server, whose tool answers without doing anything.
LEAST = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("least", log_level="WARNING")
@server.tool(structured_output=False)
def nothing(limit: int) -> str:
    return "nothing"
server.run("stdio")
"""


def main(rounds: int) -> None:
    """Print the table, and what is ours: the call without the request and without the SDK."""
    serve = [*COMMAND, "serve", "--toolsets", "all"]
    with (
        served("empty") as sandbox,
        connected(serve, sandbox.environ()) as server,
        connected([sys.executable, "-c", LEAST], sandbox.environ()) as least,
        httpx.Client(auth=USER) as http,
    ):
        url = sandbox.at("mixpanel.com/api/query/events/top")
        query = {"type": "general", "limit": 5, "project_id": 1, "query_origin": "benchmark"}
        runs = [
            Measured("request", lambda: http.get(url, params=query).raise_for_status()),
            Measured("least SDK server", lambda: least.call("nothing", {"limit": 5})),
            Measured("our tool call", lambda: server.call("top_events", {"limit": 5})),
        ]
        seconds = side_by_side(runs, rounds, warm=50)
    print(table(seconds, beside="request"))
    request, sdk, call = seconds.values()
    seconds = {
        "call - request": [a - b for a, b in zip(call, request, strict=True)],
        "call - request - SDK": [a - b - c for a, b, c in zip(call, request, sdk, strict=True)],
    }
    print(table(seconds, beside="call - request"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
