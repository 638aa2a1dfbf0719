"""`group_properties` of an expression: what the profile of an event's group holds.

An event belongs to a group by the property that is called as the key of such groups is.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from .database import Database, literal
from .properties import Derived, Join, Property

KEYS = "select distinct group_key from own.group_profiles where props is not null order by all"


@dataclass(frozen=True)
class Kind:
    """The groups of one key, and the table that their profiles are joined as."""

    key: str

    @property
    def owner(self) -> Property:
        """The property of events that names the group."""
        return Property(self.key)

    @property
    def table(self) -> str:
        """The name of the table."""
        return f"g{sha256(self.key.encode()).hexdigest()[:16]}"

    @property
    def joined(self) -> str:
        """The table and how it is joined; of an event in several groups the first one counts."""
        named = self.owner.sql
        text = f"case when kind({named}) <> 'null' then value_text(scalars({named})[1]) end"
        return (
            "(select group_id, props::variant as props from own.group_profiles "
            f"where props is not null and group_key = {literal(self.key)}) {self.table} "
            f"on {self.table}.group_id = {text}"
        )


@dataclass(frozen=True)
class GroupProperty(Derived):
    """A property of the event's group; in groups of several keys, of the first that has it."""

    kinds: tuple[Kind, ...] = field(kw_only=True)

    @property
    def sql(self) -> str:
        """The value as VARIANT."""
        values = (f"{kind.table}.props[{self.key}]" for kind in self.kinds)
        return f"coalesce({', '.join(values)})"

    @property
    def present(self) -> str:
        """True where some group has the property, if only as null."""
        exist = (f"variant_exists({kind.table}.props, {self.key})" for kind in self.kinds)
        return f"coalesce({' or '.join(exist)}, false)"

    @property
    def join(self) -> Join | None:
        """What the properties that name the groups need."""
        return next((kind.owner.join for kind in self.kinds if kind.owner.join), None)

    @property
    def inputs(self) -> tuple[Property, ...]:
        """The properties that name the groups."""
        return tuple(kind.owner for kind in self.kinds)


def group_property(database: Database, name: str) -> GroupProperty | None:
    """Return the property of events' groups that has a name; None where there are no groups."""
    kinds = tuple(Kind(key) for (key,) in database.rows(KEYS))
    return GroupProperty(name, kinds=kinds) if kinds else None
