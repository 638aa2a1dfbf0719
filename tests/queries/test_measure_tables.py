"""Which aggregation goes with which property, number per user and window: the whole tables."""

from collections.abc import Callable
from typing import Any

import pytest

COUNTS_USERS = ["unique", "dau", "wau", "mau"]
COUNTS = ["cumulative_unique", "sessions"]
VALUES = [
    "average",
    "median",
    "min",
    "max",
    "p25",
    "p75",
    "p90",
    "p99",
    "unique_values",
    "most_frequent",
    "first_value",
    "multi_attribution",
    "numeric_summary",
]

# Columns: neither; property; per_user without property; both.
PLAIN = {
    "total": ["", "", "V3B", ""],
    **{math: ["", "V2", "V3 V3B", "V2 V3"] for math in COUNTS_USERS},
    **{math: ["", "V2", "V3B", "V2"] for math in COUNTS},
    **{math: ["V1", "", "V1 V3B", ""] for math in VALUES},
    "percentile": ["V1 V26", "V26", "V1 V26 V3B", "V26"],
    "histogram": ["V1 V27", "V27", "V1 V3B", ""],
}
METRIC = {
    **PLAIN,
    **{math: ["", "V14", "V3 V3B", "V14 V3"] for math in COUNTS_USERS},
    **{math: ["", "V14", "V3B", "V14"] for math in COUNTS},
    **{math: ["V13", "", "V13", ""] for math in VALUES},
    "percentile": ["V13", "V26", "V13", "V26"],
    "histogram": ["V13", "V27", "V13", ""],
}
MEASURES = [(None, None), ("amount", None), (None, "total"), ("amount", "total")]


def _rules(problems: list[dict[str, Any]]) -> str:
    return " ".join(problem["code"].split("_")[0] for problem in problems)


@pytest.mark.parametrize("math", PLAIN)
def test_plain_names(math: str, refusals: Callable[..., Any]) -> None:
    """The query's own math, property and per_user are judged together."""
    queries = [
        {"events": "A", "math": math, "math_property": name, "per_user": per_user}
        for name, per_user in MEASURES
    ]
    assert [_rules(refusals("query", query)) for query in queries] == PLAIN[math]


@pytest.mark.parametrize("math", METRIC)
def test_metrics(math: str, refusals: Callable[..., Any]) -> None:
    """An event's own measurement is judged alike, what it lacks before all else."""
    metrics = [
        {"event": "A", "math": math, "property": name, "per_user": per_user}
        for name, per_user in MEASURES
    ]
    rules = [_rules(refusals("query", {"events": metric})) for metric in metrics]
    assert rules == METRIC[math]


# Columns: no property; property; sessions of 1; sessions of 2.
FUNNEL = {
    **{
        math: ["", "F11", "", "F9"]
        for math in ["conversion_rate_unique", "conversion_rate_total", "unique"]
    },
    **{math: ["", "F11", "", "F9"] for math in ["general", "session", "conversion_rate"]},
    "total": ["", "", "", "F9"],
    "conversion_rate_session": ["F9", "F9 F11", "", ""],
    **{
        math: ["F10", "", "F10", "F9 F10"]
        for math in ["average", "median", "min", "max", "p25", "p75", "p90", "p99", "histogram"]
    },
    "mode": ["B9", "B9", "B9", "F9"],
}
WINDOWS = [
    {},
    {"math_property": "amount"},
    {"conversion_window_unit": "session", "conversion_window": 1},
    {"conversion_window_unit": "session", "conversion_window": 2},
]


@pytest.mark.parametrize("math", FUNNEL)
def test_funnels(math: str, refusals: Callable[..., Any]) -> None:
    """Values need a property, rates refuse one, sessions have their own rate and window."""
    queries = [{"steps": ["A", "B"], "math": math, **window} for window in WINDOWS]
    assert [_rules(refusals("query_funnel", query)) for query in queries] == FUNNEL[math]


def test_a_step_is_one_event(refusals: Callable[..., Any]) -> None:
    """A list of events, which a metric may have, is no step."""
    (problem,) = refusals("query_funnel", {"steps": [{"event": ["A", "B"]}, "C"]})
    assert (problem["code"], problem["path"]) == ("F2_EMPTY_STEP_EVENT", "steps[0]")
