"""The levels of `sections`: its lists, and the three kinds of clauses in `show`."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import core_schema as schema

from .behaviors import BEHAVIOR
from .kinds import (
    ANYTHING,
    FLAG,
    OBJECT,
    TEXT,
    THINGS,
    WHOLE,
    Key,
    Kind,
    also,
    chosen,
    level,
    listing,
    never_null,
    required,
    words,
)
from .measures import (
    BEHAVIOR_MEASUREMENT,
    FORMULA_MEASUREMENT,
    GOAL,
    METRIC_DISPLAY,
    SRM,
    STATSIG,
)

_UNSAVED = ("query", "metricType", "warehouseSourceId")

BEHAVIOR_CLAUSE = level(
    {
        "_idx": also("idx", TEXT),
        "type": words("metric"),
        "id": WHOLE,
        "userNamed": FLAG,
        "name": TEXT,
        "behavior": BEHAVIOR,
        "measurement": BEHAVIOR_MEASUREMENT,
        "statsig": STATSIG,
        "srm": SRM,
        "comparisons": THINGS,
        "display": METRIC_DISPLAY,
        "isHidden": FLAG,
        "isExpanded": FLAG,
        "labelPrefix": TEXT,
        "formulaLabel": TEXT,
        "showClauseIndex": WHOLE,
        "hasUnsavedChanges": FLAG,
        "goals": listing(GOAL),
        "overrides": OBJECT,
    },
    "metric_id",
)
_FORMULA_CLAUSE = level(
    {
        "_idx": also("idx", TEXT),
        "type": words("formula"),
        "formula": ANYTHING,
        "measurement": FORMULA_MEASUREMENT,
        "statsig": STATSIG,
        "display": METRIC_DISPLAY,
        "isHidden": FLAG,
        "isExpanded": FLAG,
        "userNamed": FLAG,
        "comparisons": THINGS,
        "id": WHOLE,
        "definition": TEXT,
        "name": TEXT,
        "referencedMetrics": listing(BEHAVIOR_CLAUSE),
        "hasUnsavedChanges": FLAG,
        "overrides": OBJECT,
        "goals": listing(GOAL),
    }
)
WAREHOUSE_QUERY: Mapping[str, Kind | Key] = {
    "query": TEXT,
    "metricType": words("timeseries", "numeric"),
    "aggregation": never_null(
        words("none", "sum", "count", "average", "min", "max", "median", "last_value")
    ),
    "syncInterval": never_null(words("hourly", "daily", "weekly", "manual")),
    "timeColumn": TEXT,
    "valueColumn": TEXT,
    "measurement": OBJECT,
    "goals": listing(GOAL),
    "display": METRIC_DISPLAY,
}
_WAREHOUSE_CLAUSE = level(
    {
        **WAREHOUSE_QUERY,
        "id": WHOLE,
        "_idx": also("idx", TEXT),
        "type": required(words("warehouse")),
        "warehouseSourceId": WHOLE,
        "userNamed": FLAG,
        "name": TEXT,
        "isHidden": FLAG,
        "isExpanded": FLAG,
        "labelPrefix": TEXT,
        "hasUnsavedChanges": FLAG,
        "statsig": STATSIG,
        "overrides": OBJECT,
    }
)


def _whole_or_saved(clause: dict[str, Any]) -> dict[str, Any]:
    missing = [name for name in _UNSAVED if clause.get(name) is None]
    if clause.get("id") is None and missing:
        raise ValueError(f"a warehouse metric without id needs {', '.join(missing)}")
    return clause


def _clause_kind(clause: Any) -> str:
    node = cast("Mapping[str, Any]", clause) if isinstance(clause, Mapping) else {}
    if node.get("type") == "formula" or "formula" in node:
        return "formula"
    return "warehouse" if node.get("type") == "warehouse" else "behavior"


_CLAUSE = chosen(
    {
        "behavior": BEHAVIOR_CLAUSE,
        "formula": _FORMULA_CLAUSE,
        "warehouse": schema.no_info_after_validator_function(_whole_or_saved, _WAREHOUSE_CLAUSE),
    },
    _clause_kind,
)
SECTIONS = level(
    {
        "cohorts": THINGS,
        "filter": THINGS,
        "formula": THINGS,
        "globalDataGroupId": TEXT,
        "group": THINGS,
        "group_by": THINGS,
        "metricLevelDataGroups": FLAG,
        "show": required(listing(_CLAUSE)),
        "time": required(THINGS),
    }
)
