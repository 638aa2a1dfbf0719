"""The levels of what is saved under a name: metrics of three kinds, and behaviors."""

from collections.abc import Mapping

from .behaviors import BEHAVIOR
from .kinds import TEXT, Kind, level, listing, required, words
from .measures import BEHAVIOR_MEASUREMENT, FORMULA_MEASUREMENT, GOAL, METRIC_DISPLAY
from .sections import BEHAVIOR_CLAUSE, WAREHOUSE_QUERY

_SHOWN = {"display": METRIC_DISPLAY, "goals": listing(GOAL)}

DEFINITIONS: Mapping[str, Kind] = {
    "metric": level(
        {"measurement": required(BEHAVIOR_MEASUREMENT), "behavior": required(BEHAVIOR), **_SHOWN}
    ),
    "formula": level(
        {
            "formula": required(
                level({"definition": required(TEXT), "referencedMetrics": listing(BEHAVIOR_CLAUSE)})
            ),
            "measurement": FORMULA_MEASUREMENT,
            **_SHOWN,
        }
    ),
    "warehouse": level(
        {
            **WAREHOUSE_QUERY,
            "query": required(TEXT),
            "metricType": required(words("timeseries", "numeric")),
        }
    ),
    # Mixpanel keeps more beside a behavior than anybody writes down.
    "behavior": level({"behavior": required(BEHAVIOR)}, open_ended=True),
}
