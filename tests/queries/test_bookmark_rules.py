"""The rules on bookmarks that somebody else wrote: every part may be missing or wrong."""

from typing import Any

import pytest

from mixpanel_mcp_core.queries.bookmark_rules import Report, bookmark_problems
from mixpanel_mcp_core.queries.problems import Problem

METRIC: dict[str, Any] = {
    "type": "metric",
    "behavior": {"type": "event", "name": "Login", "resourceType": "events"},
    "measurement": {"math": "total"},
}
COHORT: dict[str, Any] = {
    "type": "metric",
    "behavior": {"type": "cohort", "id": 5, "resourceType": "cohorts"},
    "measurement": {"math": "unique"},
}
FILTER: dict[str, Any] = {"filterType": "string", "filterOperator": "is set", "value": "plan"}


def _bookmark(**sections: Any) -> dict[str, Any]:
    return {"sections": {"show": [METRIC], **sections}, "displayOptions": {"chartType": "line"}}


def _metric(**changes: Any) -> dict[str, Any]:
    return _bookmark(show=[{**METRIC, **changes}])


def _behavior(**changes: Any) -> dict[str, Any]:
    return _metric(behavior={**METRIC["behavior"], **changes})


def _cohort(behavior: dict[str, Any], math: str = "unique") -> dict[str, Any]:
    return _bookmark(show=[{**COHORT, "behavior": behavior, "measurement": {"math": math}}])


def _filter(**changes: Any) -> dict[str, Any]:
    return _bookmark(filter=[{**FILTER, **changes}])


def _problems(params: dict[str, Any], report: Report = "insights") -> list[Problem]:
    return list(bookmark_problems(params, report))


def test_a_whole_bookmark_has_no_problems() -> None:
    """A metric, a saved metric, a cohort, a formula, a filter and a breakdown."""
    formula = {
        "type": "formula",
        "definition": "A",
        "referencedMetrics": [{"type": "metric", "id": 3}],
    }
    show = [METRIC, {"type": "metric", "id": 5}, COHORT, formula]
    group = {"value": "plan", "resourceType": "events", "propertyType": "string"}
    time = {"dateRangeType": "since", "unit": "day", "value": "2025-01-01"}
    assert _problems(_bookmark(show=show, filter=[FILTER], group=[group], time=[time])) == []


