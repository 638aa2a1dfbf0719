"""Lookup tables: rows of texts joined to a property by its value.

A table is a document with the properties it is joined to (`mappedProperties`) and the names of
its `columns`. Its rows lie in a table of their own: a listing of the documents need not read them.
A column is a property named after the one it is joined to: `sku → brand`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from .calls import Json
from .database import Database, literal
from .entities import Entities
from .errors import not_emulated
from .properties import SOURCES, UNDEFINED, Derived, Join, Property, Source

KIND = "lookup_tables"
ARROW = " → "
SOME = "select 1 from own.lookup_rows where table_id = $id limit 1"
FORGET = "delete from own.lookup_rows where table_id = $id"
REMEMBER = """
insert into own.lookup_rows
select $id, key, value::variant from json_each($rows::json)
"""


@dataclass(frozen=True)
class Looked(Derived):
    """A column of a lookup table for the value of a property, item by item for a list."""

    prefix = "k"
    table: int = field(kw_only=True)
    column_name: str = field(kw_only=True)
    origin: Property = field(kw_only=True)

    @property
    def sql(self) -> str:
        """The column's value as VARIANT; NULL without a match."""
        return f"{self.column}.value"

    @property
    def present(self) -> str:
        """Never true where there is no value: no match is undefined, not null."""
        return "false"

    @property
    def item_texts(self) -> str:
        """The same as for other properties, but items without a match are undefined."""
        text = f"case when kind(x) = 'null' then '{UNDEFINED}' else value_text(x) end"
        return f"list_distinct(list_transform(scalars({self.sql}), lambda x: {text}))"

    @property
    def join(self) -> Join | None:
        """What the property it is joined to needs."""
        return self.origin.join

    @property
    def inputs(self) -> tuple[Property, ...]:
        """The property it is joined to."""
        return (self.origin,)

    @property
    def wanted(self) -> str:
        """The SQL of the text that the first column is compared with; NULL for no value."""
        value = self.origin.sql
        return f"case when kind({value}) <> 'null' then value_text({value}) end"

    def matches(self, events: str) -> str:
        """Return the statement whose rows are `text`, for each value in events, and `value`."""
        value = literal(self.column_name)
        values = (
            f"select any_value(v) as v, text from (select {self.origin.sql} as v, "
            f"{self.wanted} as text from {events}) where text is not null group by text"
        )
        items = (
            "select v, text, unnest(scalars(v)) as item, "
            f"generate_subscripts(scalars(v), 1) as place from ({values})"
        )
        listed = "(list(found order by place))::variant"
        return (
            f"select text, case when kind(any_value(v)) = 'list' then {listed} "
            f"else any_value(found) end as value from (select i.*, r.columns[{value}] as found "
            f"from ({items}) i left join own.lookup_rows r "
            f"on r.table_id = {self.table} and r.key = value_text(i.item)) group by text"
        )


def event_property(database: Database, name: str, source: Source = "events") -> Property:
    """Return the property of a name, which may be a column joined to another one."""
    origin, arrow, column = name.partition(ARROW)
    if arrow and (table := _joined(database, origin, source, column)) is not None:
        owner = Property(origin, source)
        return Looked(name, source, table=table, column_name=column, origin=owner)
    return Property(name, source)


def profile_property(database: Database, name: str, source: Source = "events") -> Property:
    """Return the profile property of a name; 400 for a column of a lookup table."""
    owner = event_property(database, name, source)
    if isinstance(owner, Looked):
        raise not_emulated("lookup tables in queries of profiles")
    return owner


def has_rows(database: Database, table: int) -> bool:
    """Return whether a table has any rows."""
    return database.value(SOME, {"id": table}) is not None


def forget_rows(database: Database, table: int) -> None:
    """Take the rows of a table away."""
    database.run(FORGET, {"id": table})


def replace_rows(database: Database, table: int, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Give a table the rows of this mapping, by the value of their first column."""
    forget_rows(database, table)
    database.run(REMEMBER, {"id": table, "rows": orjson.dumps(rows).decode()})


def _joined(database: Database, origin: str, source: Source, column: str) -> int | None:
    for document in Entities(database, KIND, "Lookup table").all():
        if column in document.get("columns", []) and any(
            entry.get("value") == origin
            and SOURCES.get(str(entry.get("resourceType", "event"))) == source
            for entry in cast("list[Json]", document.get("mappedProperties", []))
        ):
            return int(document["id"])
    return None
