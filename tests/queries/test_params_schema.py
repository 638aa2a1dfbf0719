"""Report params held to their levels: one case for each rule, and nothing refused that we build."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mixpanel_mcp_core.queries.params_schema import schema_problems

_EXAMPLES = Path(__file__).parent.parent / "contract/cases/queries.json"
TYPES = {
    "query": "insights",
    "query_funnel": "funnels",
    "query_retention": "retention",
    "query_flow": "flows",
}
BUILT = [each for each in json.loads(_EXAMPLES.read_text("utf-8")) if each["tool"] in TYPES]

CLAUSE = {"type": "metric", "behavior": {"type": "event", "name": "A"}, "measurement": {}}
PARAMS: dict[str, Any] = {
    "displayOptions": {"chartType": "line"},
    "sections": {"show": [CLAUSE], "time": [{"anything": 1}]},
}
FLOW: dict[str, Any] = {"steps": [{"event": "A"}], "date_range": {"type": "since"}}
# Refused though it is built; callers are told to leave the check out.
UNCHECKED = {
    "displayOptions.timeComparison": "S3_UNKNOWN_FIELD",
    "data_group_id": "B0_WRONG_TYPE",
}


def changed(params: dict[str, Any], path: str, value: Any = None) -> dict[str, Any]:
    """Params with another value at a dotted path; without one, the key goes."""
    whole = deepcopy(params)
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    node: Any = whole
    for step in steps:
        node = node[step] if isinstance(step, int) else node.setdefault(step, {})
    if value is None:
        del node[last]
    else:
        node[last] = value
    return whole


def told(params: dict[str, Any], report_type: str | None = "insights") -> list[tuple[str, str]]:
    """Path and code of every problem."""
    return [(each.path, each.code) for each in schema_problems(params, report_type)]


@pytest.mark.parametrize("case", BUILT, ids=lambda case: case["id"])
def test_what_our_builders_make_passes(case: dict[str, Any]) -> None:
    """But for two parts that Mixpanel takes and the check does not know."""
    problems = dict(told(case["params"], TYPES[case["tool"]]))
    assert problems.items() <= UNCHECKED.items()


def test_params_of_every_kind_pass() -> None:
    """Null is absent, numerals are numbers, and what is tolerated may hold anything."""
    params = changed(PARAMS, "sections.globalDataGroupId", "5")
    params = changed(params, "displayOptions.rollingWindowSize", "7")
    params = changed(params, "smartHub", [{"a": 1}]) | {"legend": None, "sorting": None}
    assert told(params) == told(params, "funnels") == told(params, "retention") == []
    assert told(FLOW | {"of our own": 1, "hidden_events": ["A"]}, "flows") == []


SHOW = "sections.show.0"
RULES: list[tuple[str, Any, str, str]] = [
    ("displayOptions", None, "displayOptions", "B0_MISSING_FIELD"),
    ("sections.time", None, "sections.time", "B0_MISSING_FIELD"),
    ("displayOptions.chartType", None, "displayOptions.chartType", "B0_MISSING_FIELD"),
    ("extra", 1, "extra", "S3_UNKNOWN_FIELD"),
    ("displayOptions.lines", 1, "displayOptions.lines", "S3_UNKNOWN_FIELD"),
    ("sections.where", [], "sections.where", "S3_UNKNOWN_FIELD"),
    (f"{SHOW}.color", 1, "sections.show[0].color", "S3_UNKNOWN_FIELD"),
    (f"{SHOW}.behavior.event", 1, "sections.show[0].behavior.event", "S3_UNKNOWN_FIELD"),
    ("displayOptions.chartType", "lines", "displayOptions.chartType", "B0_INVALID_LITERAL"),
    (f"{SHOW}.type", "cohort", "sections.show[0].type", "B0_INVALID_LITERAL"),
    (
        f"{SHOW}.measurement.math",
        "mean",
        "sections.show[0].measurement.math",
        "B0_INVALID_LITERAL",
    ),
    (
        f"{SHOW}.behavior.display",
        {"precision": 9},
        "sections.show[0].behavior.display.precision",
        "B0_INVALID_LITERAL",
    ),
    ("displayOptions", [], "displayOptions", "B0_WRONG_TYPE"),
    ("sections.show", {}, "sections.show", "B0_WRONG_TYPE"),
    (SHOW, "A", "sections.show[0]", "B0_WRONG_TYPE"),
    ("name", 5, "name", "B0_WRONG_TYPE"),
    ("versions", [1], "versions[0]", "B0_WRONG_TYPE"),
    ("sections.globalDataGroupId", 5, "sections.globalDataGroupId", "B0_WRONG_TYPE"),
    ("icon", 5, "icon", "B0_WRONG_TYPE"),
    (f"{SHOW}.id", [], "sections.show[0].id", "B0_WRONG_TYPE"),
    (f"{SHOW}.id", "five", "sections.show[0].id", "VALIDATION_ERROR"),
    (
        f"{SHOW}.goals",
        [{"id": "a", "label": "b", "checkpoints": [["2026-01-01"]]}],
        "sections.show[0].goals[0].checkpoints[0][1]",
        "B0_MISSING_FIELD",
    ),
    (
        f"{SHOW}.statsig",
        {"confidence": 0.9},
        "sections.show[0].statsig.control_key",
        "B0_MISSING_FIELD",
    ),
    (
        f"{SHOW}.behavior.exclusions",
        [{"steps": {"from_step": 1, "until": 2}}],
        "sections.show[0].behavior.exclusions[0].steps.until",
        "S3_UNKNOWN_FIELD",
    ),
    (
        f"{SHOW}.behavior.behaviors",
        [{"behaviors": [{"type": "retention"}]}],
        "sections.show[0].behavior.behaviors[0].behaviors[0].type",
        "B0_INVALID_LITERAL",
    ),
    (
        SHOW,
        {"formula": "A", "referencedMetrics": [{"hue": 1}]},
        "sections.show[0].referencedMetrics[0].hue",
        "S3_UNKNOWN_FIELD",
    ),
    (SHOW, {"formula": "A", "behavior": {}}, "sections.show[0].behavior", "S3_UNKNOWN_FIELD"),
    (SHOW, {"type": "warehouse", "query": "q"}, "sections.show[0]", "B0_VALIDATOR_ERROR"),
    (
        SHOW,
        {"type": "warehouse", "id": 3, "aggregation": "mean"},
        "sections.show[0].aggregation",
        "B0_INVALID_LITERAL",
    ),
]


@pytest.mark.parametrize(("path", "value", "place", "code"), RULES)
def test_each_rule_names_its_place(path: str, value: Any, place: str, code: str) -> None:
    """Missing, unknown, outside a closed set, of another type, or against a rule of its own."""
    assert told(changed(PARAMS, path, value)) == [(place, code)]


@pytest.mark.parametrize(
    ("path", "value", "place", "code"),
    [
        ("steps", None, "steps", "B0_MISSING_FIELD"),
        ("date_range", "30 days", "date_range", "B0_WRONG_TYPE"),
        ("steps.0.label", "A", "steps[0].label", "S3_UNKNOWN_FIELD"),
        ("steps.0.bool_op", "xor", "steps[0].bool_op", "B0_INVALID_LITERAL"),
        ("data_group_id", 5, "data_group_id", "B0_WRONG_TYPE"),
        ("hidden_events", "A", "hidden_events", "B0_WRONG_TYPE"),
    ],
)
def test_flows_have_levels_of_their_own(path: str, value: Any, place: str, code: str) -> None:
    """Unknown keys are fine at the top of a flow, and not in its steps."""
    assert told(changed(FLOW, path, value), "flows") == [(place, code)]


def test_attribution_fails_once_for_each_of_its_forms() -> None:
    """Nothing tells the forms apart, so the path names them."""
    place = "sections.show[0].measurement.multiAttribution"
    assert told(changed(PARAMS, f"{SHOW}.measurement.multiAttribution", {"type": "luck"})) == [
        (f"{place}.PredefinedMultiAttribution.type", "B0_INVALID_LITERAL"),
        (f"{place}.CustomMultiAttribution.type", "B0_INVALID_LITERAL"),
        (f"{place}.CustomMultiAttribution.name", "B0_MISSING_FIELD"),
        (f"{place}.CustomMultiAttribution.weights", "B0_MISSING_FIELD"),
    ]


COLUMN: dict[str, Any] = {"sortBy": "column", "colSortAttrs": []}
VALUE: dict[str, Any] = {"sortBy": "value", "sortOrder": "asc", "colSortAttrs": []}
SORTED: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"bar": COLUMN, "pie": VALUE, "line": COLUMN, "retention-curve": VALUE}, []),
    ({"line": {"sortBy": "label", "sortOrder": "desc"}, "insights-metric": COLUMN}, []),
    ({"line": {"sortBy": "value", "sortOrder": "desc"}, "funnel-steps": VALUE}, []),
    ({"table": {**VALUE, "sortColumn": "sum"}}, []),
    ("asc", [("", "S5_NOT_A_DICT")]),
    ({"bar": "asc"}, [(".bar", "S5_NOT_A_DICT")]),
    ({"bars": VALUE}, [(".bars", "S4_UNKNOWN_CHART_TYPE")]),
    ({"column": VALUE}, [(".column", "S3_UNKNOWN_FIELD")]),
    ({"bar": {**VALUE, "by": 1}}, [(".bar.by", "S3_UNKNOWN_FIELD")]),
    ({"bar": {**VALUE, "sortBy": "size"}}, [(".bar.sortBy", "S1_INVALID_SORT_BY")]),
    ({"pie": {"sortBy": "column"}}, [(".pie.colSortAttrs", "S2_MISSING_COL_SORT_ATTRS")]),
    ({"pie": {**VALUE, "sortOrder": "up"}}, [(".pie.sortOrder", "S6_INVALID_SORT_ORDER")]),
    ({"pie": {**VALUE, "colSortAttrs": {}}}, [(".pie.colSortAttrs", "S7_NOT_A_LIST")]),
    ({"pie": {"colSortAttrs": []}}, [(".pie.sortBy", "S8_MISSING_SORT_BY")]),
    (
        {"bar": {**VALUE, "colSortAttrs": [{"sortBy": "label"}]}},
        [(".bar.colSortAttrs[0].sortOrder", "S9_MISSING_SORT_ORDER")],
    ),
    ({"table": {**VALUE, "sortColumn": "max"}}, [(".table.sortColumn", "B0_INVALID_LITERAL")]),
    ({"bar": {**VALUE, "valueField": 1}}, [(".bar.valueField", "B0_WRONG_TYPE")]),
]


@pytest.mark.parametrize(("sorting", "problems"), SORTED)
def test_sorting_has_rules_of_its_own(sorting: Any, problems: list[tuple[str, str]]) -> None:
    """They come before all others."""
    params = changed(PARAMS, "sorting", sorting) | {"extra": 1}
    expected = [(f"sorting{path}", code) for path, code in problems]
    assert told(params) == [*expected, ("extra", "S3_UNKNOWN_FIELD")]


def test_an_unknown_chart_is_only_warned_of() -> None:
    """The nearest names are offered."""
    [problem] = schema_problems(changed(PARAMS, "sorting", {"bars": {}}), "insights")
    assert (problem.severity, problem.suggestion[0]) == ("warning", "bar")


def test_all_problems_come_together_in_the_order_of_the_levels() -> None:
    """Known keys first, as they are declared, then unknown ones."""
    params = {"zeta": 1, "sections": {"show": []}, "displayOptions": {"value": "x"}}
    assert told(params) == [
        ("displayOptions.chartType", "B0_MISSING_FIELD"),
        ("displayOptions.value", "B0_INVALID_LITERAL"),
        ("sections.time", "B0_MISSING_FIELD"),
        ("zeta", "S3_UNKNOWN_FIELD"),
    ]


@pytest.mark.parametrize("report_type", [None, "user"])
def test_parts_are_checked_alone_where_the_whole_is_not_known(report_type: str | None) -> None:
    """Of a change, or of a type without levels, the parts that are there are looked at."""
    assert told({"anything": 1}, report_type) == []
    params = {"sections": {"show": 1, "time": []}, "displayOptions": {}, "sorting": []}
    assert told(params, report_type) == [
        ("sorting", "S5_NOT_A_DICT"),
        ("sections.show", "B0_WRONG_TYPE"),
        ("displayOptions.chartType", "B0_MISSING_FIELD"),
    ]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("sections.time", None, "time is required."),
        ("extra", 1, "There is no key extra here."),
        ("sections", 1, "Expected an object."),
        ("sections.show", 1, "Expected a list."),
        ("name", 1, "Input should be a valid string."),
        ("displayOptions.value", "x", "Input should be 'absolute' or 'relative'."),
    ],
)
def test_the_sentence_says_what_is_expected(path: str, value: Any, message: str) -> None:
    """Short, and without the words of a validator where ours are clearer."""
    [problem] = schema_problems(changed(PARAMS, path, value), "insights")
    assert problem.message == message
