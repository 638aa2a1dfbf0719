"""A Parquet file as a table of events in DuckDB's SQL: what `Columns` makes of its usual rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from mixpanel_mcp_core.exports.columns import literal, quoted
from mixpanel_mcp_core.imports.columns import IDENTITY, Columns
from mixpanel_mcp_core.imports.insert_ids import LONGEST
from mixpanel_mcp_core.imports.rows import Part
from mixpanel_mcp_core.imports.sources import ROW_NUMBER, Source, value_of
from mixpanel_mcp_core.imports.times_sql import WHOLE, milliseconds_sql

# What an event has of its own, which no column may stand for.
_OWN = {"time", "distinct_id", "$insert_id"}
# With these a row may be an event that some export wrote in a form of its own.
_FORMS = {"properties", "record"}
_TEXTS = ("VARCHAR", "ENUM", "UUID")
_LINES = 2000
_TWINS, _ALIKE = "load_twins", "load_alike"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file as a statement, and which of its columns has which property.

    Its columns are `place`, the number of a row; `event`, `t` (milliseconds), `person`, `user_id`,
    `device_id` and `own_id` (the `$insert_id`), each null where a row needs a closer look, and else
    as Mixpanel gets it; and `line`, the row as the JSON of a closer look. `last` is the last place.
    """

    name: str
    sql: str
    properties: Mapping[str, str]
    count: int
    last: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """A file's columns, of known types, as parts of events."""

    source: Source
    columns: Columns
    types: Mapping[str, str]

    @property
    def properties(self) -> dict[str, str]:
        """The column of each property."""
        taken = {self.columns.event, self.columns.time}
        taken |= {self.columns.distinct_id, self.columns.insert_id}
        only = self.columns.only
        names = [
            name for name in self.types if (name not in taken if only is None else name in only)
        ]
        return {self.columns.rename.get(name, name): name for name in names}

    @property
    def usual(self) -> bool:
        """Whether rows become events as usual, and properties fields, which know no case."""
        nested = {name for name, kind in self.types.items() if kind.endswith((")", "]", "JSON"))}
        fields = {name.casefold() for name in self.properties if name and "\x00" not in name}
        odd = _OWN & self.properties.keys() or _FORMS & nested or ROW_NUMBER in fields
        return not odd and len(fields) == len(self.properties)

    def moment(self) -> str | None:
        """The time in milliseconds; None where all rows need a closer look."""
        time = self.columns.time
        return milliseconds_sql(time, self.types[time], self.columns.zone) if time else None

    def likeness(self) -> str:
        """A number that rows share which are alike; empty columns make no difference."""
        values = {name: quoted(column) for name, column in self.properties.items()}
        values |= {"time": f"{self.moment()}", "distinct_id": self.person()}
        hashes = (
            f"if({sql} is null, 0, hash({literal(name)}, {sql}))" for name, sql in values.items()
        )
        found = f"hash({self.event()})"
        for each in hashes:
            found = f"xor({found}, {each})"
        return found

    def event(self) -> str | None:
        """The event's name; None where all rows need a closer look."""
        if self.columns.event_name:
            return literal(self.columns.event_name)
        return self._text(self.columns.event)

    def person(self) -> str | None:
        """The distinct_id, empty for nobody."""
        return self._id(self.columns.distinct_id) or "''"

    def named(self, name: str) -> str:
        """An id that is a property, empty without one."""
        return self._id(self.properties.get(name)) or "''"

    def own_id(self) -> str | None:
        """The `$insert_id`; None without a column for it."""
        if not self.columns.insert_id:
            return None
        return f"nullif({self._id(self.columns.insert_id)}, '')"

    def fingerprint(self) -> str:
        """What `insert_ids` makes of a row; of odd numbers and characters, another one."""
        time = self.moment()
        moment = f"if({time} % 1000 = 0, {time} // 1000, {time})"
        person = self.person()
        column = self.columns.distinct_id
        if column and any(name in self.properties for name in IDENTITY):
            somebody = " or ".join(f"coalesce({self.named(name)}, '?') <> ''" for name in IDENTITY)
            person = f"if({quoted(column)} is null and ({somebody}), null, {person})"
        values = {name: quoted(column) for name, column in self.properties.items()}
        values |= {"time": moment, "distinct_id": f"{person}"}
        fields = ", ".join(f"{literal(name)}: {values[name]}" for name in sorted(values))
        return (
            f"sha256('[' || to_json({self.event()}) || ',' || "
            f"json_strip_nulls(to_json({{{fields}}})) || ']')"
        )

    def _text(self, column: str | None) -> str | None:
        known = column is not None and self.types[column].startswith(_TEXTS)
        return f"{quoted(str(column))}::varchar" if known else None

    def _id(self, column: str | None) -> str | None:
        """An id as text, empty where there is none; None without a column."""
        if column is None:
            return None
        if self._text(column) or self.types[column] in WHOLE:
            return f"coalesce({quoted(column)}::varchar, '')"
        return f"if({quoted(column)} is null, '', null)"


