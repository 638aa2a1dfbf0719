"""What `/engage` and `/groups` share: reading updates, applying them, telling what was wrong."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from .calls import Answer, Call, Json, form_or_json, parameters
from .errors import wrong
from .ingest import check_token
from .profile_operators import OPERATORS, updated
from .records import Fault

MOST_UPDATES = 2000
MOST_BYTES = 1_000_000

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Profile:
    """A profile while it is updated; None as properties is none at all."""

    properties: Json | None = None
    last_seen: int | None = None
    stored: bool = False


def answered(
    call: Call, ids: Iterable[str], apply: Callable[[list[Json]], list[Fault | None]]
) -> object:
    """Apply the updates that are well-formed and answer for all.

    Without `strict` one good update makes a good answer; with it each bad one is named.
    """
    told = parameters(call)
    strict = told.get("strict") in ("1", "true")
    updates = _read(call)
    checked = [_fault(call, update, ids) for update in updates]
    good = [index for index, fault in enumerate(checked) if fault is None]
    outcomes = apply([updates[index] for index in good])
    faults = dict(enumerate(checked)) | dict(zip(good, outcomes, strict=True))
    failed = {index: fault for index, fault in faults.items() if fault is not None}
    if strict:
        return _strictly(len(updates), failed)
    lost = len(failed) == len(updates) and failed
    if told.get("verbose") != "1":
        return 0 if lost else 1
    return {"status": int(not lost), "error": failed[0].message if lost else None}


def applied(
    updates: list[Json],
    profiles: dict[Key, Profile],
    key_of: Callable[[Json], Key],
    now: int,
) -> list[Fault | None]:
    """Change the profiles by the updates in order; say of each what kept it from being applied."""
    outcomes: list[Fault | None] = []
    for update in updates:
        profile = profiles.setdefault(key_of(update), Profile())
        result = updated(profile.properties, update)
        if isinstance(result, Fault):
            outcomes.append(result)
            continue
        outcomes.append(None)
        profile.properties = result
        if not update.get("$ignore_time"):
            profile.last_seen = now
    return outcomes


def worth_storing(profiles: Mapping[Key, Profile]) -> list[tuple[Key, Profile]]:
    """Return the profiles that are there, or were and left a mark."""
    return [(k, each) for k, each in profiles.items() if each.stored or each.properties is not None]


def _read(call: Call) -> list[Any]:
    if call.headers.get("content-encoding"):
        raise wrong("this path takes no compressed body")
    updates = form_or_json(call, MOST_BYTES)
    if len(updates) > MOST_UPDATES:
        raise wrong(f"a request may hold at most {MOST_UPDATES} updates")
    return updates


def _fault(call: Call, update: object, ids: Iterable[str]) -> Fault | None:
    if not isinstance(update, dict):
        return Fault("update", "must be an object")
    record = cast("Json", update)
    check_token(call, record.get("$token"))
    for name in ids:
        value = record.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            return Fault(name, "must be present")
    present = [name for name in OPERATORS if name in record]
    if not present:
        return Fault("update", "needs an operator such as $set")
    return next((fault for name in present if (fault := _misused(name, record[name]))), None)


def _misused(operator: str, content: object) -> Fault | None:
    if operator == "$delete":
        return None
    if operator != "$unset":
        return None if isinstance(content, dict) else Fault(operator, "must be an object")
    names = cast("list[object]", content) if isinstance(content, list) else [None]
    named = all(isinstance(name, str) for name in names)
    return None if named else Fault(operator, "must be a list of names")


def _strictly(count: int, failed: Mapping[int, Fault]) -> object:
    good = count - len(failed)
    if not failed:
        return {"code": 200, "num_good_events": good, "status": "OK"}
    records = [
        {"index": index, "field": fault.field, "message": fault.message}
        for index, fault in sorted(failed.items())
    ]
    sentence = "some data points in the request failed validation"
    body = {"code": 400, "error": sentence, "failed_records": records, "num_good_events": good}
    return Answer({**body, "status": "Bad Request"}, 400)
