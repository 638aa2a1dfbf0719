"""Grounded names: after a miss, the nearest events, properties, values and ids that there are.

A miss is an empty answer or a refusal. What was found out before is looked at first; otherwise one
thing is asked of Mixpanel, the one that tells most, and another only where that was a miss too.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from mixpanel_mcp_core.errors import EventNotFoundError, MixpanelError, QueryError
from mixpanel_mcp_core.mentions import Mentions, mentions_of
from mixpanel_mcp_core.nearest import near_names
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools import discovery

_MOST = 5
_MANY_VALUES = 100
_MOST_EVENTS = 3
_OF_PROFILES = frozenset({"query_user", "run_user_params", "stream_profiles"})
_DEFINED_EVENTS = "data-definitions/events/"
_DEFINED_PROPERTIES = "data-definitions/properties/"


class Hint(NamedTuple):
    """A name that is not there: the sentence that says so, and the one that offers others.

    Where there are no others the second one is empty.
    """

    name: str | int
    fact: str
    offer: str


class _Found(NamedTuple):
    """What a look-up told: hints, and whether it found nothing at all itself."""

    hints: Sequence[Hint] = ()
    empty: bool = False


class _LookUp(NamedTuple):
    """One thing to look up, and the key under which it is remembered."""

    key: tuple[Any, ...]
    ask: Callable[[], Awaitable[_Found]]


async def nearest_names(
    session: Session, tool: str, toolset: str, arguments: Mapping[str, Any]
) -> list[Hint]:
    """Hints about names of a call that are not there; none where nothing can be found out."""
    mentions = mentions_of(arguments, of_profiles=tool in _OF_PROFILES)
    if toolset == "lexicon":
        look_ups = _in_lexicon(session, tool, mentions, arguments)
    else:
        look_ups = _worth_asking(session, mentions, arguments)
    try:
        for look_up in look_ups:
            known = session.remembers(look_up.key)
            found = await _looked_up(session, look_up)
            if found.hints or not (known or found.empty):
                return list(found.hints)
    except MixpanelError:
        # The answer stands as it is; a hint that cannot be had is no reason to fail.
        pass
    return []


async def _looked_up(session: Session, look_up: _LookUp) -> _Found:
    try:
        return await look_up.ask()
    except EventNotFoundError as error:
        # Whoever raised it asked for all events, which are remembered now.
        return await _events(session, [error.details["event_name"]])
    except QueryError:
        # Refused, perhaps for the very name that is looked for.
        return _Found(empty=True)


def _worth_asking(
    session: Session, mentions: Mentions, arguments: Mapping[str, Any]
) -> Iterator[_LookUp]:
    """The look-ups for what a call mentions: what is known first, then the most telling."""
    events = _LookUp(discovery.events_key(session), lambda: _events(session, mentions.events))
    known = session.remembers(events.key)
    if mentions.events and known:
        yield events
    if arguments.get("entity_type") and arguments.get("name"):
        yield _LookUp(("schemas", arguments["entity_type"]), lambda: _schemas(session, arguments))
    if isinstance(funnel := arguments.get("funnel_id"), int):
        yield _LookUp(("funnels",), lambda: _funnel(session, funnel))
    if isinstance(report := arguments.get("bookmark_id"), int):
        kind = arguments.get("bookmark_type", "insights")
        yield _LookUp(("reports",), lambda: _report(session, report, kind))
    if mentions.cohorts:
        yield _LookUp(("cohorts",), lambda: _cohorts(session, mentions.cohorts))
    yield from _about_properties(session, mentions)
    if mentions.events and not known:
        yield events


def _about_properties(session: Session, mentions: Mentions) -> Iterator[_LookUp]:
    """Values of the property that is compared tell of the property too, and that of the event."""
    events = mentions.events
    if mentions.values:
        name, value, owner = mentions.values[0]
        event = owner or next(iter(events), None)
        key = discovery.values_key(name, event, _MANY_VALUES)
        yield _LookUp(key, lambda: _value(session, event, name, value))
    for owner, name in mentions.owned:
        yield _LookUp(("properties", owner), partial(_properties, session, [owner], [name]))
    # Where there are many events, one that is not looked at may have the property.
    if mentions.properties and 0 < len(events) <= _MOST_EVENTS:
        names = mentions.properties
        yield _LookUp(("properties", events[0]), lambda: _properties(session, events, names))
    elif mentions.properties and not events:
        yield _defined(session, _DEFINED_PROPERTIES, mentions.properties, "Event")
    if mentions.profile_properties:
        yield _defined(session, _DEFINED_PROPERTIES, mentions.profile_properties, "User")


def _in_lexicon(
    session: Session, tool: str, mentions: Mentions, arguments: Mapping[str, Any]
) -> Iterator[_LookUp]:
    """Names that are defined, whether anything was sent under them or not."""
    named: Sequence[str] = arguments.get("names", ())
    if "propert" in tool:
        path, names = _DEFINED_PROPERTIES, (*mentions.properties, *mentions.profile_properties)
    else:
        path, names = _DEFINED_EVENTS, mentions.events
    if wanted := (*names, *named):
        yield _defined(session, path, wanted)


def _defined(
    session: Session, path: str, wanted: Sequence[str], resource: str | None = None
) -> _LookUp:
    key = ("defined", path, resource)
    what = "event" if path == _DEFINED_EVENTS else "property"
    owner = "profile " if resource == "User" else ""

    async def names() -> list[str]:
        rows = await session.app.get(path, list[dict[str, Any]], resourceType=resource)
        return list(dict.fromkeys(str(row["name"]) for row in rows))

    async def ask() -> _Found:
        known = await session.remember(key, names)
        return _compared(f"There is no {owner}{what}", wanted, known)

    return _LookUp(key, ask)


async def _events(session: Session, wanted: Sequence[str]) -> _Found:
    return _compared("There is no event", wanted, await discovery.events(session))


async def _properties(session: Session, events: Sequence[str], wanted: Sequence[str]) -> _Found:
    lists = [await discovery.properties(session, event) for event in events]
    known = list(dict.fromkeys(name for each in lists for name in each))
    owner = f"{events[0]!r} has no" if len(events) == 1 else "None of these events has a"
    return _compared(f"{owner} property", wanted, known) if known else _Found(empty=True)


async def _value(session: Session, event: str | None, name: str, value: str) -> _Found:
    known = await discovery.property_values(session, name, event, _MANY_VALUES)
    # Of a hundred values there may be more, and the one that was asked for among them.
    if not known or (len(known) == _MANY_VALUES and not near_names(value, known)):
        return _Found(empty=not known)
    return _compared(f"{name!r} has no value", [value], known)


async def _schemas(session: Session, arguments: Mapping[str, Any]) -> _Found:
    kind = arguments["entity_type"]
    known = [each.name for each in await discovery.lexicon_schemas(session, kind)]
    return _compared(f"No schema documents the {kind}", [arguments["name"]], known)


async def _cohorts(session: Session, wanted: Sequence[int]) -> _Found:
    known = {each.id: each.name for each in await discovery.cohorts(session)}
    return _Found([_no_id("cohort", each, known) for each in wanted if each not in known])


async def _funnel(session: Session, wanted: int) -> _Found:
    known = {each.funnel_id: each.name for each in await discovery.funnels(session)}
    return _Found([] if wanted in known else [_no_id("funnel", wanted, known)])


async def _report(session: Session, wanted: int, kind: str) -> _Found:
    known = {each.id: each for each in await discovery.list_bookmarks(session)}
    if wanted not in known:
        told = {number: f"{each.name}, {each.type}" for number, each in known.items()}
        return _Found([_no_id("report", wanted, told)])
    report = known[wanted]
    offer = f"It is {report.name!r}, of type {report.type}: give that as bookmark_type."
    return _Found([] if report.type == kind else [Hint(wanted, "", offer)])


def _compared(fact: str, wanted: Sequence[str], known: Sequence[str]) -> _Found:
    unknown = [name for name in wanted if name not in known and not name.startswith("$")]
    return _Found([_unknown(fact, name, known) for name in unknown])


def _unknown(fact: str, name: str, known: Sequence[str]) -> Hint:
    fact = f"{fact} {name!r}."
    if near := near_names(name, known):
        return Hint(name, fact, f"Did you mean {' or '.join(map(repr, near))}?")
    # What Mixpanel made itself helps least.
    return Hint(name, fact, _list([repr(each) for each in sorted(known, key=_is_own)]))


def _is_own(name: str) -> bool:
    return name.startswith("$")


def _no_id(what: str, wanted: int, known: Mapping[int, str]) -> Hint:
    nearest = sorted(known, key=lambda number: abs(number - wanted))
    return Hint(
        wanted,
        f"There is no saved {what} {wanted}.",
        _list([f"{number} ({known[number]})" for number in nearest]),
    )


def _list(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return f"There are {', '.join(names[:_MOST])}{more}." if names else ""
