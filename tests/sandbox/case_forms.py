"""Answers of the tools in the neutral form of the worked cases, and how they are compared."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# Brackets of retention, which the cases write down only as far as they matter.
OPEN_LISTS = ("counts", "rates", "values")


def differs(expected: Any, actual: Any) -> bool:
    """Whether something expected is not there; more keys may be."""
    if isinstance(expected, dict):
        return not isinstance(actual, dict) or any(
            key not in actual or differs(value, _as_far(key, value, actual[key]))
            for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            not isinstance(actual, list)
            or len(actual) != len(expected)
            or any(differs(*pair) for pair in zip(expected, actual, strict=True))
        )
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        numeric = isinstance(actual, float | int) and not isinstance(actual, bool)
        return not numeric or not math.isclose(expected, actual, rel_tol=0, abs_tol=1e-6)
    return expected != actual


def _as_far(key: str, expected: Any, actual: Any) -> Any:
    both_lists = isinstance(expected, list) and isinstance(actual, list)
    return actual[: len(expected)] if key in OPEN_LISTS and both_lists else actual


def found(path: str, actual: Any) -> bool:
    """Whether a slash-separated path exists."""
    for name in path.split("/"):
        if isinstance(actual, list):
            actual = {str(place): each for place, each in enumerate(actual)}
        if not isinstance(actual, dict) or name not in actual:
            return False
        actual = actual[name]
    return True


def _insights(value: Any) -> Any:
    nodes = _nodes(value["series"])
    show = value["params"]["sections"]["show"]
    metrics = sum(each["type"] != "formula" and not each.get("isHidden") for each in show)
    return {
        "metrics": nodes[:metrics],
        "formulas": nodes[metrics:],
        "comparison": _nodes(value.get("time_comparison", {})),
    }


def _nodes(series: Mapping[str, Any]) -> list[Any]:
    return [_short_keys(node) for node in series.values()]


def _short_keys(node: Any) -> Any:
    """Cut keys that are moments to the day, those of hours to the second."""
    if not isinstance(node, dict):
        return node
    moments = [key for key in node if _is_moment(key)]
    width = 10 if all("T00:00:00" in key for key in moments) else 19
    return {
        (key[:width] if _is_moment(key) else key): _short_keys(value) for key, value in node.items()
    }


def _is_moment(key: str) -> bool:
    return key[:4].isdecimal() and key[10:11] == "T"


def _funnel(value: Any) -> Any:
    [node] = value["series"].values()
    if "count" in node:
        return {"steps": value["steps_data"]}
    if "$overall" in node:
        return {"steps": value["steps_data"], "segments": dict(_segments(node))}
    return {"trends": {date[:10]: _counts(block) for date, block in node.items()}}


def _segments(node: Mapping[str, Any], *above: str) -> Iterator[tuple[str, list[Any]]]:
    for name, below in node.items():
        if "$overall" in below:
            yield from _segments(below, *above, name)
        elif name != "$overall":
            yield " / ".join([*above, name]), _counts(below)


def _counts(block: Mapping[str, Any]) -> list[Any]:
    return [cell["all"] for cell in block["count"].values()]


def _people(value: Any) -> Any:
    if value["mode"] == "aggregate":
        return {"aggregate_data": value["aggregate_data"]}
    return {"distinct_ids": [profile["distinct_id"] for profile in value["profiles"]]}


def _flow(value: Any) -> Any:
    if value["mode"] == "paths":
        return {"paths": [_path(flow["flowSteps"]) for flow in value["flows"]]}
    if value["mode"] == "tree":
        return {"tree": dict(map(_branch, value["trees"]))}
    steps = value["steps"]
    kinds = [[node["type"] for node in step["nodes"]] for step in steps]
    anchor = next(column for column, kind in enumerate(kinds) if "ANCHOR" in kind)
    columns = {column - anchor: step["nodes"] for column, step in enumerate(steps)}
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
        "overall_conversion_rate": value["overall_conversion_rate"],
    }


def _path(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"path": [step["event"] for step in steps], "count": int(steps[0]["totalCount"])}


def _branch(node: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return node["event"], {
        "count": node["total_count"],
        "dropoff": node["drop_off_count"],
        "children": dict(map(_branch, node["children"])),
    }


def _births(value: Any) -> Any:
    return {
        "cohorts": {
            each["date"]: {
                "first": each["size"],
                "counts": [round(share * each["size"]) for share in each["retention"]],
            }
            for each in value["cohorts"]
        }
    }


def _series(value: Any) -> Any:
    values: dict[str, dict[str, Any]] = value["series"]
    dates = sorted({date for row in values.values() for date in row})
    return {"series": dates, "values": values}


def _top(value: Any) -> Any:
    rows = [
        {"event": row["event"], "amount": row["count"], "percent_change": row["percent_change"]}
        for row in value
    ]
    return {"events": rows}


def _lines(value: Any) -> Any:
    lines = value["events"] if isinstance(value, dict) else value
    return {"lines": lines, "export_lines": len(lines)}


def _violations(value: Any) -> Any:
    return {"violations": sorted(value["violations"], key=violation_key)}


def violation_key(violation: Mapping[str, Any]) -> tuple[str, str]:
    """What orders violations, of which the rules say no order."""
    return violation["violation"], violation["name"]


def _as_it_is(value: Any) -> Any:
    return value


FORMS: Mapping[str, Callable[[Any], Any]] = {
    "query": _insights,
    "query_funnel": _funnel,
    "query_user": _people,
    "query_flow": _flow,
    "query_retention": _as_it_is,
    "retention": _births,
    "segmentation": _series,
    "segmentation_numeric": _series,
    "event_counts": _series,
    "property_counts": _series,
    "segmentation_sum": _as_it_is,
    "segmentation_average": _as_it_is,
    "frequency": _as_it_is,
    "activity_feed": _as_it_is,
    "top_events": _top,
    "stream_events": _lines,
    "run_audit": _violations,
}
