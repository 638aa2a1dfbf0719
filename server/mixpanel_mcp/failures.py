"""Errors as a model reads them: what failed, why, what is allowed, what to do next."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from mcp.types import CallToolResult, TextContent

from mixpanel_mcp.secrets import Masker
from mixpanel_mcp_core.errors import MixpanelError

_LARGEST_BODY = 1000

# The way out, by error code.
_NEXT: Mapping[str, str] = {
    "AUTH_FAILED": "Run `mixpanel-mcp doctor` to see which credentials were used.",
    "CONFIG_ERROR": "Run `mixpanel-mcp doctor` to see what was found.",
    "EVENT_NOT_FOUND": "Call `events` for the names of all events.",
    "HTTP_ERROR": "Check the network, proxy and region with `mixpanel-mcp doctor`.",
    "INVALID_INPUT": "Correct the fields named and call again; nothing was sent.",
    "BOOKMARK_VALIDATION_ERROR": "Correct the query and call again; nothing was sent.",
    "SERVER_ERROR": "The fault is Mixpanel's; try the same call later.",
}


def failed(error: MixpanelError, masker: Masker, way_out: str | None = None) -> CallToolResult:
    """An error result; the text says all that the structure says, for hosts that show one only.

    `way_out` is what to do about an error of a code that has none of its own.
    """
    # Masked before it is cut: half a secret is not recognised.
    told = _capped(masker.value(error.to_dict()))
    if hint := _NEXT.get(error.code, way_out):
        told["next"] = hint
    text = f"{told['code']}: {_worded(told)}"
    if hint:
        text += f"\n{hint}"
    if details := _worth_telling(told):
        text += f"\n{json.dumps(details, ensure_ascii=False)}"
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content={"error": told},
        is_error=True,
    )


def _worded(told: Mapping[str, Any]) -> str:
    """The message; of several problems one line each, with the rule's code."""
    errors = _rules(told)
    if not errors:
        return told["message"]
    lines = [f"- {error['path']}: {error['message']} [{error['code']}]" for error in errors]
    return "\n".join(["", *lines])


def _rules(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The broken rules that an error consists of, if it does."""
    errors: Sequence[Mapping[str, Any]] = told["details"].get("errors", ())
    return errors if all("message" in each and "code" in each for each in errors) else ()


def _worth_telling(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the message does not say already."""
    details: Mapping[str, Any] = told["details"]
    skipped = ["problems", "request_body"]
    if _rules(told):
        return {}
    if _repeats(details.get("response_body"), told["message"]):
        skipped.append("response_body")
    return {key: value for key, value in details.items() if value and key not in skipped}


def _repeats(body: Any, message: str) -> bool:
    """Whether an error body says nothing but the message, to which a hint may have been added."""
    if not isinstance(body, dict):
        return False
    told = cast("dict[str, Any]", body)
    return set(told) == {"status", "error"} and message.startswith(str(told["error"]))


def _capped(told: dict[str, Any]) -> dict[str, Any]:
    details = cast("dict[str, Any]", told["details"])
    for name in ("response_body", "request_body"):
        if name in details:
            text = json.dumps(details[name], ensure_ascii=False, default=str)
            if len(text) > _LARGEST_BODY:
                details = {**details, name: text[:_LARGEST_BODY] + "…"}
    return {**told, "message": str(told["message"])[: 4 * _LARGEST_BODY], "details": details}
