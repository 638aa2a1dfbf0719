#!/usr/bin/env bash
# The protocol's own conformance suite, against the real server and against one of its pieces with
# the suite's fixtures. One line a suite; not zero when anything failed that the lists do not name.
set -euo pipefail
cd "$(dirname "$0")"

stable=0.1.16
newest=0.2.0-alpha.12

python=$(uv run --quiet python -c 'import sys; print(sys.executable)')
work=$(mktemp -d)
servers=()
cleanup() {
  kill "${servers[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# start NAME COMMAND...: a server in the background; its address is in $url.
start() {
  local name=$1 log=$work/$1.log
  shift
  touch "$log"
  "$@" 2>"$log" &
  servers+=($!)
  url=""
  for _ in {1..300}; do
    # The suite wants to see localhost, so that it can tell it from a foreign host.
    url=$(sed -n 's|.* serves http://127.0.0.1:|http://localhost:|p' "$log")
    [[ -n $url ]] && return
    sleep 0.1
  done
  echo "conformance: the $name server did not start:" >&2
  cat "$log" >&2
  exit 1
}

# suite SERVER URL VERSION OPTION WHICH: run one suite and say how it went.
suite() {
  local server=$1 url=$2 version=$3 option=$4 which=$5 status=0
  local out=$work/$server-$version-$which.txt
  npx --yes -p node@24 -p "@modelcontextprotocol/conformance@$version" -c \
    "conformance server --url $url $option $which --expected-failures $server.yml" \
    >"$out" 2>&1 </dev/null || status=$?
  # A scenario may be marked as passed for its warnings and still be named below: the names count.
  awk -v what="conformance $version $which, $server server" -v list="$server.yml" '
    /^=== SUMMARY/ { summary = 1 }
    summary && /^(✓|✗)/ { sub(":", "", $2); result[$2] = $1 }
    /Unexpected failures/ { unexpected = 1 }
    summary && /^  (~|✗)/ {
      if (unexpected) { bad++; names = names " " $2 } else expected++
      sub(":.*", "", $2); delete result[$2]
    }
    END {
      for (each in result) if (result[each] == "✓") passed++; else unscored++
      printf "%s: %d passed, %d failed (expected: %d, see %s), %d not scored%s\n", what,
        passed, bad + expected, expected, list, unscored, bad ? "; UNEXPECTED:" names : ""
    }' "$out"
  if ((status)); then
    sed -n '/^Total/,$p' "$out" >&2
    failures=$((failures + 1))
  fi
}

failures=0
start real "$python" -m mixpanel_mcp serve --transport http --port 0 --sandbox empty
real=$url
start fixture "$python" server.py 0
fixture=$url
for server in real fixture; do
  suite "$server" "${!server}" "$stable" --suite active
  suite "$server" "${!server}" "$newest" --requirements 2025-11-25
  suite "$server" "${!server}" "$newest" --requirements 2026-07-28
done
((failures == 0))
