"""The text of a TOML file after a change, as much as possible of it as it was. Pure."""

import contextlib
import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

import tomlkit
from tomlkit.items import AbstractTable, InlineTable


def edited(text: str, meant: Mapping[str, Any]) -> str:
    """The text with its values made those that are meant; comments and order stay."""
    # Of a few rare layouts, such as tables out of dotted keys, tomlkit makes something else, or
    # fails in ways of its own: then the comments go rather than the accounts.
    with contextlib.suppress(Exception):
        document = tomlkit.parse(text)
        _align(document, meant)
        after = tomlkit.dumps(document)
        if tomllib.loads(after) == meant:
            return after
    return tomlkit.dumps(meant)


def _align(table: MutableMapping[str, Any], meant: Mapping[str, Any]) -> None:
    for key in [key for key in table if key not in meant]:
        del table[key]
    added = [key for key in meant if key not in table]
    for key, value in meant.items():
        if key in added:
            table[key] = _fresh(value, inline=isinstance(table, InlineTable))
        elif isinstance(value, dict) and isinstance(table[key], MutableMapping):
            _align(table[key], cast("Mapping[str, Any]", value))
        elif table[key] != value:
            table[key] = value
    if added and isinstance(table, AbstractTable):
        _order(table, meant)


def _fresh(value: Any, *, inline: bool) -> Any:
    """A new value; one that holds tables only needs no header of its own."""
    if not isinstance(value, dict):
        return value
    fields = cast("Mapping[str, Any]", value)
    only_tables = all(isinstance(each, dict) for each in fields.values())
    table = tomlkit.inline_table() if inline else tomlkit.table(is_super_table=only_tables)
    for key, each in fields.items():
        table[key] = _fresh(each, inline=inline)
    return table


def _order(table: MutableMapping[str, Any], meant: Mapping[str, Any]) -> None:
    for key in meant:
        item = table[key]
        del table[key]
        table[key] = item
