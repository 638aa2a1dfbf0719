"""A call up to the request that would change something, which is told instead of sent.

What only asks is sent, so that arguments are checked and ids looked up as in earnest.
"""

import contextlib
import gzip
from collections.abc import Generator, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

from mixpanel_mcp_core.http import Request

_FORM = "application/x-www-form-urlencoded"
_MOST_RECORDS = 5


class Rehearsed(Exception):
    """Here a request would leave. No MixpanelError, which operations may expect and catch.

    `sender` and `given` are the operation that would send it, and its arguments; None for the
    one that was called.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request.url)
        self.request = request
        self.sender: str | None = None
        self.given: Mapping[str, Any] = {}


@contextlib.contextmanager
def sent_by(operation: str, given: Mapping[str, Any]) -> Generator[None]:
    """Note who would send the request: the innermost of the operations that run each other."""
    try:
        yield
    except Rehearsed as stop:
        if stop.sender is None:
            stop.sender, stop.given = operation, given
        raise


async def rehearse(request: Request) -> None:
    """Stop before the first request that would change something."""
    raise Rehearsed(request)


def told(request: Request) -> dict[str, Any]:
    """Method, URL, parameters and body as a person reads them; the authorization is no part."""
    shown: dict[str, Any] = {"method": request.method, "url": request.url}
    if request.query:
        shown["query"] = dict(request.query)
    if request.body is not None:
        shown["body"] = _body(request, request.body)
    return shown


def _body(request: Request, body: bytes) -> Any:
    compressed = request.headers.get("Content-Encoding") == "gzip"
    plain = gzip.decompress(body) if compressed else body
    if request.headers.get("Content-Type") == _FORM:
        return dict(parse_qsl(plain.decode(), keep_blank_values=True))
    try:
        content = orjson.loads(plain)
    except orjson.JSONDecodeError:
        return plain.decode(errors="replace")
    return _first(content) if compressed else content


def _first(content: Any) -> Any:
    """What is sent compressed: of many records the first ones."""
    if not isinstance(content, list) or len(records := cast("list[Any]", content)) <= _MOST_RECORDS:
        return content
    return [*records[:_MOST_RECORDS], f"and {len(records) - _MOST_RECORDS:,} more"]
