"""Events into a sandbox with nothing between: the requests that `import_events` sends."""

import gzip
from collections.abc import Sequence
from typing import Any

import httpx
import orjson

MOST_A_REQUEST = 2000

Event = dict[str, Any]


def post(http: httpx.Client, url: str, events: Sequence[Event]) -> None:
    """The requests that the tool sends, and nothing else."""
    for start in range(0, len(events), MOST_A_REQUEST):
        body = gzip.compress(orjson.dumps(events[start : start + MOST_A_REQUEST]), 1)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        query = {"strict": 1, "project_id": 1}
        http.post(url, content=body, params=query, headers=headers).raise_for_status()
