"""What Mixpanel says of a JQL script that failed, taken apart. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from mixpanel_mcp_core.caller import given
from mixpanel_mcp_core.errors import JQLSyntaxError

_LONGEST = 200
# In this order: an exception that the script did not catch, the text's start, another line's start.
_TYPES = (r"Uncaught exception (\w*Error):", r"\A(\w*Error):", r"^(\w*Error):")
_WRAPPED = re.compile(
    r"\A(?:UserVisiblePreconditionFailedError:\s*)?(?:Uncaught exception \w*Error:\s*)?"
)
_POINTED_AT = re.compile(r"^[^\n]*\S[^\n]*\n[ \t]*\^+[ \t]*$", re.MULTILINE)
_TRACE = re.compile(r"Stack trace:[ \t]*\n?(.*?)(?:\n[ \t]*\n|\Z)", re.DOTALL)
_PLACE = re.compile(r"\bat [^\n(]+ \(<anonymous>:\d+:\d+\)")


def failure(told: Mapping[str, Any], script: str) -> JQLSyntaxError:
    """The error that a 412 about a script stands for."""
    raw = str(told.get("error") or "")
    kind, message, line = error_type(raw), error_message(raw), line_info(raw)
    return JQLSyntaxError(
        f"JQL {kind}: {message}" + (f"\n{line}" if line else ""),
        details={
            "status_code": 412,
            "response_body": given(error=told.get("error"), request=told.get("request")),
            "request_body": {"script": script},
            "error_type": kind,
            "error_message": message,
            "line_info": line,
            "stack_trace": stack_trace(raw),
            "script": script,
            "request_path": told.get("request"),
            "raw_error": raw,
        },
    )


def error_type(raw: str) -> str:
    """The name of the exception, e.g. ReferenceError; Error where it is not told."""
    found = (re.search(pattern, raw, re.MULTILINE) for pattern in _TYPES)
    return next((match[1] for match in found if match), "Error")


def error_message(raw: str) -> str:
    """What the exception says, on one line of at most 200 characters."""
    line = _WRAPPED.sub("", raw).partition("\n")[0].strip()
    return f"{line[: _LONGEST - 3]}..." if len(line) > _LONGEST else line


def line_info(raw: str) -> str | None:
    """The line of the script that failed, and below it a caret at the place."""
    match = _POINTED_AT.search(raw)
    return match[0].strip() if match else None


def stack_trace(raw: str) -> str | None:
    """Where the script was, call by call, or else the one place that is told."""
    if match := _TRACE.search(raw):
        return match[1].strip() or None
    match = _PLACE.search(raw)
    return match[0] if match else None
