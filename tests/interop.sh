#!/usr/bin/env bash
# The server, seen by a client that is not ours: the MCP Inspector's command line, over stdio and
# HTTP (with a token), in both eras of the protocol. Needs uv and npx.
set -euo pipefail
cd "$(dirname "$0")/.."

inspector=$(npx --yes -p @modelcontextprotocol/inspector@2.12.0 -c 'command -v mcp-inspector')
identity='"io.modelcontextprotocol/serverInfo"'
serve=(serve --sandbox empty --toolsets all)
python=$(uv run --quiet python -c 'import sys; print(sys.executable)')
work=$(mktemp -d)
touch "$work/server"
server=
cleanup() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

fail() {
  echo "inspector: $1" >&2
  head -c 2000 "$work/out" "$work/err" >&2
  exit 1
}

# inspect STATUS ARGUMENTS...: run the inspector; its answer is in $work/out.
inspect() {
  local wanted=$1 status=0
  shift
  "$inspector" --cli "$@" --format json >"$work/out" 2>"$work/err" </dev/null || status=$?
  ((status == wanted)) || fail "status $status in place of $wanted: $*"
}

# shows TEXT / lacks TEXT: what the answer must and must not hold.
shows() { grep -qF -- "$1" "$work/out" || fail "the answer lacks: $1"; }
lacks() { ! grep -qF -- "$1" "$work/out" || fail "the answer should not hold: $1"; }

# check NAME ERA TARGET...: everything that a client does first, on one connection each.
check() {
  local name=$1 era=$2
  shift 2
  inspect 0 "$@" --protocol-era "$era" --method tools/list --strict
  shows '"query_funnel"'
  shows '"readOnlyHint":true'
  lacks '"$ref"'
  inspect 0 "$@" --protocol-era "$era" --method tools/call --tool-name query \
    --tool-args-json '{"events": ["Visit"], "from_date": "2026-01-01", "to_date": "2026-01-02"}'
  shows 'project 1'
  shows 'date,event,count\n2026-01-01,Visit,0\n2026-01-02,Visit,0'
  # Only the modern era has the server say its name in every answer: so the era was the right one.
  if [[ $era == modern ]]; then shows "$identity"; else lacks "$identity"; fi
  inspect 0 "$@" --protocol-era "$era" --method prompts/list
  shows '"funnel-drop-off"'
  echo "inspector: $name, $era: tools/list is clean, tools/call and prompts/list answer"
}

MIXPANEL_MCP_HTTP_TOKEN=interop-token-for-this-run "$python" -m mixpanel_mcp "${serve[@]}" \
  --transport http --port 0 2>"$work/server" &
server=$!
for _ in {1..300}; do
  url=$(sed -n 's|.* serves ||p' "$work/server")
  [[ -n $url ]] && break
  sleep 0.1
done
[[ -n $url ]] || { cat "$work/server" >&2; exit 1; }

stdio=(uv run --quiet mixpanel-mcp "${serve[@]}")
http=("$url" --transport http --header "Authorization: Bearer interop-token-for-this-run")
for era in legacy modern; do
  check stdio "$era" "${stdio[@]}"
  check http "$era" "${http[@]}"
done

inspect 5 "${stdio[@]}" --method tools/call --tool-name events --tool-args-json '{"limitt": 3}'
shows "INVALID_INPUT: limitt: there is no such argument. Did you mean 'limit'?"
echo "inspector: a wrong argument is a tool error that names it"
inspect 0 "${stdio[@]}" --method prompts/get --prompt-name funnel-drop-off \
  --prompt-args goal=checkout
shows 'on the way to: checkout'
echo "inspector: prompts/get fills in its argument"
