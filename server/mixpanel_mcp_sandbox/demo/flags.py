"""Feature flags of the demo: one rolled out, one behind an experiment, one off, one put away."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any

from mixpanel_mcp_sandbox.flags import KIND, RIGHTS
from mixpanel_mcp_sandbox.identifiers import uuid_of

from .calendar import instant
from .document import Document
from .experiments import ONE_PAGE
from .project import ADA, NILS, PROJECT_ID, WORKSPACE_ID, Person


def _variant(key: str, value: object, split: float, *, control: bool = False) -> dict[str, Any]:
    return {
        "key": key,
        "value": value,
        "is_control": control,
        "split": split,
        "is_sticky": False,
    }


def _ruleset(variants: list[dict[str, Any]], share: float | None) -> dict[str, Any]:
    splits = {variant["key"]: variant["split"] for variant in variants}
    group = {"rollout_percentage": share, "variant_splits": splits, "cohort_definition": None}
    return {"variants": variants, "rollout": [] if share is None else [group]}


ON_OFF = [_variant("On", True, 1.0), _variant("Off", False, 0.0, control=True)]
CHECKOUTS = [
    _variant("control", {"pages": 3}, 0.5, control=True),
    _variant("one page", {"pages": 1, "express": True}, 0.5),
]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag before it is dated: made switched off, then moved into its status on a later day."""

    key: str
    name: str
    description: str
    owner: Person
    created: int
    status: str
    moved: int | None
    ruleset: dict[str, Any]
    tags: tuple[str, ...] = ()
    experiment: int | None = None


FLAGS = (
    Flag(
        "wishlists",
        "Wishlists",
        "Customers can keep products for later",
        NILS,
        created=49,
        status="enabled",
        moved=56,
        ruleset=_ruleset(ON_OFF, 0.3),
        tags=("retention",),
    ),
    Flag(
        "one_page_checkout",
        "One-page checkout",
        "Address, delivery and payment on one page",
        ADA,
        created=84,
        status="enabled",
        moved=91,
        ruleset=_ruleset(CHECKOUTS, 1.0),
        tags=("checkout",),
        experiment=ONE_PAGE,
    ),
    Flag(
        "dark_mode",
        "Dark mode",
        "Dark colours in the apps",
        NILS,
        created=100,
        status="disabled",
        moved=None,
        ruleset=_ruleset(ON_OFF, None),
    ),
    Flag(
        "old_banner",
        "Old banner",
        "Spring sale banner on the home page",
        NILS,
        created=60,
        status="archived",
        moved=72,
        ruleset=_ruleset(ON_OFF, 1.0),
        tags=("marketing",),
    ),
)


def flags(now: datetime) -> list[Document]:
    """Give the flags, dated within now's eighteen weeks."""
    return [
        Document(KIND, number, WORKSPACE_ID, _body(number, flag, now))
        for number, flag in enumerate(FLAGS, start=1)
    ]


def flag_histories(now: datetime) -> list[Document]:
    """Give what happened to each flag, as the flags tell it themselves."""
    return [
        Document("flag_histories", number, None, {"id": number, "entries": _entries(flag, now)})
        for number, flag in enumerate(FLAGS, start=1)
    ]


def _body(number: int, flag: Flag, now: datetime) -> dict[str, Any]:
    moved = None if flag.moved is None else instant(now, flag.moved)
    return {
        "id": uuid_of(KIND, number),
        "project_id": PROJECT_ID,
        "workspace_id": WORKSPACE_ID,
        "content_type": "feature-flags",
        "name": flag.name,
        "key": flag.key,
        "description": flag.description,
        "status": flag.status,
        "tags": list(flag.tags),
        "context": "distinct_id",
        "serving_method": "client",
        "ruleset": flag.ruleset,
        "experiment_id": flag.experiment and uuid_of("experiments", flag.experiment),
        "data_group_id": None,
        "is_experiment_active": None,
        "hash_salt": md5(flag.key.encode(), usedforsecurity=False).hexdigest(),
        **flag.owner.signature(),
        "created": instant(now, flag.created),
        "modified": moved or instant(now, flag.created),
        "enabled_at": moved if flag.status == "enabled" else None,
        "deleted": moved if flag.status == "archived" else None,
        "is_favorited": False,
        "pinned_date": None,
        **RIGHTS,
    }


def _entries(flag: Flag, now: datetime) -> list[list[Any]]:
    made = {"at": instant(now, flag.created), "by": flag.owner.name, "changes": {}}
    entries: list[list[Any]] = [[1, "created", made]]
    if flag.moved is not None:
        word = "archived" if flag.status == "archived" else "updated"
        changes = {"status": {"before": "disabled", "after": flag.status}}
        moved = {"at": instant(now, flag.moved), "by": flag.owner.name, "changes": changes}
        entries.append([2, word, moved])
    return entries
