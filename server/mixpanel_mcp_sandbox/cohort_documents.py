"""Saved cohorts as entities: made, changed, counted; and which reports and cohorts use one."""

from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from .calls import Call, Endpoint, Json
from .cohort_sql import members
from .cohorts import read_document
from .documents import (
    Collection,
    bulk_change,
    bulk_delete,
    endpoints,
    picked_by_ids,
    stamp,
)
from .entities import Entities
from .errors import Refusal
from .membership import Cohort
from .project import USER
from .saved_cohorts import KIND
from .scan import Holdings, holdings

SETTINGS = {
    "name": str,
    "description": str,
    "data_group_id": str,
    "is_locked": bool,
    "is_visible": bool,
    "deleted": bool,
}
DEFINITION = {"selector": dict, "behaviors": dict, "groups": list, "distinct_ids": list}


def _created(call: Call, number: int, fields: Json) -> Json:
    cohort = {
        "id": number,
        "project_id": call.project.id,
        "description": "",
        "data_group_id": None,
        "is_locked": False,
        "is_visible": True,
        "verified": False,
        "last_queried": None,
        "active_integrations": list[int](),
        **{name: value for name, value in fields.items() if value is not None},
        "created": stamp(call),
        "created_by": USER,
        "last_edited": stamp(call),
    }
    return _checked(call, cohort)


def _changed(call: Call, before: Json, fields: Json) -> Json:
    given = {name: value for name, value in fields.items() if value is not None}
    return _checked(call, before | given | {"last_edited": stamp(call)})


def _checked(call: Call, cohort: Json) -> Json:
    """Return a cohort whose definition, if it has one, can be read; 400 otherwise."""
    if cohort.get("selector") is not None:
        read_document(cohort, call.database)
    return cohort


def _picked(call: Call, cohorts: list[Json]) -> list[Json]:
    """Keep those of a data group and those named by `ids`; what is out of sight is left out."""
    group = call.query.get("data_group_id")
    kept = [
        cohort
        for cohort in picked_by_ids(call, cohorts)
        if not cohort.get("deleted") and group in (None, "", cohort.get("data_group_id"))
    ]
    return _all_shown(call, kept)


def _shown(call: Call, cohort: Json) -> Json:
    return _all_shown(call, [cohort])[0]


def _all_shown(call: Call, cohorts: list[Json]) -> list[Json]:
    """Return cohorts with how many people are in each now, and what refers to it."""
    reports = list(_references(call, "bookmarks"))
    others = list(_references(call, KIND))
    held = holdings(call)
    return [
        {
            **cohort,
            "count": _count(held, cohort["id"]),
            "referenced_by": [report for report, used in reports if cohort["id"] in used],
            "referenced_directly_by": [other for other, used in others if cohort["id"] in used],
        }
        for cohort in cohorts
    ]


def _count(held: Holdings, number: int) -> int | None:
    """Return how many people are in a cohort, None for one that cannot be computed."""
    try:
        statement = members(held, Cohort(number), [held.clock.now + 1])
    except Refusal:
        return None
    return held.database.value(f"select count(distinct uid) from ({statement})")


def _references(call: Call, kind: str) -> Iterator[tuple[int, set[int]]]:
    """Give the numbers of documents of a kind, each with the cohorts that it names."""
    for document in Entities(call.database, kind, kind).all():
        body = document.get("params") if kind != KIND else document.get("selector")
        yield document["id"], set(_named(body))


def _named(node: Any) -> Iterator[int]:
    """Give the numbers of the cohorts that a definition or the params of a report name."""
    if isinstance(node, list):
        for each in cast("list[Any]", node):
            yield from _named(each)
    if not isinstance(node, dict):
        return
    entry = cast("Json", node)
    if entry.get("property") == "cohort":
        yield from _numbers(entry.get("value"))
    if entry.get("type") == "cohort" or "negated" in entry:
        yield from _numbers(entry.get("id"))
    for each in entry.values():
        yield from _named(each)


def _numbers(value: object) -> Iterator[int]:
    if isinstance(value, int):
        yield value


COHORTS = Collection(
    kind=KIND,
    path="cohorts",
    noun="Cohort",
    fields={**SETTINGS, **DEFINITION},
    required=frozenset({"name"}),
    changeable=frozenset({**SETTINGS, **DEFINITION}),
    create=_created,
    change=_changed,
    pick=_picked,
    show=_shown,
)
BASE = "/api/app/{scope}/cohorts"
ENDPOINTS = (
    Endpoint(
        "POST", f"{BASE}/bulk-delete", partial(bulk_delete, COHORTS, "cohort_ids"), writes=True
    ),
    Endpoint("POST", f"{BASE}/bulk-update", partial(bulk_change, COHORTS, "cohorts"), writes=True),
    *endpoints(COHORTS),
)