@pytest.mark.parametrize(
    ("params", "code", "path", "message"),
    [
        (
            {"displayOptions": {"chartType": "line"}},
            "B1_MISSING_SECTIONS",
            "params",
            "The bookmark has no sections.",
        ),
        (
            {"sections": [], "displayOptions": {"chartType": "line"}},
            "B1_MISSING_SECTIONS",
            "sections",
            "sections must be an object.",
        ),
        (
            {"sections": {"show": [METRIC]}},
            "B2_MISSING_DISPLAY_OPTIONS",
            "params",
            "The bookmark has no displayOptions.",
        ),
        (
            {"sections": {}, "displayOptions": {"chartType": "line"}},
            "B3_MISSING_SHOW",
            "sections",
            "sections has no show.",
        ),
        (
            _bookmark(show=[]),
            "B4_SHOW_EMPTY",
            "sections.show",
            "show must hold at least one metric.",
        ),
        (
            {"sections": {"show": [METRIC]}, "displayOptions": {}},
            "B5_INVALID_CHART_TYPE",
            "displayOptions",
            "displayOptions needs a chartType, e.g. 'line'.",
        ),
        (
            {"sections": {"show": [METRIC]}, "displayOptions": {"chartType": "lines"}},
            "B5_INVALID_CHART_TYPE",
            "displayOptions.chartType",
            "chartType 'lines' is not valid. Did you mean 'line' or 'pie'?",
        ),
        (
            _metric(behavior=None),
            "B6_MISSING_BEHAVIOR",
            "sections.show[0]",
            "A metric needs a behavior.",
        ),
        (
            _behavior(name=""),
            "B8_MISSING_EVENT_NAME",
            "sections.show[0].behavior",
            'The behavior needs the name of an event, e.g. "Login".',
        ),
        (
            _filter(filterType="text"),
            "B14_INVALID_FILTER_TYPE",
            "sections.filter[0].filterType",
            "filterType 'text' is not valid. Did you mean 'string'?",
        ),
        (
            _filter(customPropertyId=0),
            "B18B_INVALID_CP_ID",
            "sections.filter[0].customPropertyId",
            "customPropertyId must be a positive number, got 0.",
        ),
        (
            _cohort({"type": "cohort", "id": 0, "resourceType": "cohorts"}),
            "B22_COHORT_BEHAVIOR_ID",
            "sections.show[0].behavior.id",
            "The id of a cohort must be a positive number, got 0.",
        ),
        (
            _cohort({"type": "cohort", "resourceType": "cohorts"}),
            "B22_COHORT_MISSING_IDENTIFIER",
            "sections.show[0].behavior",
            "A cohort needs its id, or a definition as raw_cohort.",
        ),
        (
            _cohort({"type": "cohort", "id": 5, "resourceType": "events"}),
            "B23_COHORT_RESOURCE_TYPE",
            "sections.show[0].behavior.resourceType",
            'The resourceType of a cohort is "cohorts".',
        ),
        (
            _cohort(COHORT["behavior"], math="total"),
            "B24_COHORT_MATH",
            "sections.show[0].measurement.math",
            'A cohort counts its users: the math is "unique".',
        ),
        (
            _filter(filterType="list", filterValue=[{"cohort": {"id": 5}}]),
            "B25_COHORT_FILTER_VALUE",
            "sections.filter[0].value",
            'The value of a cohort filter is "$cohorts".',
        ),
        (
            _bookmark(group=[{"value": ["VIP"], "cohorts": []}]),
            "B26_EMPTY_COHORTS",
            "sections.group[0].cohorts",
            "A breakdown by cohorts needs at least one cohort.",
        ),
        (
            _bookmark(show=[{"type": "metric", "id": 0}]),
            "B27_INVALID_REFERENCE_ID",
            "sections.show[0].id",
            "id must be a positive number, got 0.",
        ),
        (
            _metric(behavior={"type": "funnel", "id": "5"}),
            "B27_INVALID_REFERENCE_ID",
            "sections.show[0].behavior.id",
            "id must be a positive number, got '5'.",
        ),
        (
            _bookmark(show=[{"type": "warehouse"}]),
            "B28_WAREHOUSE_MISSING_ID",
            "sections.show[0]",
            "A warehouse metric needs its id.",
        ),
        (
            _bookmark(show=[{"type": "formula", "referencedMetrics": [{"id": 5}]}]),
            "B29_OPERAND_MISSING_TYPE",
            "sections.show[0].referencedMetrics[0]",
            'A metric of a formula needs its type, e.g. "metric".',
        ),
    ],
)
def test_a_fault_is_told_with_its_place(
    params: dict[str, Any], code: str, path: str, message: str
) -> None:
    """Exactly one problem, which is an error, and what would be right."""
    (problem,) = _problems(params)
    assert (problem.code, problem.path, problem.message) == (code, path, message)
    assert problem.severity == "error"


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            _behavior(type="evnt"),
            "B7_INVALID_BEHAVIOR_TYPE",
            "type 'evnt' is not valid. Did you mean 'event' or 'custom-event'?",
        ),
        (
            _bookmark(time=[{"dateRangeType": "ever", "unit": "day"}]),
            "B13_INVALID_DATE_RANGE_TYPE",
            "dateRangeType 'ever' is not valid. Valid are between, in the last, since.",
        ),
        (
            _filter(filterOperator="is sett"),
            "B15_INVALID_FILTER_OPERATOR",
            "filterOperator 'is sett' is not valid. "
            "Did you mean 'is set' or 'is not set' or 'is between'?",
        ),
        (
            _filter(resourceType="evnts"),
            "B16_INVALID_RESOURCE_TYPE",
            "resourceType 'evnts' is not valid. Did you mean 'events' or 'event'?",
        ),
        (
            _bookmark(group=[{"value": "plan", "propertyType": "text"}]),
            "B17_INVALID_PROPERTY_TYPE",
            "propertyType 'text' is not valid. Did you mean 'string'?",
        ),
        (
            _behavior(filtersDeterminer="al"),
            "B19_INVALID_FILTERS_DETERMINER",
            "filtersDeterminer 'al' is not valid. Did you mean 'all'?",
        ),
    ],
)
def test_a_word_that_mixpanel_tolerates_is_a_warning(
    params: dict[str, Any], code: str, message: str
) -> None:
    """It is told beside errors and blocks nothing."""
    (problem,) = _problems(params)
    assert (problem.code, problem.message, problem.severity) == (code, message, "warning")


@pytest.mark.parametrize(
    ("kind", "math", "problems"),
    [
        ("event", "conversion_rate_unique", 1),
        ("funnel", "conversion_rate_unique", 0),
        ("funnel", "retention_rate", 1),
        ("retention", "retention_rate", 0),
        ("retention", "median", 1),
    ],
)
def test_a_metric_is_measured_in_the_words_of_its_behavior(
    kind: str, math: str, problems: int
) -> None:
    """A funnel or retention within an insights report has its own aggregations."""
    params = _behavior(type=kind)
    params["sections"]["show"][0]["measurement"] = {"math": math}
    assert [problem.code for problem in _problems(params)] == ["B9_INVALID_MATH"] * problems
