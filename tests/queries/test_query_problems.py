"""Every measured refusal: arguments, codes, paths and suggestions."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent


def _lines(name: str) -> list[Any]:
    return list(_parsed(name))


def _parsed(name: str) -> Iterator[Any]:
    tool = ""
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            tool = line.removeprefix("## ")
        else:
            text, expected = line.split(" → ")
            short = text if len(text) < 160 else f"{text[:157]}..."
            arguments = json.loads(text)
            if tool == "criterion":
                cohort = {"operator": "in_cohort", "cohort": {"all_of": [arguments]}}
                arguments = {"events": "A", "where": cohort}
            query = "query" if tool == "criterion" else tool
            yield pytest.param(query, arguments, expected, id=f"{tool} {short}")


def _told(problems: list[dict[str, Any]]) -> str:
    return "; ".join(map(_told_one, problems)) or "ok"


def _told_one(problem: dict[str, Any]) -> str:
    if "path" not in problem:
        text = f"{problem['code']} (construction)"
        details = problem.get("details")
        return f"{text} details {json.dumps(details)}" if details else text
    text = f"{problem['code']} @ {problem['path']}"
    if suggestion := problem.get("suggestion"):
        text += f" sugg {json.dumps(suggestion)}"
    return text + (" (w)" if problem.get("severity") == "warning" else "")


@pytest.mark.parametrize(("tool", "arguments", "expected"), _lines("problems.txt"))
def test_problems_are_those_of_the_reference(
    tool: str, arguments: Any, expected: str, refusals: Callable[..., Any]
) -> None:
    """The same arguments are refused with the same codes at the same paths, in the same order."""
    assert _told(refusals(tool, arguments)) == expected


@pytest.mark.parametrize(("tool", "arguments", "expected"), _lines("problems_refused_earlier.txt"))
def test_words_that_the_reference_would_drop_or_send_are_refused(
    tool: str, arguments: Any, expected: str, refusals: Callable[..., Any]
) -> None:
    """A word outside its published set is refused where the reference silently ignores it."""
    assert _told(refusals(tool, arguments)) == expected


def test_a_problem_says_what_would_be_right(refusals: Callable[..., Any]) -> None:
    """A wrong word comes with its place, the nearest words and a sentence that offers them."""
    assert refusals("query", {"events": "A", "math": "totl"}) == [
        {
            "path": "sections.show[0].measurement.math",
            "message": "math 'totl' is not valid. Did you mean 'total'?",
            "code": "B9_INVALID_MATH",
            "severity": "error",
            "suggestion": ["total"],
        }
    ]


def test_a_far_word_is_answered_with_the_size_of_the_set_and_five_of_it(
    refusals: Callable[..., Any],
) -> None:
    """Where nothing is near, the message tells how many words are valid and the first five."""
    (problem,) = refusals("query_funnel", {"steps": ["A", "B"], "reentry_mode": "zzz"})
    assert problem["message"] == (
        "reentry_mode 'zzz' is not valid. "
        "Valid are 4: 'aggressive', 'basic', 'default', 'optimized'."
    )


def test_warnings_are_told_only_beside_an_error(refusals: Callable[..., Any]) -> None:
    """A warning alone does not block; with an error it is listed too, with its fix."""
    funnel = {"steps": ["A", "B"], "math": "average", "math_property": ""}
    assert refusals("query_funnel", funnel) == []
    warning, error = refusals("query_funnel", {**funnel, "unit": "decade"})
    assert error["code"] == "B12_INVALID_TIME_UNIT"
    assert warning == {
        "path": "sections.show[0].measurement.property",
        "message": "math 'average' needs a property.",
        "code": "B10_MATH_MISSING_PROPERTY",
        "severity": "warning",
        "fix": {"name": "<PROPERTY_NAME>", "type": "number", "resourceType": "events"},
    }


def test_several_stages_are_not_mixed(refusals: Callable[..., Any]) -> None:
    """An object that cannot be is reported alone, before the rules on the whole query."""
    query = {"events": [{"event": ""}], "last": 0, "unit": "decade"}
    assert [problem["code"] for problem in refusals("query", query)] == ["EV1_EMPTY_EVENT"]
    query = {"events": ["A"], "last": 0, "unit": "decade"}
    assert [problem["code"] for problem in refusals("query", query)] == ["V7_LAST_POSITIVE"]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_must_be_finite(number: float, refusals: Callable[..., Any]) -> None:
    """Neither a filter nor a bucket takes a number that JSON cannot write."""
    above = {"property": "x", "operator": "greater_than", "value": number}
    buckets = {"property": "x", "property_type": "number"}
    buckets |= {"bucket_size": number, "bucket_min": 0, "bucket_max": 1}
    assert _told(refusals("query", {"events": "A", "where": above})) == (
        "B20B_FILTER_VALUE_NOT_FINITE @ sections.filter[0].filterValue"
    )
    assert _told(refusals("query", {"events": "A", "group_by": buckets})) == (
        "V24_BUCKET_NOT_FINITE @ group_by"
    )


def test_a_filter_holds_at_most_a_thousand_values(refusals: Callable[..., Any]) -> None:
    """One value more than Mixpanel takes is refused, wherever the filter stands."""
    filters = [{"property": "x", "operator": "equals", "value": [str(n) for n in range(1001)]}]
    query = {"events": [{"event": "A", "filters": filters}]}
    assert _told(refusals("query", query)) == (
        "B21_FILTER_VALUE_TOO_MANY @ sections.show[0].behavior.filters[0].filterValue"
    )
