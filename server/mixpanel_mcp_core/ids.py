"""Ids of people, as far as Mixpanel takes them. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from mixpanel_mcp_core.problems import Problem

# What programs write where they know nobody: all of these people would become one.
PLACEHOLDERS = frozenset(
    {
        "00000000-0000-0000-0000-000000000000",
        *("anon", "anonymous", "nil", "none", "null", "n/a", "na", "undefined", "unknown"),
        *("<nil>", "0", "-1", "true", "false", "[]", "{}"),
    }
)
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)


def id_problems(value: Any, field: str, *, placeholders: bool = True) -> Iterator[Problem]:
    """What is wrong with an id, if anything, with the field it stands in."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        yield field, "required: the id as text" if value is None else f"must be text, not {value!r}"
    elif not str(value).strip():
        yield field, "must not be empty"
    elif placeholders and str(value).lower() in PLACEHOLDERS:
        told = f"{value!r} is what programs send where they know nobody"
        yield field, f"{told}. Send the person's own id"


def is_uuid4(text: str) -> bool:
    """Whether a text is a UUID of version 4, as SDKs make them for people they do not know."""
    return bool(_UUID4.fullmatch(text))
