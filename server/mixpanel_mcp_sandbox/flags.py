"""Feature flags: create, replace, archive, restore, copy, and who tests which variant."""

from copy import deepcopy
from hashlib import md5
from itertools import count

from . import flag_history
from .bookmarks import mapping
from .calls import Call, Endpoint, Json, ok
from .documents import changes, creator, editor, stamp
from .entities import Entities
from .errors import Refusal, wrong
from .flag_rules import SALT_LENGTH, check_flag, check_known, variant_keys
from .identifiers import number_in

KIND = "feature_flags"
LIMIT = 100
RIGHTS = {
    "can_edit": True,
    "can_view": True,
    "can_share": True,
    "can_update_basic": True,
    "is_superadmin": False,
    "allow_staff_override": False,
    "can_pin": True,
    "is_shared_with_project": True,
}
# Clients that do not know these never send them; they stay until somebody does.
KEPT = ("experiment_id", "data_group_id", "is_experiment_active")


def list_flags(call: Call) -> object:
    """Return the flags, archived ones only when asked for."""
    archived_too = call.query.get("include_archived") == "true"
    flags = all_flags(call).all()
    return ok([flag for flag in flags if archived_too or not _archived(flag)])


def create(call: Call) -> object:
    """Create a flag; 400 when its key is taken or there are as many as allowed."""
    body = check_flag(call.json())
    _check_room(call)
    _check_key(call, body["key"])
    identifier = all_flags(call).next_uuid()
    flag = new_flag(call, identifier, body)
    return ok(_noted(call, flag, "created"))


def new_flag(call: Call, identifier: str, body: Json) -> Json:
    """Return a flag of a checked request."""
    status = body.get("status") or "disabled"
    return {
        "id": identifier,
        "project_id": call.project.id,
        "workspace_id": call.project.workspace_id,
        "content_type": "feature-flags",
        **{name: body[name] for name in ("name", "key")},
        "description": body.get("description"),
        "status": status,
        **{name: body[name] for name in ("tags", "context", "serving_method", "ruleset")},
        **{name: body.get(name) for name in KEPT},
        "hash_salt": body.get("hash_salt") or _salt(identifier, 0),
        **creator(call),
        "enabled_at": stamp(call) if status == "enabled" else None,
        "deleted": stamp(call) if status == "archived" else None,
        "is_favorited": False,
        "pinned_date": None,
        **RIGHTS,
    }


def get(call: Call) -> object:
    """Return one flag."""
    return ok(_flag(call))


def replace(call: Call) -> object:
    """Replace a flag as a whole; 400 while it is archived or when its new key is taken."""
    before, body = _flag(call), check_flag(call.json())
    if _archived(before) and body.get("status") != "archived":
        raise wrong(f"Feature flag {before['id']} is archived; restore it first")
    if body["key"] != before["key"]:
        _check_key(call, body["key"])
    fresh = new_flag(call, before["id"], {"status": "disabled", **body})
    settable = ("name", "key", "description", "status", "tags", "context", "serving_method")
    after = before | {name: fresh[name] for name in (*settable, "ruleset")}
    after |= {name: body[name] for name in (*KEPT, "hash_salt") if body.get(name) is not None}
    if body.get("reset_hash_salt"):
        after["hash_salt"] = _salt(before["id"], call.now_ms)
    if after["status"] != before["status"]:
        after["deleted"] = fresh["deleted"]
        after["enabled_at"] = fresh["enabled_at"] or before["enabled_at"]
    return ok(_changed(call, before, after, "updated"))


def delete(call: Call) -> object:
    """Delete a flag for good."""
    all_flags(call).delete(number_in(_flag(call)["id"]))
    return None


def archive(call: Call) -> object:
    """Archive a flag; one that is archived stays so."""
    before = _flag(call)
    if not _archived(before):
        after = before | {"status": "archived", "deleted": stamp(call)}
        _changed(call, before, after, "archived")
    return ok({})


def restore(call: Call) -> object:
    """Bring an archived flag back, switched off; any other one stays as it is."""
    before = _flag(call)
    if not _archived(before):
        return ok(before)
    _check_room(call)
    after = before | {"status": "disabled", "deleted": None}
    return ok(_changed(call, before, after, "restored"))


