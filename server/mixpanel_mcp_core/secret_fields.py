"""Secrets in what callers give and Mixpanel answers: known by their names, and taken out. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

MASK = "**********"

_NAMES = re.compile(
    r"(?i:secret|passw|authorization|api[_-]?key|credential|(private|access)[_-]?key)"
    r"|(^|[_-])(?i:token)$|[a-z]Token$"
)
_HEADERS = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{6,}")
_SIGNED = re.compile(r"(https?://[^\s\"'?]+)\?[^\s\"']*(?:Signature|sig|token)=[^\s\"']*", re.I)
_USER_IN_URL = re.compile(r"(://)[^\s/@:\"']*:[^\s/@\"']+@")
# Here names are those of somebody's data, e.g. of a property that a schema describes.
_OF_DATA = frozenset({"properties", "schema_json", "schema_definition"})


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    return bool(_NAMES.search(name))


def masked_text(text: str) -> str:
    """A text without authorization headers, signed URLs, and passwords in URLs."""
    text = _HEADERS.sub(lambda match: f"{match[1]} {MASK}", text)
    text = _SIGNED.sub(rf"\1?{MASK}", text)
    return _USER_IN_URL.sub(rf"\1{MASK}@", text)


def without_secrets(value: Any, within: str = "") -> Any:
    """The same with a mask in the place of each secret, however deep; who logs in is one too."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        given = cast("Mapping[Any, Any]", value)
        return {
            key: MASK if each and _hidden(str(key), each, within) else without_secrets(each, key)
            for key, each in given.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(each, within) for each in cast("list[Any]", value)]
    return value


def secrets_in(value: Any, within: str = "") -> Iterator[str]:
    """The texts that `without_secrets` takes out because of their names."""
    if isinstance(value, dict):
        for key, each in cast("Mapping[Any, Any]", value).items():
            yield from _texts(each) if _hidden(str(key), each, within) else secrets_in(each, key)
    elif isinstance(value, list | tuple):
        for each in cast("list[Any]", value):
            yield from secrets_in(each, within)


def is_masked(value: Any) -> bool:
    """Whether a secret was taken out of a value."""
    return any(MASK in text for text in _texts(value))


def _hidden(name: str, value: Any, within: str) -> bool:
    if within in _OF_DATA and isinstance(value, dict):
        return False
    return is_secret_name(name) or name == "username"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        # Nothing is no secret, and would be found everywhere.
        yield from [value] if value else []
    elif isinstance(value, dict):
        for each in cast("Mapping[Any, Any]", value).values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in cast("list[Any]", value):
            yield from _texts(each)
