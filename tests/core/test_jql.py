"""What is read of a JQL answer: why a script failed, tables of rows, and the five analyses."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mixpanel_mcp_core.jql.failures import (
    error_message,
    error_type,
    failure,
    line_info,
    stack_trace,
)
from mixpanel_mcp_core.models.jql import (
    DailyCounts,
    EngagementDistribution,
    JQLResult,
    PropertyCoverage,
    PropertyDistribution,
    bucket_label,
    read_coverage,
    read_distribution,
    read_engagement,
    read_summary,
)
from mixpanel_mcp_core.tables import Table

FILE = Path(__file__).parent.parent / "contract/cases/jql.json"
MODELS = {
    "jql": JQLResult,
    "property_distribution": PropertyDistribution,
    "daily_counts": DailyCounts,
    "engagement_distribution": EngagementDistribution,
    "property_coverage": PropertyCoverage,
}
CASES = [
    pytest.param(case["tool"], case["result"], id=case["id"])
    for case in json.loads(FILE.read_text("utf-8"))
    if "columns" in case.get("result", {})
]
PREFIX = "UserVisiblePreconditionFailedError: "

names = st.from_regex(r"[A-Za-z_]\w{0,9}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
# A line of carets alone points at the line before it.
lines = words.filter(lambda line: set(line) != {"^"})


@pytest.mark.parametrize(("tool", "result"), CASES)
def test_tables_are_the_documented_ones(tool: str, result: dict[str, Any]) -> None:
    """Columns in their order, and every row."""
    table = MODELS[tool].model_validate(result["value"]).table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert (table.columns, rows) == (result["columns"], result["rows"])


@pytest.mark.parametrize(
    ("raw", "table"),
    [
        ([], Table([], [])),
        ([5, "x", None, [1]], Table(["value"], [[5], ["x"], [None], [[1]]])),
        ([{"a": 1}, {"b": 2, "a": 3}], Table(["a", "b"], [[1, None], [3, 2]])),
        ([{"a": 1}, 2], Table(["value"], [[{"a": 1}], [2]])),
        ([[{"percentile": 50, "value": 3}]], Table(["percentile", "value"], [[50, 3]])),
        ([[{"key": ["US"], "value": 3}]], Table(["key_0", "value"], [["US", 3]])),
        ([[{"a": 1}], [{"a": 2}]], Table(["value"], [[[{"a": 1}]], [[{"a": 2}]]])),
        (
            [{"key": ["US", 1], "value": [1, 2]}, {"key": ["DE"], "value": [3]}],
            Table(
                ["key_0", "key_1", "value_0", "value_1"], [["US", 1, 1, 2], ["DE", None, 3, None]]
            ),
        ),
        (
            [{"key": ["US"], "value": [1]}, {"key": ["DE"], "value": 3}],
            Table(["key", "value"], [[["US"], [1]], [["DE"], 3]]),
        ),
        ([{"key": "u1", "value": None}], Table(["key", "value"], [["u1", None]])),
    ],
)
def test_rows_of_any_form_have_a_table(raw: list[Any], table: Table) -> None:
    """Groups of one form are spread out, objects are rows, anything else is one column."""
    assert JQLResult(raw=raw, row_count=len(raw)).table() == table


def test_a_failed_script_is_told_with_all_its_parts() -> None:
    """The message has the line; the details have every part, the script and what was answered."""
    raw = (
        f"{PREFIX}Uncaught exception TypeError: no\n  .limit(10);\n   ^\n\n"
        "Stack trace:\nTypeError: no\n    at main (<anonymous>:7:4)\n"
    )
    error = failure({"error": raw, "request": "/api/query/jql", "more": 1}, "the script")
    assert error.to_dict() == {
        "type": "JQLSyntaxError",
        "code": "JQL_SYNTAX_ERROR",
        "message": "JQL TypeError: no\n.limit(10);\n   ^",
        "details": {
            "status_code": 412,
            "response_body": {"error": raw, "request": "/api/query/jql"},
            "request_body": {"script": "the script"},
            "error_type": "TypeError",
            "error_message": "no",
            "line_info": ".limit(10);\n   ^",
            "stack_trace": "TypeError: no\n    at main (<anonymous>:7:4)",
            "script": "the script",
            "request_path": "/api/query/jql",
            "raw_error": raw,
        },
    }


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("", ("Error", "", None, None)),
        ("RangeError: too far", ("RangeError", "RangeError: too far", None, None)),
        ("what\nTypeError: no", ("TypeError", "what", None, None)),
        (f"{PREFIX}too slow", ("UserVisiblePreconditionFailedError", "too slow", None, None)),
        (f"{PREFIX}Uncaught exception Error: no", ("Error", "no", None, None)),
        (
            "no at f (<anonymous>:1:2) at g (<anonymous>:3:4)",
            (
                "Error",
                "no at f (<anonymous>:1:2) at g (<anonymous>:3:4)",
                None,
                "at f (<anonymous>:1:2)",
            ),
        ),
        ("no\n  a ^ b;\n    ^^^\n", ("Error", "no", "a ^ b;\n    ^^^", None)),
        ("no\nStack trace:\nX\n\nmore", ("Error", "no", None, "X")),
    ],
)
def test_parts_that_are_not_told_are_null(raw: str, parts: tuple[Any, ...]) -> None:
    """Each part is looked for by itself."""
    assert (error_type(raw), error_message(raw), line_info(raw), stack_trace(raw)) == parts


@given(names, words, lines, st.lists(names, max_size=3))
@example("Type", "x" * 300, "a", [])
def test_what_an_engine_writes_is_read_back(
    name: str, sentence: str, line: str, calls: list[str]
) -> None:
    """Type, sentence, line and calls, whatever stands in them."""
    places = "".join(f"    at {call} (<anonymous>:1:1)\n" for call in calls)
    trace = f"{name}Error: {sentence}\n{places}"
    raw = (
        f"{PREFIX}Uncaught exception {name}Error: {sentence}\n{line}\n  ^\n\nStack trace:\n{trace}"
    )
    shown = sentence if len(sentence) <= 200 else f"{sentence[:197]}..."
    assert error_type(raw) == f"{name}Error"
    assert error_message(raw) == shown
    assert line_info(raw) == f"{line}\n  ^"
    assert stack_trace(raw) == trace.strip()


@given(
    st.text() | st.lists(st.sampled_from(["Error:", "Stack trace:", "\n", "^", "at "])).map("".join)
)
def test_any_text_is_a_failure(raw: str) -> None:
    """Nothing that Mixpanel could say breaks the error about it."""
    error = failure({"error": raw}, "s")
    assert error.details["raw_error"] == raw
    assert len(error.details["error_message"]) <= 200


@pytest.mark.parametrize(
    ("low", "label"),
    [(1, "1"), (2, "2-4"), (5, "5-9"), (10, "10+"), (3, "3+"), (99, "99+")],
)
def test_buckets_are_called_by_what_is_in_them(low: int, label: str) -> None:
    """The last boundary, and one that is none, is open upwards."""
    assert bucket_label(low, [1, 2, 5, 10]) == label


def test_nothing_is_read_as_zeros() -> None:
    """An empty answer, as Mixpanel gives where there are no events."""
    zeros = dict.fromkeys(("count", "sum", "avg", "stddev", "min", "max"), 0)
    assert read_summary([]) == {**zeros, "percentiles": {}}
    assert read_distribution([], 5) == {"total_count": 0, "values": []}
    assert read_engagement([], [1]) == {"total_users": 0, "buckets": []}
    assert read_coverage([], ["a"]) == {
        "total_events": 0,
        "coverage": [
            {"property": "a", "defined_count": 0, "null_count": 0, "coverage_percentage": 0.0}
        ],
    }
