"""Which rows of a table break no rule and need no change, and their properties as one value.

When in doubt a row is not ordinary: then `/import`'s own checks decide.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from .database import Database, literal
from .ingest import MOST_RECORD_BYTES
from .records import (
    DEEPEST,
    EARLIEST,
    INSERT_ID,
    JOINING,
    LONGEST_TEXT,
    MOST_ENTRIES,
    NOBODY,
)

# An event has a time, a distinct_id and an insert id beside its columns.
MOST_COLUMNS = MOST_ENTRIES - 3
MOST_PATTERNS = 256
BITS = 60
# So many bytes a character is written with at most, and so long nothing in a list is.
ESCAPED = 6
SHORT = 255
LARGEST = (1 << 63) - 1
# As many digits a double has, whichever they are.
EXACT_DIGITS = 15
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
# Types that do not tell how deep a value is.
OPAQUE = re.compile("JSON|VARIANT|UNION")

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
FRACTION = ("FLOAT", "DOUBLE")

Pattern = tuple[int, ...]


class Table(NamedTuple):
    """Rows as a statement, and the column of each property; no two differ by case only.

    Other columns are `place`; `event`, `t` (milliseconds), `person`, `user_id`, `device_id` and
    `own_id` (the insert id), each null where it must be looked at closer; and `line`, of which the
    caller makes a record.
    """

    sql: str
    properties: Mapping[str, str]


class Value(NamedTuple):
    """A column as it is stored, and the condition under which it may be."""

    sql: str
    fits: str | None = None


@dataclass(frozen=True)
class Ordinary:
    """The ordinary rows of a table, each of some pattern: which properties a row has.

    Null is no property, and no object leaves out by itself what is null.
    """

    table: Table
    values: Mapping[str, Value]
    condition: str
    patterns: Sequence[Pattern] = ()
    complete: bool = False

    @property
    def sql(self) -> str:
        """The statement for the ordinary rows."""
        cases = [f"when {_is(each)} then {self._object(each)}" for each in self.patterns]
        props = f"case {' '.join(cases)} end" if cases else "null::variant"
        return (
            "select place, t, event, own_id as insert_id, user_id, device_id, person, "
            f"{props} as props from ({self.masked}) where {'true' if self.complete else self._met}"
        )

    @property
    def others(self) -> str | None:
        """The statement for the places and lines of all other rows; None where there are none."""
        if self.complete:
            return None
        return f"select place, line from ({self.masked}) where not ({self._met}) order by place"

    @property
    def masked(self) -> str:
        """The table with numbers whose bits tell which properties are there."""
        columns = list(self.table.properties.values())
        parts = [columns[start : start + BITS] for start in range(0, len(columns), BITS)]
        masks = (f", {_mask(part)} as mask{number}" for number, part in enumerate(parts))
        return f"select *{''.join(masks)} from ({self.table.sql})"

    @property
    def _met(self) -> str:
        if len(self.patterns) < MOST_PATTERNS:
            return self.condition
        # A list, since comparisons one by one would make the masks anew for each.
        names = ", ".join(f"mask{number}" for number in range(len(self.patterns[0])))
        known = ", ".join(f"({', '.join(map(str, each))})" for each in self.patterns)
        return f"{self.condition} and ({names}) in ({known})"

    def _object(self, pattern: Pattern) -> str:
        there = (
            name
            for number, name in enumerate(self.table.properties)
            if pattern[number // BITS] >> number % BITS & 1
        )
        fields = ", ".join(f"{literal(name)}: {self.values[name].sql}" for name in there)
        return f"{{{fields}}}::variant" if fields else "'{}'::json::variant"


def ordinary(
    database: Database, table: Table, governed: frozenset[str] | None, now_ms: int
) -> Ordinary:
    """Look through a table. `governed` are events that are never ordinary, None for all."""
    if governed is None or len(table.properties) > MOST_COLUMNS:
        return Ordinary(table, {}, "false")
    types = {str(row[0]): str(row[1]) for row in database.rows(f"describe {table.sql}")}
    longest = MOST_RECORD_BYTES // ESCAPED // (len(table.properties) + 1)
    values = {
        name: _value(column, types[column], longest - len(name))
        for name, column in table.properties.items()
    }
    looked = Ordinary(table, values, _condition(values, governed, now_ms))
    return _with_patterns(database, looked)


def _with_patterns(database: Database, looked: Ordinary) -> Ordinary:
    masks = "".join(f"mask{number}, " for number in range(-(-len(looked.values) // BITS)))
    rows = database.rows(
        f"select {masks} count(*) filter ({looked.condition}) as fit, count(*) "
        f"from ({looked.masked}) group by all order by fit desc"
    )
    kept = [row for row in rows[:MOST_PATTERNS] if row[-2]]
    complete = sum(row[-2] for row in kept) == sum(row[-1] for row in rows)
    return replace(looked, patterns=[row[:-2] for row in kept], complete=complete)


def _condition(values: Mapping[str, Value], governed: frozenset[str], now_ms: int) -> str:
    """Every rule of `records` that can be broken, as a condition that is never null."""
    apart = ", ".join(map(literal, sorted({*JOINING, *governed})))
    nobody = ", ".join(map(literal, sorted(NOBODY)))
    tests = [
        f"length(event) between 1 and {MOST_ENTRIES} and event not in ({apart})",
        f"t between {EARLIEST} and {now_ms}",
        f"lower(person) not in ({nobody})",
        "user_id is not null and device_id is not null",
        f"regexp_full_match(own_id, {literal(INSERT_ID.pattern)})",
        f"lower(own_id) not in ({nobody})",
        *(each.fits for each in values.values() if each.fits),
    ]
    return f"coalesce({' and '.join(tests)}, false)"


def _value(column: str, kind: str, longest: int) -> Value:
    """How a column is stored: numbers of a kind alike, so that questions about them are fast."""
    if kind in WHOLE:
        return Value(f"{column}::bigint")
    if kind == "UBIGINT":
        return Value(f"{column}::bigint", _or_null(column, f"{column} <= {LARGEST}"))
    if kind in FRACTION:
        return Value(f"{column}::double", _or_null(column, f"isfinite({column})"))
    if kind == "BOOLEAN":
        return Value(column)
    if kind == "VARCHAR":
        cut = f"if(strlen({column}) <= {LONGEST_TEXT}, {column}, left({column}, {LONGEST_TEXT}))"
        return Value(cut, _or_null(column, f"strlen({column}) <= {longest}"))
    if exact := DECIMAL.fullmatch(kind):
        width, scale = map(int, exact.groups())
        if width <= EXACT_DIGITS:
            return Value(f"{column}::{'double' if scale else 'bigint'}")
    text = f"to_json({column})::varchar"
    # What is short is neither cut nor too wide, and what has so few levels not too deep.
    shallow = kind.count("(") + kind.count("[") <= DEEPEST and not OPAQUE.search(kind)
    fits = f"strlen({text}) <= {SHORT} and not regexp_matches({text}, 'NaN|Infinity')"
    return Value(f"to_json({column})", _or_null(column, fits if shallow else "false"))


def _or_null(column: str, test: str) -> str:
    return f"({column} is null or {test})"


def _mask(columns: Sequence[str]) -> str:
    bits = (f"({column} is not null)::bigint * {1 << n}" for n, column in enumerate(columns))
    return " + ".join(bits)


def _is(pattern: Pattern) -> str:
    return " and ".join(f"mask{n} = {bits}" for n, bits in enumerate(pattern)) or "true"