def mapped_of(connection: duckdb.DuckDBPyConnection, part: Part) -> Mapped | None:
    """A Parquet file whose rows can be told in SQL; None for any other."""
    if part.source.kind != "parquet":
        return None
    described = connection.execute(f"describe {part.source.chosen}").fetchall()
    types = {str(row[0]): str(row[1]) for row in described}
    mapped = Mapped(part.source, part.columns, types)
    known = mapped.usual and mapped.event() and mapped.moment()
    return mapped if known else None


def tables_of(connection: duckdb.DuckDBPyConnection, files: Sequence[Mapped]) -> list[Table]:
    """Files as tables, whose rows are counted on from one to the next.

    A row without `$insert_id` gets one of its content, and those that are alike a number each.
    """
    bare = {number: each for number, each in enumerate(files) if not each.own_id()}
    numbered = bool(bare) and _number_twins(connection, bare)
    tables: list[Table] = []
    for number, each in enumerate(files):
        before = tables[-1].last if tables else 0
        count = connection.execute(f"select count(*) from {each.source.table}").fetchall()[0][0]
        statement = _statement(each, before, number if numbered else None)
        name = each.source.path.name
        tables.append(Table(name, statement, _aliases(each), count, before + count))
    return tables


def lines_of(
    connection: duckdb.DuckDBPyConnection, statement: str
) -> Iterator[list[tuple[int, Any]]]:
    """The rows that a statement gives as places and lines, some at a time."""
    cursor = connection.cursor().execute(statement)
    while lines := cursor.fetchmany(_LINES):
        yield [(place, value_of(line)) for place, line in lines]


def _aliases(each: Mapped) -> dict[str, str]:
    return {name: f"p{number}" for number, name in enumerate(each.properties)}


def _statement(each: Mapped, before: int, twins: int | None) -> str:
    line = ", ".join(f"{literal(name)}: {quoted(name)}" for name in each.types)
    columns = {
        "place": f"{ROW_NUMBER} + {before + 1}",
        "event": each.event(),
        "t": each.moment(),
        "person": each.person(),
        "user_id": each.named("$user_id"),
        "device_id": each.named("$device_id"),
        "own_id": each.own_id() or f"left({each.fingerprint()}, {LONGEST})",
        **{alias: quoted(each.properties[name]) for name, alias in _aliases(each).items()},
        "line": f"to_json({{{line}}})",
    }
    chosen = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    statement = f"select {chosen} from ({each.source.numbered})"
    return statement if twins is None or each.own_id() else _with_twins(statement, before, twins)


def _with_twins(statement: str, before: int, file: int) -> str:
    """The statement, the made ids in which end with numbers where rows are alike."""
    suffix = "coalesce('-' || number, '')"
    own_id = f"left(own_id, {LONGEST} - length({suffix})) || {suffix}"
    numbers = f"select row + {before + 1} as place, number from {_TWINS} where file = {file}"
    return (
        f"select * exclude (number) replace ({own_id} as own_id) "
        f"from ({statement}) left join ({numbers}) using (place)"
    )


def _number_twins(connection: duckdb.DuckDBPyConnection, bare: Mapping[int, Mapped]) -> bool:
    """Number the rows that are alike, from the second one on; True where there are any."""
    rough = " union all ".join(
        f"select {each.likeness()} as h from ({each.source.chosen})" for each in bare.values()
    )
    connection.execute(
        f"create or replace table {_ALIKE} as "
        f"select h from ({rough}) group by h having count(*) > 1"
    )
    if not connection.execute(f"select 1 from {_ALIKE} limit 1").fetchone():
        return False
    prints = " union all ".join(
        f"select {number} as file, {ROW_NUMBER} as row, {each.fingerprint()} as print "
        f"from ({each.source.numbered}) where {each.likeness()} in (select h from {_ALIKE})"
        for number, each in bare.items()
    )
    connection.execute(
        f"create or replace table {_TWINS} as select file, row, "
        f"row_number() over (partition by print order by file, row) as number "
        f"from ({prints}) qualify number > 1"
    )
    return True
