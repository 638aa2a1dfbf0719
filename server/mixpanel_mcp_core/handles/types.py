"""The columns of a table as a database has them: names that are unique, and types."""

import re
from datetime import date, datetime
from typing import Any

import orjson

from mixpanel_mcp_core.exports.columns import free_name
from mixpanel_mcp_core.exports.kinds import NESTED, NULL, column_type, kind_of, repaired
from mixpanel_mcp_core.tables import Table

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Any other form, or a zone, would be read back as another text.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_SMALLEST, _LARGEST = -(1 << 63), (1 << 63) - 1


def typed(table: Table) -> dict[str, str]:
    """The type of each column by its name; a name that is there already is numbered."""
    taken: set[str] = set()
    return {
        free_name(name, taken): _type([row[index] for row in table.rows])
        for index, name in enumerate(table.columns)
    }


def _type(values: list[Any]) -> str:
    present = [each for each in values if each is not None]
    bits = 0
    for kind in set(map(type, present)):
        bits |= kind_of(kind)
    found = column_type(bits)
    if found == "VARCHAR" and present:
        return _text_type(present)
    if found == "BIGINT" and not all(_SMALLEST <= each <= _LARGEST for each in present):
        return "VARCHAR"
    # Texts among other values stay as they are, without the quotes of JSON.
    return "VARCHAR" if found == "JSON" and bits & ~NULL != NESTED else found


def _text_type(values: list[Any]) -> str:
    for kind, form in (("DATE", _DAY), ("TIMESTAMP", _MOMENT)):
        if all(_is_time(each, form) for each in values):
            return kind
    return "VARCHAR"


def _is_time(value: Any, form: re.Pattern[str]) -> bool:
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        return bool(form.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def dumped(row: dict[str, Any]) -> bytes:
    """A row as a line of JSON, whatever its cells hold."""
    try:
        return orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        return repaired(row)
