"""Records as columns of a Parquet or CSV file: names, types, and the statement. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.exports.kinds import FLOAT, NULL, WHOLE, column_type

if TYPE_CHECKING:
    from mixpanel_mcp_core.exports.target import Target

_LAST_SECOND = 253_402_300_799
# What stands for other characters in the name of a file to read.
_WILD = re.compile(r"[*?\[]")
COMPRESSION = {"": "none", "gz": "gzip", "zst": "zstd"}


class Own(NamedTuple):
    """A column that every file has: its name, and its property; the record's own field without."""

    name: str
    source: str | None = None


EVENT_COLUMNS = (
    Own("event"),
    Own("time", "time"),
    Own("distinct_id", "distinct_id"),
    Own("insert_id", "$insert_id"),
)
PROFILE_COLUMNS = (Own("distinct_id"), Own("last_seen", "$last_seen"))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: their types by name, and how a statement reads them from records.

    `pointed` says that properties are looked up outside of the structure, too.
    """

    types: Mapping[str, str]
    renamed: Mapping[str, str]
    selected: str
    structure: Mapping[str, str]
    pointed: bool

    def statement(self, parts: Sequence[Path], file: Path, target: "Target") -> str:
        """The statement that writes the records of `parts`, in order, to a file."""
        files = ", ".join(map(path_literal, parts))
        kind, taken = self._taken()
        return f"""
            copy (
                select {self.selected} from (
                    select o, p, {taken} as s
                    from read_json([{files}], format = 'newline_delimited', compression = 'zstd',
                                   hive_partitioning = false,
                                   columns = {{'o': 'VARCHAR', 'p': {literal(kind)}}})
                )
            ) to {literal(str(file))} ({self._options(target)})"""

    def _taken(self) -> tuple[str, str]:
        """The type that properties are read as, and the structure with their values."""
        if self.pointed:
            return "JSON", f"json_transform(p, {literal(json.dumps(self.structure))})"
        # Read as what they are they need not be looked through twice.
        fields = (f"{quoted(name)} {kind}" for name, kind in self.structure.items())
        return f"STRUCT({', '.join(fields)})", "p"

    def _options(self, target: "Target") -> str:
        if target.format == "csv":
            return f"format csv, header true, compression {COMPRESSION[target.compression]}"
        named = literal(json.dumps(self.renamed, ensure_ascii=False))
        return f"format parquet, compression zstd, kv_metadata {{mixpanel_properties: {named}}}"


def columns_of(kinds: Mapping[str, int], own: Sequence[Own], *, text: bool) -> Columns:
    """The columns for properties of these kinds; with `text` all are text, as in a CSV file."""
    reader = _Reader()
    types: dict[str, str] = {}
    selected: list[str] = []
    for name, source in own:
        types[name], value = reader.own(source, kinds, text=text)
        selected.append(f"{value} as {quoted(name)}")
    renamed: dict[str, str] = {}
    taken = set(types)
    sources = {each.source for each in own}
    for source, bits in kinds.items():
        if source in sources:
            continue
        name = free_name(source, taken)
        if name != source:
            renamed[name] = source
        types[name] = "VARCHAR" if text else column_type(bits)
        selected.append(f"{reader.value(source, types[name])} as {quoted(name)}")
    return Columns(types, renamed, ", ".join(selected), reader.structure, reader.pointed)


class _Reader:
    """Says how a property is read: out of one structure, as far as names differ beyond case."""

    def __init__(self) -> None:
        self.structure: dict[str, str] = {}
        self.pointed = False
        self._taken: set[str] = set()

    def own(self, source: str | None, kinds: Mapping[str, int], *, text: bool) -> tuple[str, str]:
        """Type and value of a column that every file has."""
        if source is None:
            return "VARCHAR", "o"
        bits = kinds.get(source, 0) & ~NULL
        if source != "time" or bits & ~(WHOLE | FLOAT):
            return "VARCHAR", self.value(source, "VARCHAR")
        value = self.value(source, "DOUBLE")
        seconds = f"if({value} >= {MILLISECONDS_FROM}, {value} / 1000, {value})"
        time = f"if({seconds} between 0 and {_LAST_SECOND}, to_timestamp({seconds}), null)"
        # As text it takes an extension, unless it has no zone.
        plain = f"make_timestamp(epoch_us({time}))"
        shown = f"replace(strftime({plain}, '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000Z', 'Z')"
        return ("VARCHAR", shown) if text else ("TIMESTAMPTZ", time)

    def value(self, source: str, kind: str) -> str:
        """The value of a property as a type."""
        if source and "\0" not in source and source.lower() not in self._taken:
            self._taken.add(source.lower())
            self.structure[source] = kind
            return f"s.{quoted(source)}"
        self.pointed = True
        pointer = literal("/" + source.replace("~", "~0").replace("/", "~1"))
        if kind == "VARCHAR":
            return f"json_extract_string(p, {pointer})"
        return f"nullif(json_extract(p, {pointer}), 'null')::{kind}"


def free_name(name: str, taken: set[str]) -> str:
    """The name, numbered where another column has it in upper or lower case."""
    plain = name.replace("\0", "") or "property"
    free, number = plain, 1
    while free.lower() in taken:
        number += 1
        free = f"{plain}_{number}"
    taken.add(free.lower())
    return free


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """The path of a file to read as SQL, where DuckDB would take it for a pattern."""
    return literal(_WILD.sub(r"[\g<0>]", str(path)))
