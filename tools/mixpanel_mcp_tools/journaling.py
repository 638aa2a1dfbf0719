"""Every change is written down before it is sent, with what was there, and after it."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import orjson

from mixpanel_mcp_core.clock import utc_now
from mixpanel_mcp_core.errors import MixpanelError, ServerError
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.operation import Operation
from mixpanel_mcp_core.rehearsal import rehearse
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.foretelling import seen
from mixpanel_mcp_tools.kinds import Given, image_of, plain
from mixpanel_mcp_tools.kinds_table import OPPOSITES, kind_of

# Arguments are kept where undoing needs them; of all others only their digest.
_SECRETS = ("password", "username", "secret", "token")


async def journaled(session: Session, operation: Operation, given: Given) -> Any:
    """Run an operation; what it changes is in the journal, also when it fails in the middle."""
    journal = session.journal
    if operation.effect.read_only or journal is None or session.on_change is rehearse:
        return await operation.call(session, **given)
    before = await seen(session, operation.name, given)
    entry = _entry(session, operation, given)
    entry["ids"] = [each for each, _ in before.targets] if before else []
    entry["before"] = list(before.images) if before else []
    begun = False

    async def note(request: Request) -> None:
        nonlocal begun
        if not begun:
            journal.append(entry)
            begun = True

    try:
        value = await operation.call(replace(session, on_change=note), **given)
    except BaseException as error:
        if begun:
            journal.append({"id": entry["id"], **_failure(error)})
        raise
    if begun:
        journal.append({"id": entry["id"], "outcome": "done", **_created(operation.name, value)})
    return value


def _entry(session: Session, operation: Operation, given: Given) -> dict[str, Any]:
    arguments = plain(given)
    kept = kind_of(operation.name) is not None or operation.name in OPPOSITES
    source = session.source()
    return {
        "id": f"c{session.slug()}",
        "at": utc_now().isoformat(timespec="seconds"),
        "account": source["account"],
        "project": source["project"],
        "workspace": source["workspace"],
        "region": source["region"],
        "tool": operation.name,
        "toolset": operation.toolset,
        "digest": hashlib.sha256(
            written(arguments, orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        ).hexdigest(),
        "arguments": without_secrets(arguments) if kept else {},
        "undoes": session.undoes,
    }


def without_secrets(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments without those that hold a secret."""
    return {
        key: value
        for key, value in arguments.items()
        if not any(word in key.lower() for word in _SECRETS)
    }


def _failure(error: BaseException) -> dict[str, Any]:
    """How it ended: refused, or nobody knows."""
    told = error.message if isinstance(error, MixpanelError) else type(error).__name__
    refused = isinstance(error, MixpanelError) and not isinstance(error, ServerError)
    known = refused and cast("MixpanelError", error).code != "HTTP_ERROR"
    return {"outcome": "failed" if known else "unknown", "error": told[:500]}


def _created(operation: str, value: Any) -> dict[str, Any]:
    """The id of what came into being, as far as the answer tells it."""
    kind = kind_of(operation)
    if kind is None or kind.role(operation) != "create":
        return {}
    if isinstance(value, list):
        # All there are; the newest has the highest id.
        images = [image_of(each) for each in cast("list[Any]", value)]
        return {"created": max((image["id"] for image in images if "id" in image), default=None)}
    image = image_of(value)
    return {"created": image.get(kind.key) or image.get("id")}
