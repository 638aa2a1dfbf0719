"""Configuration to paste into the common clients."""

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CREDENTIALS = {
    "MP_USERNAME": "your-service-account",
    "MP_SECRET": "its-secret",
    "MP_PROJECT_ID": "your-project-id",
    "MP_REGION": "us",
}


def command() -> str:
    """How a client starts this very installation: an absolute path, whatever its PATH is."""
    script = Path(sys.executable).with_name("mixpanel-mcp")
    return str(script) if script.exists() else "mixpanel-mcp"


def snippets(*, credentials: bool = True) -> Mapping[str, str]:
    """What to put where, by client; without `credentials` the sandbox answers."""
    server: dict[str, Any] = {"command": command()}
    if credentials:
        server["env"] = _CREDENTIALS
    keyed = json.dumps({"mcpServers": {"mixpanel": server}}, indent=2)
    vscode = json.dumps({"servers": {"mixpanel": {"type": "stdio", **server}}}, indent=2)
    flags = [f"--env {name}={value}" for name, value in _CREDENTIALS.items() if credentials]
    code = ["claude mcp add mixpanel", *flags, "--", shlex.quote(command())]
    return {
        "Claude Desktop (claude_desktop_config.json)": keyed,
        "Claude Code": " ".join(code),
        "Cursor (.cursor/mcp.json)": keyed,
        "VS Code (.vscode/mcp.json)": vscode,
    }