def duplicate(call: Call) -> object:
    """Copy a flag, switched off, under a key that is free."""
    original = _flag(call)
    _check_room(call)
    identifier = all_flags(call).next_uuid()
    settings = {name: deepcopy(original[name]) for name in original if name not in KEPT}
    settings |= {"key": _free_key(call, original["key"]), "status": "disabled", "hash_salt": None}
    return ok(_noted(call, new_flag(call, identifier, settings), "created"))


def set_test_users(call: Call) -> object:
    """Replace the people who get a variant whatever the rollout says."""
    before = _flag(call)
    users = mapping(call.json().get("users"), "users")
    check_known(users, variant_keys(before), "users")
    if not all(isinstance(person, str) for person in users.values()):
        raise wrong("users must map variants to distinct ids")
    # A ruleset has it the other way round: person to variant.
    test = {"users": {person: variant for variant, person in users.items()}}
    after = before | {"ruleset": before["ruleset"] | {"test": test}}
    _changed(call, before, after, "test users set")
    return None


def get_history(call: Call) -> object:
    """Return what happened to a flag."""
    return flag_history.history(call, _flag(call))


def limits(call: Call) -> object:
    """Return how many flags may be there, and how many are."""
    usage = _in_use(call)
    return ok(
        {"limit": LIMIT, "is_trial": False, "current_usage": usage, "contract_status": "active"}
    )


def all_flags(call: Call) -> Entities:
    """Return the flags of the project."""
    return Entities(call.database, KIND, "Feature flag")


def _flag(call: Call) -> Json:
    return all_flags(call).named(call.path["id"])


def _archived(flag: Json) -> bool:
    return flag["status"] == "archived"


def _changed(call: Call, before: Json, after: Json, action: str) -> Json:
    """Store what a flag has become; where nothing changed, nothing is noted."""
    if not changes(before, after):
        return before
    return _noted(call, after | editor(call), action, before)


def _noted(call: Call, flag: Json, action: str, before: Json | None = None) -> Json:
    flag_history.note(call, flag, action, before)
    return all_flags(call).put(flag, call.project.workspace_id)


def _check_key(call: Call, key: str) -> None:
    if key in _keys(call):
        raise wrong(f"A feature flag with the key {key!r} exists already")


def _free_key(call: Call, key: str) -> str:
    taken = _keys(call)
    names = (f"{key}_copy" if n == 1 else f"{key}_copy_{n}" for n in count(1))
    return next(name for name in names if name not in taken)


def _keys(call: Call) -> set[str]:
    return {flag["key"] for flag in all_flags(call).all()}


def _check_room(call: Call) -> None:
    if _in_use(call) >= LIMIT:
        raise Refusal(400, f"The limit of {LIMIT} feature flags is reached")


def _in_use(call: Call) -> int:
    return sum(not _archived(flag) for flag in all_flags(call).all())


def _salt(identifier: str, moment: int) -> str:
    seed = f"{identifier}/{moment}".encode()
    return md5(seed, usedforsecurity=False).hexdigest()[:SALT_LENGTH]


PROJECT = "/api/app/projects/{project_id:int}"
MANY = f"{PROJECT}/workspaces/{{workspace_id:int}}/feature-flags/"
ONE = f"{MANY}{{id}}/"
ENDPOINTS = (
    Endpoint("GET", f"{PROJECT}/feature-flags/limits/", limits),
    Endpoint("GET", MANY, list_flags),
    Endpoint("POST", MANY, create, writes=True),
    Endpoint("GET", ONE, get),
    Endpoint("PUT", ONE, replace, writes=True),
    Endpoint("DELETE", ONE, delete, writes=True),
    Endpoint("POST", f"{ONE}archive/", archive, writes=True),
    Endpoint("DELETE", f"{ONE}archive/", restore, writes=True),
    Endpoint("POST", f"{ONE}duplicate/", duplicate, writes=True),
    Endpoint("PUT", f"{ONE}test-users/", set_test_users, writes=True),
    Endpoint("GET", f"{ONE}history/", get_history),
)
