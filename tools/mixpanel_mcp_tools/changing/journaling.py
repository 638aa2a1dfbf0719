"""Every change is written down before it is sent, with what was there, and after it."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, cast

import orjson
from pydantic import BaseModel

from mixpanel_mcp_core.clock import utc_now
from mixpanel_mcp_core.errors import APIError, ConfigError, MixpanelError, ServerError
from mixpanel_mcp_core.http import Request
from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.operation import Operation
from mixpanel_mcp_core.rehearsal import rehearse
from mixpanel_mcp_core.secret_fields import MASK, masked_text, secrets_in, without_secrets
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.changing.foretelling import Seen, seen
from mixpanel_mcp_tools.changing.kinds import Given, Image, Kind, image_of, newest, plain
from mixpanel_mcp_tools.changing.kinds_table import kind_of

log = logging.getLogger(__name__)

# A change of more things than these is made all the same; of the others nothing is known.
_MOST_KEPT = 200
_LONGEST_ERROR = 500


async def journaled(session: Session, operation: Operation, given: Given) -> Any:
    """Run an operation; what it changes is in the journal, also when it fails in the middle."""
    journal = session.journal
    if operation.effect.read_only or journal is None or session.on_change is rehearse:
        return await operation.call(session, **given)
    before = await seen(session, operation.name, given, _MOST_KEPT)
    entry = _entry(session, operation, given, before)
    sent: list[Request] = []

    async def note(request: Request) -> None:
        if not sent:
            journal.append(entry)
        sent.append(request)

    def ended(**outcome: Any) -> None:
        if not sent:
            return
        try:
            journal.append({"id": entry["id"], **without_secrets(outcome)})
        except ConfigError as error:
            # It has happened: whoever asked for it is to know what came of it.
            log.warning("outcome of a change is not in the journal: %s", error.message)

    try:
        value = await operation.call(replace(session, on_change=note), **given)
    except BaseException as error:
        # Of several requests those before the one that failed have changed something.
        ended(**_failure(error, given, first=len(sent) == 1))
        raise
    left: Image = {}
    try:
        left = await _left(session, operation.name, given, before, value)
    except Exception:
        log.exception("what a change left was not understood")
    finally:
        # It has happened, also where the call is given up meanwhile.
        ended(outcome="done", **left)
    return value


def _entry(
    session: Session, operation: Operation, given: Given, before: Seen | None
) -> dict[str, Any]:
    arguments = without_secrets(plain(given))
    # Arguments are kept where undoing needs them; of all others only their digest.
    kept = kind_of(operation.name) is not None
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
        "arguments": arguments if kept else {},
        **(asdict(session.undoes) if session.undoes else {}),
        "ids": [each for each, _ in before.targets] if before else [],
        "before": without_secrets(list(before.images)) if before else [],
        "read": before is not None and before.read,
    }


def _failure(error: BaseException, given: Given, *, first: bool) -> dict[str, Any]:
    """How it ended: refused at the first request, or nobody knows."""
    told = error.message if isinstance(error, MixpanelError) else type(error).__name__
    # All other errors of ours are about an answer, after whatever was done.
    refused = isinstance(error, APIError) and not isinstance(error, ServerError)
    known = refused and cast("APIError", error).code != "HTTP_ERROR"
    for secret in secrets_in(plain(given)):
        told = told.replace(secret, MASK)
    outcome = "failed" if known and first else "unknown"
    return {"outcome": outcome, "error": masked_text(told)[:_LONGEST_ERROR]}


async def _left(
    session: Session, operation: str, given: Given, before: Seen | None, value: Any
) -> dict[str, Any]:
    """What a change left behind, as arguments, as far as its answer tells it."""
    kind = kind_of(operation)
    if kind is None:
        return {}
    role = kind.role(operation, given)
    answers = [_told(each) for each in (value if isinstance(value, list) else [value])]  # pyright: ignore
    if role == "create":
        made = newest(answers)
        return {"created": kind.id_in(made), "after": [kind.said(made, kind.made_of)]}
    if before is None or role in ("delete", "switch"):
        return {}
    by_id = {str(each.get(kind.key)): each for each in answers if each.get(kind.key)}
    if not kind.id:
        by_id = {str(None): answers[0]} if answers and answers[0] else {}
    if kind.reread or (kind.whole and not by_id):
        by_id = await _looked_up(session, kind, given, before)
    images = [by_id.get(str(each), {}) for each, _ in before.targets]
    return {
        "after": [
            kind.said(image, kind.left_by(says, image))
            for (_, says), image in zip(before.targets, images, strict=True)
        ]
    }


async def _looked_up(
    session: Session, kind: Kind, given: Given, before: Seen
) -> Mapping[str, Image]:
    """What is there after a change whose answer does not tell it."""
    if not before.read:
        return {}
    try:
        found = await kind.fetch(session, given, [each for each, _ in before.targets])
    except MixpanelError:
        return {}
    return {str(each.get(kind.key)) if kind.id else str(None): each for each in found}


def _told(answer: Any) -> Image:
    """What an answer says itself, without what its model adds."""
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json", exclude_unset=True)
    return image_of(answer)
