"""`POST /api/query/jql`: a script is run over its source, part by part."""

from collections.abc import Iterator

import orjson

from mixpanel_mcp_sandbox.calls import Call, Endpoint, Text, form
from mixpanel_mcp_sandbox.errors import wrong

from .engine import running
from .failures import PATH, refused
from .sources import parts

# Mixpanel gives at most 2 GB.
MOST_BYTES = 50_000_000


def jql(call: Call) -> object:
    """Return the rows that a script makes; 412 for one that fails, as Mixpanel tells it."""
    fields = form(call) or {}
    script = fields.get("script")
    if not script:
        raise wrong("Missing required parameter: script")
    rows: list[str] = []
    size = 0
    for made in _rows(call, script, fields.get("params") or "{}"):
        size += len(made)
        if size > MOST_BYTES:
            raise refused(f"The rows of the script are larger than {MOST_BYTES} bytes.")
        rows += [made] if made else []
    return Text(f"[{','.join(rows)}]".encode(), "application/json")


def _rows(call: Call, script: str, params: str) -> Iterator[str]:
    """Give rows as JSON, separated by commas, as they come."""
    _check(params)
    with running(script) as run:
        for part in parts(call, run.start(params)):
            yield run.feed(part)
        yield run.finish()


def _check(params: str) -> None:
    try:
        orjson.loads(params)
    except orjson.JSONDecodeError as error:
        raise wrong(f"params is not valid JSON: {error}") from error


ENDPOINTS = (Endpoint("POST", PATH, jql),)
