"""Compiling a large query beside reading its arguments alone.

Run with `uv run python tests/benchmarks/compile.py [rounds]`. The query has ten metrics, twenty
filters and a cohort nested three levels deep.
"""

import sys
from typing import Any

from pydantic import TypeAdapter
from rounds import Measured, side_by_side, table

from mixpanel_mcp_core.queries import InsightsQuery, compile_insights

BATCH = 20
READER = TypeAdapter(InsightsQuery)


def _filter(number: int) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [
        {"operator": "equals", "value": [f"v{each}" for each in range(5)]},
        {"operator": "between", "min_val": number, "max_val": number + 10},
        {"operator": "in_the_last", "quantity": 7, "date_unit": "day"},
        {"operator": "is_set", "resource_type": "people"},
    ]
    return {"property": f"property {number}", **kinds[number % len(kinds)]}


def _cohort() -> dict[str, Any]:
    did = {"criterion": "did_event", "event": "Purchase", "at_least": 3, "within_days": 30}
    inner = {"any_of": [did, {"criterion": "has_property", "property": "plan", "value": "pro"}]}
    return {"all_of": [did, {"all_of": [inner, did]}]}


QUERY: dict[str, Any] = {
    "events": [
        {"event": f"Event {n}", "math": "average", "property": "amount", "filters": [_filter(n)]}
        for n in range(10)
    ],
    "where": [
        *(_filter(number) for number in range(9)),
        {"operator": "in_cohort", "cohort": _cohort(), "name": "Buyers"},
    ],
    "group_by": [{"property": "country"}, {"property": "amount", "property_type": "number"}],
    "formula": "(A + B) / C",
}


def main(rounds: int) -> None:
    """Print both, and what compiling adds."""
    read = READER.validate_python(QUERY)
    runs = [
        Measured("read", lambda: [READER.validate_python(QUERY) for _ in range(BATCH)]),
        Measured("compile", lambda: [compile_insights(read) for _ in range(BATCH)]),
        Measured(
            "read and compile",
            lambda: [compile_insights(READER.validate_python(QUERY)) for _ in range(BATCH)],
        ),
    ]
    seconds = side_by_side(runs, rounds, warm=5)
    single = {name: [each / BATCH for each in taken] for name, taken in seconds.items()}
    print(table(single, beside="read"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
