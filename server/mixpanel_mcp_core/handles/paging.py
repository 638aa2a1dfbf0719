"""A kept result read on: some of its columns and rows, sorted, from where an answer was cut."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

import orjson
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from mixpanel_mcp_core.exports.columns import quoted
from mixpanel_mcp_core.handles.asking import ask
from mixpanel_mcp_core.handles.store import Kept
from mixpanel_mcp_core.models.results import Page
from mixpanel_mcp_core.nearest import near_names
from mixpanel_mcp_core.problems import Problem, refuse, unfit
from mixpanel_mcp_core.queries.operators import read_operator

MOST_ROWS = 5_000

_NUMBERS = ("BIGINT", "DOUBLE")
_TIMES = ("DATE", "TIMESTAMP")
_COMPARISONS = {"greater_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}
_TESTS = {
    "equals": "{column} = ?::{type}",
    # A cell without a value has another one, and contains nothing.
    "not_equals": "{column} is distinct from ?::{type}",
    "contains": "contains(lower({column}::varchar), lower(?))",
    "not_contains": "not coalesce(contains(lower({column}::varchar), lower(?)), false)",
    "is_set": "{column} is not null",
    "is_not_set": "{column} is null",
    **{name: f"{{column}} {sign} ?::{{type}}" for name, sign in _COMPARISONS.items()},
}
_AS_TEXT = ("contains", "not_contains")
_ALONE = ("is_set", "is_not_set")


def _spelt(operator: object) -> object:
    """An operator by its name, where there is one."""
    try:
        return read_operator(operator)
    except PydanticCustomError:
        return operator


class Condition(BaseModel):
    """What the rows that are wanted have in one column."""

    model_config = ConfigDict(extra="forbid")

    column: Annotated[
        str, Field(validation_alias=AliasChoices("column", "property", "field", "name"))
    ]
    operator: Annotated[
        Literal[
            "equals",
            "not_equals",
            "contains",
            "not_contains",
            "greater_than",
            "at_least",
            "less_than",
            "at_most",
            "is_set",
            "is_not_set",
        ],
        BeforeValidator(_spelt),
        Field(validation_alias=AliasChoices("operator", "op")),
    ]
    value: Annotated[
        str, Field(description="Text, number, true or false, or date; none for is_set, is_not_set.")
    ] = ""


class View(BaseModel):
    """Which columns and rows of a result are wanted, and in which order."""

    columns: Sequence[str]
    where: Sequence[Condition]
    sort: Sequence[str]

    def checked(self, kept: Kept) -> None:
        """Raise InvalidInputError for columns that are not there, and values that do not fit."""
        refuse(self._problems(kept))

    def sql(self, kept: Kept, table: str) -> tuple[str, list[str]]:
        """The statement for its rows, in order, with the values that stand in it."""
        columns = ", ".join(map(quoted, self.columns or kept.names))
        types = {each.name: each.type for each in kept.header.columns}
        tests = [
            _TESTS[each.operator].format(column=quoted(each.column), type=types[each.column])
            for each in self.where
        ]
        where = f" where {' and '.join(tests)}" if tests else ""
        order = ", ".join([*(_order(each, kept.names) for each in self.sort), "rowid"])
        values = [each.value for each in self.where if each.operator not in _ALONE]
        return (
            f"select {columns}, count(*) over () from {quoted(table)}{where} order by {order}",
            values,
        )

    def _problems(self, kept: Kept) -> Iterator[Problem]:
        named = [("columns", each) for each in self.columns]
        named += [("where", each.column) for each in self.where]
        named += [("sort", _sorting(each, kept.names)[0]) for each in self.sort]
        for field, name in named:
            if name not in kept.names:
                yield field, _no_column(name, kept.names)
        types = {each.name: each.type for each in kept.header.columns}
        for each in self.where:
            if each.operator in (*_AS_TEXT, *_ALONE) or each.column not in types:
                continue
            if not _fits(each.value, types[each.column]):
                yield "where", f"{each.column} is {types[each.column]}, which {each.value!r} is not"


async def read_page(kept: Kept, view: View, limit: int | None, cursor: str | None) -> Page:
    """The rows of a view from the cursor on; InvalidInputError for what is not there."""
    view.checked(kept)
    digest = hashlib.sha256(orjson.dumps([kept.handle, view.model_dump()])).hexdigest()[:8]
    first = _offset(cursor, digest) if cursor else 0
    most = min(limit or MOST_ROWS, MOST_ROWS)
    sql, values = view.sql(kept, "result")
    found = await ask(
        {"result": kept}, f"{sql} limit {most} offset {first}", values, most=most, field="where"
    )
    return Page(
        handle=kept.handle,
        tool=kept.header.tool,
        origin=kept.header.source,
        columns=found.columns[:-1],
        rows=[row[:-1] for row in found.rows],
        first=first,
        total=found.rows[0][-1] if found.rows else first,
        view=digest,
    )


def _offset(cursor: str, digest: str) -> int:
    offset, _, view = cursor.partition("-")
    if view != digest or not offset.isdecimal() or len(offset) > 9:
        raise unfit(
            "cursor",
            "it belongs to another question. Give the handle, columns, where and sort of the "
            "answer that it stands in",
        )
    return int(offset)


def _sorting(text: str, names: Sequence[str]) -> tuple[str, str]:
    """The column and direction of an entry of `sort`; a column may look like more than a name."""
    if text in names:
        return text, "asc"
    if text.startswith("-"):
        return text[1:], "desc"
    name, _, direction = text.rpartition(" ")
    return (name, direction) if direction in ("asc", "desc") else (text, "asc")


def _order(text: str, names: Sequence[str]) -> str:
    name, direction = _sorting(text, names)
    return f"{quoted(name)} {direction} nulls last"


def _fits(text: str, kind: str) -> bool:
    try:
        if kind in _NUMBERS:
            float(text)
        elif kind in _TIMES:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return kind != "BOOLEAN" or text.lower() in ("true", "false")


def _no_column(name: str, names: Sequence[str]) -> str:
    near = near_names(name, names)
    hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
    return f"there is no column {name!r}.{hint} There are: {', '.join(names)}"
