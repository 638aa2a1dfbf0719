"""Requests for flows, the events they ask about, and the counts of their answers."""

from typing import Any

from sandbox_client import Client

PATH = "/api/query/arb_funnels"


def anchor(event: str, forward: int = 0, reverse: int = 0, **more: Any) -> dict[str, Any]:
    """Return a step of a flow."""
    shown = {"forward": forward, "reverse": reverse, "bool_op": "and"}
    return {"event": event, "step_label": event, **shown, "property_filter_params_list": []} | more


def body(*steps: dict[str, Any], query_type: str = "flows_sankey", **parts: Any) -> dict[str, Any]:
    """Return a flows request."""
    bookmark: dict[str, Any] = {
        "steps": list(steps),
        "date_range": {"type": "between", "from_date": "2026-02-02", "to_date": "2026-02-08"},
        "count_type": "unique",
        "cardinality_threshold": 3,
        "conversion_window": {"unit": "day", "value": 7},
        "collapse_repeated": False,
        "hidden_events": [],
        "exclusions": [],
    }
    return {"bookmark": bookmark | parts, "project_id": 1, "query_type": query_type}


def happen(client: Client, person: str, names: str, **properties: Any) -> None:
    """Store a person's events, one a minute from ten o'clock."""
    client.load(
        {
            "event": name,
            "distinct_id": person,
            "time": f"2026-02-02T10:{minute:02}:00Z",
            "properties": properties,
        }
        for minute, name in enumerate(names.split())
    )


def nodes(part: dict[str, Any]) -> list[dict[str, int]]:
    """Return the counts of each column."""
    return [
        {node["event"]: int(node["totalCount"]) for node in step["nodes"]} for step in part["steps"]
    ]


def asked(client: Client, request: dict[str, Any]) -> list[dict[str, int]]:
    """Return the counts of each column of an answer."""
    answer = client.post(PATH, request)
    assert answer.status_code == 200, answer.text
    return nodes(answer.json())


def segfilter(
    kind: str, operator: str | None, operand: Any, *, name: str = "x", **more: Any
) -> dict[str, Any]:
    """Return a step filter."""
    owner = {"name": name, "source": "properties", "type": kind}
    condition = {"operand": operand} | more | ({"operator": operator} if operator else {})
    return {"property": owner, "type": kind, "selected_property_type": kind, "filter": condition}
