"""The levels of `sorting`: for each chart type, by columns or by values."""

from collections.abc import Mapping
from typing import Any, cast

from .kinds import TEXT, WHOLE, chosen, level, listing, required, words

_ORDER = words("asc", "desc")
_VALUES = words("value", "liftComparisonValue")


def _said(config: Any, key: str) -> Any:
    return cast("Mapping[str, Any]", config).get(key) if isinstance(config, Mapping) else None


def _column_or_value(config: Any) -> str:
    return "column" if _said(config, "sortBy") == "column" else "value"


def _label_or_value(config: Any) -> str:
    return "label" if _said(config, "sortBy") == "label" else "flat"


def _of_a_table(config: Any) -> str:
    older = isinstance(config, Mapping) and "sortColumn" in config
    return "older" if older and _column_or_value(config) == "value" else _column_or_value(config)


def _of_a_line(config: Any) -> str:
    if _said(config, "sortBy") in ("column", "label"):
        return str(_said(config, "sortBy"))
    return "flat" if _said(config, "colSortAttrs") is None else "value"


def _flat(by: Any) -> Any:
    keys = {"sortBy": required(by), "sortOrder": required(_ORDER)}
    return level({**keys, "valueField": TEXT, "viewNLimit": WHOLE})


_FLAT = {"label": _flat(words("label")), "flat": _flat(_VALUES)}
_ATTRIBUTES = required(listing(chosen(_FLAT, _label_or_value)))
_NESTED = {
    "column": level(
        {"sortBy": required(words("column")), "valueField": TEXT, "colSortAttrs": _ATTRIBUTES},
        "sortOrder viewNLimit",
    ),
    "value": level(
        {
            "sortBy": required(_VALUES),
            "sortOrder": _ORDER,
            "valueField": TEXT,
            "colSortAttrs": _ATTRIBUTES,
            "viewNLimit": WHOLE,
        }
    ),
}
_OLDER_TABLE = level(
    {
        "sortBy": required(words("value")),
        "sortOrder": required(_ORDER),
        "sortColumn": required(words("Linear", "sum", "value")),
        "colSortAttrs": _ATTRIBUTES,
    }
)
_BY_COLUMN_OR_VALUE = chosen(_NESTED, _column_or_value)

SORTING = level(
    {
        "bar": _BY_COLUMN_OR_VALUE,
        "table": chosen({**_NESTED, "older": _OLDER_TABLE}, _of_a_table),
        "line": chosen({**_NESTED, **_FLAT}, _of_a_line),
        "insights-metric": _BY_COLUMN_OR_VALUE,
        "pie": _BY_COLUMN_OR_VALUE,
        "retention-curve": _BY_COLUMN_OR_VALUE,
        "funnel-steps": _BY_COLUMN_OR_VALUE,
    }
)
