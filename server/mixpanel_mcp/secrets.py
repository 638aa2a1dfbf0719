"""Secrets kept out of everything that leaves: logs, errors, results."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

from mixpanel_mcp_core.secret_fields import MASK, is_secret_name, masked_text

_ENVIRONMENT = ("MP_SECRET", "MP_OAUTH_TOKEN", "MIXPANEL_MCP_HTTP_TOKEN", "MP_CUSTOM_HEADER_VALUE")
_SHORTEST = 6
# The sandbox's credentials, which are no secret, and a word that its errors use.
_PUBLIC = frozenset({"sandbox"})


class Masker:
    """Replaces known secret values, authorization headers, signed URLs and secret-named fields."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._spellings: set[str] = set()
        self._known: re.Pattern[str] | None = None
        for name in _ENVIRONMENT:
            self.learn(environ.get(name, ""))

    def learn(self, secret: str) -> None:
        """Mask this value from now on; one of a few characters also stands in ordinary words."""
        if len(secret) < _SHORTEST or secret in self._spellings or secret in _PUBLIC:
            return
        encoded = secret.encode(errors="surrogateescape")
        self._spellings |= {secret, quote(encoded, safe=""), json.dumps(secret)[1:-1]}
        known = sorted(self._spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known)))

    def text(self, text: str) -> str:
        """The text with every secret replaced."""
        if self._known:
            text = self._known.sub(MASK, text)
        return masked_text(text)

    def value(self, value: Any) -> Any:
        """The same, through objects and lists; a field with a secret's name loses its value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            given = cast("dict[Any, Any]", value)
            return {
                key: MASK if each and is_secret_name(str(key)) else self.value(each)
                for key, each in given.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(each) for each in cast("list[Any]", value)]
        return value
