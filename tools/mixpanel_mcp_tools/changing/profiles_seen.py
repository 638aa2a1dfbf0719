"""Updates of profiles in a preview: each property before and after, or all that would go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import orjson

from mixpanel_mcp_core.lenient_json import written
from mixpanel_mcp_core.models.changes import FieldChange, Thing
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_core.together import all_of
from mixpanel_mcp_tools.changing.kinds import Image, run

# Of many updates a preview shows so many.
MOST_PROFILES = 20

# Profiles by their ids, as far as they are there.
Found = Mapping[str, Image]


class Data(NamedTuple):
    """The things concerned, the fields that change, what would be gone, and remarks."""

    things: Sequence[Thing] = ()
    changes: Sequence[FieldChange] = ()
    before: Sequence[Image] = ()
    notes: Sequence[str] = ()


async def people(session: Session, updates: Sequence[Image]) -> Data:
    """What updates of people would leave."""
    some = updates[:MOST_PROFILES]
    found = await profiles_found(session, _ids(some, "$distinct_id"))
    data = _updated("person", "$distinct_id", some, found)
    return data._replace(notes=[*_notes(session, updates), *data.notes])


async def groups(session: Session, updates: Sequence[Image]) -> Data:
    """What updates of groups would leave.

    Nothing tells the number of a data group by its key. So all of them are looked into, and of an
    id that several have each profile is shown.
    """
    some = updates[:MOST_PROFILES]
    ids, keys = _ids(some, "$group_id"), _ids(some, "$group_key")
    asked = {"names": [], "resource_type": "groupprofile"}
    defined = await run("lexicon", "get_property_definitions", session, **asked)
    numbers = list(dict.fromkeys(each.data_group_id for each in defined if each.data_group_id))
    looked = await all_of(profiles_found(session, ids, group_id=each) for each in numbers)
    having = {each: [found[each] for found in looked if each in found] for each in ids}
    unsure = [each for each, profiles in having.items() if len(profiles) > 1]
    found = {each: profiles[0] for each, profiles in having.items() if len(profiles) == 1}
    clear = [each for each in some if str(each["$group_id"]) not in unsure]
    data = _updated("group", "$group_id", clear, found)
    notes = [
        _data_groups(numbers, keys),
        *(data.notes if numbers else ()),
        *(f"several data groups have {each}: shown is that of each" for each in unsure),
    ]
    return Data(
        [*data.things, *(_thing("group", each, None) for each in unsure)],
        data.changes,
        [*data.before, *(profile for each in unsure for profile in having[each])],
        [*_notes(session, updates), *notes],
    )


def _data_groups(numbers: Sequence[str], keys: Sequence[str]) -> str:
    if not numbers:
        return "not read: the Lexicon knows no property of groups, nor the data groups"
    where = ", ".join(numbers)
    told = f"Mixpanel does not tell which data group {' or '.join(keys)} is"
    return f"looked up in data group {where}, all that the Lexicon knows; {told}"


async def profiles_found(session: Session, ids: Sequence[str], **of: Any) -> Found:
    """The profiles of these people, or of the groups of a data group (`group_id`)."""
    asked = {"mode": "profiles", "limit": len(ids), **of}
    # The id of one may be an alias, under which no profile is listed.
    which = {"distinct_id": ids[0]} if len(ids) == 1 else {"distinct_ids": list(ids)}
    profiles = (await run("queries", "query_user", session, **asked, **which)).profiles
    if len(ids) == 1:
        return {ids[0]: profiles[0]["properties"]} if profiles else {}
    return {str(each["distinct_id"]): each["properties"] for each in profiles}


def looked_up_in(session: Session) -> str:
    """Where the profiles are that were looked up, since a token may be another project's."""
    return f"looked up in project {session.project_id}; the token says in which it changes"


def name_in(profile: Image | None) -> str | None:
    """What a person, or a group, is called."""
    told = profile or {}
    names = (told.get(each) for each in ("$name", "name", "$email"))
    return next((each for each in names if each and isinstance(each, str)), None)


def _ids(updates: Iterable[Image], name: str) -> list[str]:
    return list(dict.fromkeys(str(each[name]) for each in updates))


def _notes(session: Session, updates: Sequence[Image]) -> list[str]:
    shown = [f"shown are the first {MOST_PROFILES} of {len(updates):,} updates"]
    return [looked_up_in(session), *(shown if len(updates) > MOST_PROFILES else [])]


def _thing(kind: str, number: Any, profile: Image | None) -> Thing:
    return Thing(kind=kind, id=number, name=name_in(profile))


def _updated(kind: str, key: str, updates: Sequence[Image], found: Found) -> Data:
    now: dict[str, Image] = dict(found)
    things = {each: _thing(kind, each, found.get(each)) for each in _ids(updates, key)}
    changes: list[FieldChange] = []
    gone: list[Image] = []
    for update in updates:
        number = str(update[key])
        before = now.get(number, {})
        if "$delete" in update:
            gone += [now.pop(number)] if number in now else []
            continue
        after = profile_after(before, update)
        words = things[number].words()
        changes += [
            FieldChange(thing=words, field=name, before=before.get(name), after=after.get(name))
            for name in {**before, **after}
            if _mark(before.get(name)) != _mark(after.get(name))
        ]
        now[number] = after
    missing = [each for each in things if each not in found]
    told = [f"not found: {', '.join(missing)}"] if missing else []
    deleted = [str(each[key]) for each in updates if "$delete" in each]
    # A table of fields has no row for them.
    told += [f"deleted: {', '.join(deleted)}"] if changes and deleted else []
    return Data(list(things.values()), changes, gone, told)


def profile_after(profile: Image, update: Image) -> Image:
    """The properties that an update of one operation leaves. Pure."""
    for operator, content in update.items():
        if operator == "$unset":
            return {name: value for name, value in profile.items() if name not in content}
        if operator == "$set_once":
            return {**content, **profile}
        if operator in _VALUES:
            value_after = _VALUES[operator]
            return {
                **profile,
                **{
                    name: value_after(profile.get(name), value)
                    for name, value in content.items()
                    if name in profile or operator != "$remove"
                },
            }
    return profile


def _added(before: Any, value: Any) -> Any:
    number = isinstance(before, int | float) and not isinstance(before, bool)
    return before + value if number else value if before is None else before


def _listed(before: Any) -> list[Any]:
    if before is None:
        return []
    return cast("list[Any]", before) if isinstance(before, list) else [before]


def _united(before: Any, values: Sequence[Any]) -> list[Any]:
    items = _listed(before)
    have = {_mark(each) for each in items}
    new = {mark: each for each in values if (mark := _mark(each)) not in have}
    return [*items, *new.values()]


def _without(before: Any, value: Any) -> Any:
    if not isinstance(before, list):
        return before
    return [each for each in cast("list[Any]", before) if _mark(each) != _mark(value)]


def _mark(value: Any) -> Any:
    """What is one item: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict | list):
        return written(value, orjson.OPT_SORT_KEYS)
    return isinstance(value, bool), value


_VALUES: Mapping[str, Callable[[Any, Any], Any]] = {
    "$set": lambda _, value: value,
    "$add": _added,
    "$append": lambda before, value: [*_listed(before), value],
    "$union": _united,
    "$remove": _without,
}
