"""The least client: lines of JSON to a server process, so that no client library is measured."""

import json
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

CLIENT = {"name": "benchmark", "version": "1"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Lines:
    """One server process, asked one thing at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """The result of a request; whatever the server says meanwhile is passed over."""
        self.send({"id": 1, "method": method, "params": params})
        assert self.process.stdout is not None
        while "id" not in (answer := json.loads(self.process.stdout.readline())):
            pass
        assert "result" in answer, answer
        return answer["result"]

    def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The text of a good answer of a tool, asked in the newest protocol."""
        params = {"name": tool, "arguments": arguments, "_meta": META}
        result = self.ask("tools/call", params)
        text = result["content"][0]["text"]
        assert not result.get("isError"), text
        return text

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()


@contextmanager
def connected(command: Sequence[str], env: Mapping[str, str]) -> Generator[Lines]:
    """A server that the command starts; it is killed at the end."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(env)
    ) as process:
        try:
            yield Lines(process)
        finally:
            # What follows the last answer is not measured.
            process.kill()
