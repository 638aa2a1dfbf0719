"""Who did an event: which ids are one person's, by either of Mixpanel's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple, Protocol, cast

from .database import Database

Model = Literal["simplified", "original"]
IDENTIFY, ALIAS, MERGE = "$identify", "$create_alias", "$merge"
DEVICE = "$device:"
IDS = ("$user_id", "$device_id", "distinct_id")
MOST_IDS = 500
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)

REMEMBER = "insert {also} into {table} select unnest($ids::varchar[]), unnest($users::varchar[])"
RELINK = """
update own.events set uid = hash(link.user_id)
from ({links}) link
where own.events.uid = hash(link.own_id)
"""
GIVEN = "select unnest($ids::varchar[]) as own_id, unnest($users::varchar[]) as user_id"

# `Links`, of many records at once. What they name is '' where they do not.
PAIRS = f"""
create or replace temp table new_links as
select device_id, arg_min(user_id, place) as user_id from ({{arrived}})
where user_id <> '' and device_id <> ''
and '{DEVICE}' || device_id not in (select own_id from all_links)
group by device_id
"""
KEEP_PAIRS = "insert into own.links select device_id, user_id from new_links"
NEW_LINKS = f"select '{DEVICE}' || device_id as own_id, user_id from new_links"


class Named(NamedTuple):
    """Whom a record names, as `own_id` and `join` look at it; empty texts for nobody."""

    user_id: str
    device_id: str
    person: str


class Identity(Protocol):
    """What is known of ids, in memory; what is new waits to be stored.

    `own_id` is `resolve` in SQL, over what records name.
    """

    own_id: ClassVar[str]

    def resolve(self, event: str, properties: Mapping[str, object]) -> str:
        """Return the id an event carries, empty for nobody; learn from the ids it may join."""
        ...

    def named(self, event: str, properties: Mapping[str, object]) -> Named:
        """Return what a record of many names; `join` learns from all of them."""
        ...

    def join(self, database: Database, arrived: str) -> bool:
        """Do what `resolve` and `store` do for many records: rows of a statement."""
        ...

    def canonical(self, distinct_id: str) -> str:
        """Return the id that the person goes by."""
        ...

    def original(self, distinct_id: str) -> str:
        """Return whose profile is meant by an id that may be an alias."""
        ...

    def store(self, database: Database) -> bool:
        """Write what is new, hand earlier events over; True when there were any."""
        ...


def load(model: Model, database: Database) -> Identity:
    """Read what earlier events told."""
    return Clusters.load(database) if model == "original" else Links.load(database)


class Links:
    """Simplified ID Merge: pairs of device and user; the first user seen on a device keeps it."""

    own_id: ClassVar[str] = (
        f"case when user_id <> '' then user_id when device_id <> '' "
        f"then '{DEVICE}' || device_id else person end"
    )

    def __init__(self, users: dict[str, str]):
        self.users = users
        self.fresh: dict[str, str] = {}

    @classmethod
    def load(cls, database: Database) -> Links:
        """Read the pairs that earlier events made."""
        return cls(dict(database.rows("select own_id, user_id from all_links")))

    def resolve(self, event: str, properties: Mapping[str, object]) -> str:
        """Return the id an event carries, empty for nobody; remember the pair it may carry."""
        user, device, person = self.named(event, properties)
        if user and device and DEVICE + device not in self.users:
            self.users[DEVICE + device] = self.fresh[device] = user
        return user or (DEVICE + device if device else person)

    def named(self, event: str, properties: Mapping[str, object]) -> Named:
        """Return the three ids that a record may carry."""
        return Named(*(_text(properties.get(name)) for name in IDS))

    def join(self, database: Database, arrived: str) -> bool:
        """Let the first user that rows have on a device keep it, earlier events included."""
        database.run(PAIRS.format(arrived=arrived))
        if not database.value("select 1 from new_links limit 1"):
            return False
        database.run(KEEP_PAIRS)
        database.run(RELINK.format(links=NEW_LINKS))
        return True

    def canonical(self, distinct_id: str) -> str:
        """Return the user behind a device id, any other id unchanged."""
        return self.users.get(distinct_id, distinct_id)

    def original(self, distinct_id: str) -> str:
        """Return the id itself: there are no aliases."""
        return distinct_id

    def store(self, database: Database) -> bool:
        """Write the new pairs, hand their earlier events over; True when there were any."""
        if not self.fresh:
            return False
        pairs = _columns(self.fresh)
        database.run(REMEMBER.format(also="", table="own.links"), pairs)
        _hand_over(database, {DEVICE + device: user for device, user in self.fresh.items()})
        self.fresh = {}
        return True


class Clusters:
    """Original ID Merge: sets of ids joined by events that say so, with at most 500 each."""

    own_id: ClassVar[str] = "person"

    def __init__(self, canonical: dict[str, str], targets: dict[str, str]):
        self.known = canonical
        self.targets = targets
        self.members: dict[str, list[str]] = {}
        for each, head in canonical.items():
            self.members.setdefault(head, [head]).append(each)
        self.fresh: dict[str, str] = {}
        self.fresh_targets: dict[str, str] = {}

    @classmethod
    def load(cls, database: Database) -> Clusters:
        """Read what earlier events joined."""
        return cls(
            dict(database.rows("select own_id, user_id from all_links")),
            dict(database.rows("select alias, target from own.aliases")),
        )

    def resolve(self, event: str, properties: Mapping[str, object]) -> str:
        """Return the id an event carries, empty for nobody; join what it says is one person."""
        own_id = _text(properties.get("distinct_id"))
        if event == IDENTIFY:
            known = _text(properties.get("$identified_id"))
            self.identify(known, _text(properties.get("$anon_id")))
            return own_id or known
        if event == ALIAS:
            self.alias(own_id, _text(properties.get("alias")))
        elif event == MERGE:
            self.merge(*pair_of(properties.get("$distinct_ids")))
        return own_id

    def named(self, event: str, properties: Mapping[str, object]) -> Named:
        """Return the id that a record carries, and join what it says is one person."""
        return Named("", "", self.resolve(event, properties))

    def join(self, database: Database, arrived: str) -> bool:
        """Write what records joined that were looked at one by one; others join nobody."""
        return self.store(database)

    def identify(self, known: str, visitor: str) -> None:
        """Join a visitor who was not joined before; other ids than SDKs make stay apart."""
        joined = visitor in self.known or visitor in self.members
        if UUID4.fullmatch(visitor) and not joined:
            self.merge(known, visitor)

    def alias(self, distinct_id: str, alias: str) -> None:
        """Give an id another one, unless that is another's already."""
        if alias == distinct_id or alias in self.targets:
            return
        self.merge(distinct_id, alias)
        if self.canonical(alias) == self.canonical(distinct_id):
            self.targets[alias] = self.fresh_targets[alias] = distinct_id

    def merge(self, first: str, second: str) -> None:
        """Let the second's ids join the first's, unless there would be too many."""
        head, joining = self.canonical(first), self.canonical(second)
        if not first or not second or head == joining:
            return
        ids, more = self.members.get(head, [head]), self.members.get(joining, [joining])
        if len(ids) + len(more) > MOST_IDS:
            return
        self.members.pop(joining, None)
        self.members[head] = [*ids, *more]
        for each in more:
            self.known[each] = self.fresh[each] = head

    def canonical(self, distinct_id: str) -> str:
        """Return the id that all of a cluster go by."""
        return self.known.get(distinct_id, distinct_id)

    def original(self, distinct_id: str) -> str:
        """Return the id that an alias was given to, any other id unchanged."""
        return self.targets.get(distinct_id, distinct_id)

    def store(self, database: Database) -> bool:
        """Write what was joined, hand earlier events over; True when there was any."""
        joined, self.fresh = self.fresh, {}
        targets, self.fresh_targets = self.fresh_targets, {}
        if targets:
            database.run(REMEMBER.format(also="", table="own.aliases"), _columns(targets))
        if joined:
            again = REMEMBER.format(also="or replace", table="own.merges")
            database.run(again, _columns(joined))
            _hand_over(database, joined)
        return bool(joined)


def pair_of(value: object) -> tuple[str, str]:
    """Return the two ids that a merge names, empty ones for anything else."""
    ids = [_text(each) for each in cast("list[object]", value)] if isinstance(value, list) else []
    return (ids[0], ids[1]) if len(ids) == 2 else ("", "")


def _hand_over(database: Database, pairs: Mapping[str, str]) -> None:
    database.run(RELINK.format(links=GIVEN), _columns(pairs))


def _columns(pairs: Mapping[str, str]) -> dict[str, list[str]]:
    return {"ids": list(pairs), "users": list(pairs.values())}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ""
