"""Answers on the wire in the neutral form of the worked cases, and how they are compared."""

import json
import math
from collections.abc import Callable
from typing import Any, cast

import httpx


def shaped(tool: str, answer: httpx.Response) -> Any:
    """Return an answer in the neutral form of a tool."""
    assert answer.status_code == 200, answer.text
    return FORMS[tool](answer)


# Brackets of retention, which the cases write down only as far as they matter.
OPEN_LISTS = ("counts", "rates", "values")


def differs(expected: Any, actual: Any) -> bool:
    """Return whether something expected is not there; more keys may be."""
    if isinstance(expected, dict):
        return not isinstance(actual, dict) or any(
            key not in actual or differs(value, _as_far(key, value, cast("Any", actual)[key]))
            for key, value in cast("dict[str, Any]", expected).items()
        )
    if isinstance(expected, list):
        items = cast("list[Any]", expected)
        return (
            not isinstance(actual, list)
            or len(cast("list[Any]", actual)) != len(items)
            or any(differs(e, a) for e, a in zip(items, cast("list[Any]", actual), strict=True))
        )
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return not isinstance(actual, float | int) or not math.isclose(
            expected, actual, abs_tol=1e-6
        )
    return expected != actual


def _as_far(key: str, expected: Any, actual: Any) -> Any:
    if key in OPEN_LISTS and isinstance(expected, list) and isinstance(actual, list):
        return cast("list[Any]", actual)[: len(cast("list[Any]", expected))]
    return actual


def found(path: str, actual: Any) -> bool:
    """Return whether a slash-separated path exists."""
    for name in path.split("/"):
        if isinstance(actual, list):
            actual = cast("dict[str, Any]", dict(zip(map(str, range(99)), actual, strict=False)))
        if not isinstance(actual, dict) or name not in actual:
            return False
        actual = cast("Any", actual)[name]
    return True


def _insights(answer: httpx.Response) -> Any:
    body = answer.json()
    nodes = _nodes(body["series"])
    metrics = _shown_metrics(answer.request)
    return {
        "metrics": nodes[:metrics],
        "formulas": nodes[metrics:],
        "comparison": _nodes(body.get("time_comparison", {})),
    }


def _nodes(series: dict[str, Any]) -> list[Any]:
    return [_short_keys(node) for node in series.values()]


def _shown_metrics(request: httpx.Request) -> int:
    """Return the number of lines that are no formulas."""
    show = json.loads(request.content)["bookmark"]["sections"]["show"]
    return sum(c["type"] != "formula" and not c.get("isHidden") for c in show)


def _short_keys(node: Any) -> Any:
    """Cut bucket keys to the day, those of hours to the second."""
    if not isinstance(node, dict):
        return node
    whole = cast("dict[str, Any]", node)
    keys = [key for key in whole if "T" in key]
    width = 10 if all("T00:00:00" in key for key in keys) else 19
    return {
        (key[:width] if key[:4].isdecimal() and "T" in key else key): _short_keys(value)
        for key, value in whole.items()
    }


def _funnel(answer: httpx.Response) -> Any:
    (node,) = answer.json()["series"].values()
    if "count" in node:
        return {"steps": _steps(node)}
    if "$overall" in node:
        segments = {name: _counts(block) for name, block in node.items() if name != "$overall"}
        return {"steps": _steps(node["$overall"]), "segments": segments}
    return {"trends": {date[:10]: _counts(block) for date, block in node.items()}}


def _counts(block: dict[str, Any]) -> list[Any]:
    return [cell["all"] for cell in block["count"].values()]


def _steps(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"event": name.partition(". ")[2], **{c: cells[name]["all"] for c, cells in block.items()}}
        for name in block["count"]
    ]


def _people(answer: httpx.Response) -> Any:
    results = answer.json()["results"]
    if isinstance(results, list):
        found = cast("list[dict[str, Any]]", results)
        return {"distinct_ids": [profile["$distinct_id"] for profile in found]}
    return {"aggregate_data": results}


def _flow(answer: httpx.Response) -> Any:
    content = answer.json()
    if flows := content["flows"]:
        return {"paths": [_flow_path(flow["flowSteps"]) for flow in flows]}
    if trees := content["trees"]:
        return {"tree": dict(_branch(tree["root"]) for tree in trees)}
    anchor = _first_anchor(content["steps"])
    columns = {column - anchor: step["nodes"] for column, step in enumerate(content["steps"])}
    edges = [
        [position, node["event"], edge["step"] - anchor, edge["event"], int(edge["totalCount"])]
        for position, nodes in columns.items()
        for node in nodes
        for edge in node["edges"]
    ]
    return {
        "nodes": {
            str(position): {node["event"]: int(node["totalCount"]) for node in nodes}
            for position, nodes in columns.items()
        },
        "edges": sorted(edges),
        "overall_conversion_rate": content["overallConversionRate"],
    }


def _first_anchor(steps: list[dict[str, Any]]) -> int:
    kinds = [[node["type"] for node in step["nodes"]] for step in steps]
    return next(column for column, kind in enumerate(kinds) if "ANCHOR" in kind)


def _flow_path(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"path": [step["event"] for step in steps], "count": int(steps[0]["totalCount"])}


def _branch(node: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return node["step"]["event"], {
        "count": int(node["totalCount"]),
        "dropoff": int(node["dropOffTotalCount"]),
        "children": dict(map(_branch, node["children"])),
    }


def _births(answer: httpx.Response) -> Any:
    return {"cohorts": _cohorts(answer.json())}


def _activity(answer: httpx.Response) -> Any:
    return answer.json()["results"]


def _retention(answer: httpx.Response) -> Any:
    (node,) = answer.json()["series"].values()
    whole = node.get("$overall", node)
    form = {"cohorts": _cohorts(whole), "average": whole["$average"]}
    if whole is node:
        return form
    segments = {name: cohorts for name, cohorts in node.items() if name != "$overall"}
    return {
        **form,
        "segments": {name: _cohorts(cohorts) for name, cohorts in segments.items()},
        "segment_averages": {name: cohorts["$average"] for name, cohorts in segments.items()},
    }


def _cohorts(dates: dict[str, Any]) -> dict[str, Any]:
    return {date[:10]: cohort for date, cohort in dates.items() if date != "$average"}


def _segmentation(answer: httpx.Response) -> Any:
    return answer.json()["data"]


def _whole(answer: httpx.Response) -> Any:
    return answer.json()


def _lines(answer: httpx.Response) -> Any:
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return {"lines": lines, "export_lines": len(lines)}


def _violations(answer: httpx.Response) -> Any:
    violations, _ = answer.json()["results"]
    return {"violations": sorted(violations, key=violation_key)}


def violation_key(violation: dict[str, Any]) -> tuple[str, str]:
    """Return what orders violations, of which the rules say no order."""
    return violation["violation"], violation["name"]


FORMS: dict[str, Callable[[httpx.Response], Any]] = {
    "query": _insights,
    "query_funnel": _funnel,
    "query_user": _people,
    "query_flow": _flow,
    "query_retention": _retention,
    "retention": _births,
    "segmentation": _segmentation,
    "segmentation_numeric": _segmentation,
    "event_counts": _segmentation,
    "property_counts": _segmentation,
    "segmentation_sum": _whole,
    "segmentation_average": _whole,
    "frequency": _whole,
    "activity_feed": _activity,
    "top_events": _whole,
    "export": _lines,
    "run_audit": _violations,
}
