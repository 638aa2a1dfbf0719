"""A request to the authorization server, and the answers that are JSON."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.responses import Response

from mixpanel_mcp_sandbox.errors import Refusal

from .server import AuthorizationServer

MOST_BYTES = 65_536
NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True)
class Visit:
    """One request: `host` is the `/<host>` that stood before its path, often empty."""

    server: AuthorizationServer
    origin: str
    host: str
    query: str = field(default="", repr=False)
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)

    @property
    def issuer(self) -> str:
        """The server's name: what all its URLs begin with, as this visitor called it."""
        return self.origin + self.host

    def form(self) -> Mapping[str, str]:
        """Return the fields of the form; 400 for a body that is none."""
        if not self.content_type.startswith("application/x-www-form-urlencoded"):
            sentence = "The body must be application/x-www-form-urlencoded."
            raise refused("invalid_request", sentence)
        return parameters(self.body.decode("utf-8", "replace"))


def parameters(text: str) -> Mapping[str, str]:
    """Return the parameters that have a value and stand there once.

    OAuth takes one without a value for left out, and forbids to give one twice.
    """
    pairs = parse_qsl(text)
    times = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if times[name] == 1}


def refused(error: str, sentence: str, status: int = 400) -> Refusal:
    """Return the refusal in OAuth's shape."""
    return Refusal(status, sentence, {"error": error, "error_description": sentence})


def json_answer(content: Mapping[str, Any], status: int = 200) -> Response:
    """Return a JSON answer that nobody keeps."""
    return Response(orjson.dumps(content), status, NO_STORE, "application/json")
