#!/usr/bin/env bash
# The server, seen by a client that is not ours: the MCP Inspector's command line.
set -euo pipefail
cd "$(dirname "$0")/.."

inspect() {
  npx --yes @modelcontextprotocol/inspector@2.12.0 --cli \
    uv run mixpanel-mcp serve --sandbox empty "$@"
}

tools=$(inspect --method tools/list --format json --strict)
grep -q '"query_funnel"' <<<"$tools" && echo "inspector: tools/list is clean"
inspect --method tools/call --tool-name projects | grep -q "Sandbox" && echo "inspector: tools/call answers"
