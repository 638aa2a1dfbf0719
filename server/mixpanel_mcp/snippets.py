"""Configuration to paste into the common clients."""

import json
from collections.abc import Mapping

_COMMAND = {"command": "uvx", "args": ["mixpanel-mcp"]}
_CREDENTIALS = {
    "MP_USERNAME": "your-service-account",
    "MP_SECRET": "its-secret",
    "MP_PROJECT_ID": "your-project-id",
    "MP_REGION": "us",
}


def snippets(credentials: bool = True) -> Mapping[str, str]:
    """What to put where, by client; without `credentials` the sandbox answers."""
    server = {**_COMMAND, **({"env": _CREDENTIALS} if credentials else {})}
    keyed = json.dumps({"mcpServers": {"mixpanel": server}}, indent=2)
    vscode = json.dumps({"servers": {"mixpanel": {"type": "stdio", **server}}}, indent=2)
    flags = "".join(f" --env {name}={value}" for name, value in _CREDENTIALS.items())
    return {
        "Claude Desktop (claude_desktop_config.json)": keyed,
        "Claude Code": f"claude mcp add mixpanel{flags if credentials else ''} -- uvx mixpanel-mcp",
        "Cursor (.cursor/mcp.json)": keyed,
        "VS Code (.vscode/mcp.json)": vscode,
    }
