"""The sandbox's own data warehouse: the tables that imports read.

It stands for a connection to BigQuery, Snowflake and the like. It holds the demo's tables, and in
the schema `lookup` every lookup table of the project under its name: whoever uploads one has a
table to import.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from .calls import Call, Json
from .csv_tables import read_table
from .entities import Entities
from .errors import one_of, wrong

KIND = "warehouse_tables"
SOURCE_ID = 1
SOURCE_NAME = "Sandbox warehouse"
LOOKUP = "lookup"
PARAMS = ("schema", "table")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A table: its full name, the names of its columns, and its rows."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]

    def check(self, columns: Iterable[tuple[str, str]]) -> None:
        """Refuse with 400 a field that names a column which is not there."""
        for name, column in columns:
            if column not in self.columns:
                raise wrong(
                    f"{name}: table {self.name} has no column {column!r}"
                    f"{_near(column, self.columns)} It has {', '.join(self.columns)}."
                )


def check_source(number: object) -> None:
    """Refuse with 400 every connection but the only one."""
    if number != SOURCE_ID or isinstance(number, bool):
        raise wrong(
            f"There is no warehouse source {number!r}; the sandbox has {SOURCE_ID} ({SOURCE_NAME})."
        )


def find_table(call: Call, params: object) -> Table:
    """Return the table that the parameters name; 400 for parameters that name none."""
    schema, name = _names(params)
    known = {**_stored(call), **_looked_up(call)}
    wanted = f"{schema}.{name}" if schema else name
    if wanted not in known:
        told = ", ".join(sorted(known)) or "none yet: upload a lookup table to have one"
        raise wrong(f"There is no table {wanted!r}{_near(wanted, known)} Tables: {told}")
    return known[wanted]()


def _names(params: object) -> tuple[str | None, str]:
    if not isinstance(params, dict):
        raise wrong("table_params must be an object")
    given = cast("Json", params)
    for name, value in given.items():
        one_of(PARAMS, name, "a key of table_params")
        if not isinstance(value, str) or not value:
            raise wrong(f"table_params.{name} must be a text, not {value!r}")
    if "table" not in given:
        raise wrong("table_params.table is required")
    return given.get("schema"), given["table"]


def _stored(call: Call) -> dict[str, Any]:
    def reader(document: Json) -> Any:
        return lambda: Table(document["name"], document["columns"], document["rows"])

    tables = Entities(call.database, KIND, "Table").all()
    return {document["name"]: reader(document) for document in tables}


def _looked_up(call: Call) -> dict[str, Any]:
    def reader(name: str, number: int) -> Any:
        return lambda: _of_csv(name, str(files.get(number)["csv"]).encode())

    files = Entities(call.database, "lookup_files", "File of lookup table")
    tables = Entities(call.database, "lookup_tables", "Lookup table").all()
    names = {f"{LOOKUP}.{document['name']}": document["id"] for document in tables}
    return {name: reader(name, number) for name, number in names.items()}


def _of_csv(name: str, content: bytes) -> Table:
    table = read_table(content)
    rows = [{table.key: key, **cells} for key, cells in table.rows.items()]
    return Table(name, [table.key, *table.columns], rows)


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f". Did you mean {near[0]!r}?" if near else "."
