"""What the queries publish: narrow JSON schemas that every host accepts."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from mixpanel_mcp_core.queries import (
    FlowQuery,
    FunnelQuery,
    FunnelQueryWithLimit,
    InsightsQuery,
    InsightsQueryWithLimit,
)

QUERIES = [InsightsQuery, InsightsQueryWithLimit, FunnelQuery, FunnelQueryWithLimit, FlowQuery]
Schema = dict[str, Any]


def _without(node: Schema, *keys: str) -> Schema:
    return {key: each for key, each in node.items() if key not in keys}


def _inlined(node: Schema, definitions: Schema, open_refs: tuple[str, ...] = ()) -> Schema:
    if ref := node.get("$ref"):
        assert ref not in open_refs, f"{ref} contains itself"
        target = definitions[ref.removeprefix("#/$defs/")]
        merged = {**target, **_without(node, "$ref")}
        return _inlined(merged, definitions, (*open_refs, ref))
    if choices := node.get("anyOf"):
        (chosen,) = [each for each in choices if each != {"type": "null"}]
        return _inlined({**chosen, **_without(node, "anyOf")}, definitions, open_refs)
    inlined = _without(node, "title", "$defs")
    if node.get("default", 0) is None:
        del inlined["default"]
    if "items" in node:
        inlined["items"] = _inlined(node["items"], definitions, open_refs)
    if "properties" in node:
        inlined["properties"] = {
            name: _inlined(each, definitions, open_refs)
            for name, each in node["properties"].items()
        }
    return inlined


def _published(query: Any) -> Schema:
    schema = TypeAdapter(query).json_schema()
    return _inlined(schema, schema["$defs"])


def _nodes(node: Schema, depth: int = 0) -> Iterator[tuple[Schema, int]]:
    yield node, depth
    for each in node.get("properties", {}).values():
        yield from _nodes(each, depth + 1)
    if "items" in node:
        yield from _nodes(node["items"], depth)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_schemas_have_no_unions_and_no_recursion(query: Any) -> None:
    """Apart from null for an optional argument, every node has one type and known items."""
    for node, depth in _nodes(_published(query)):
        assert depth <= 5
        assert isinstance(node["type"], str)
        assert not {"oneOf", "allOf", "not", "prefixItems"} & node.keys()
        assert node["type"] != "array" or "type" in node["items"]
        assert node["type"] != "object" or node["additionalProperties"] is False


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_every_argument_and_key_is_described(query: Any) -> None:
    """Each key has a short description, and none is called `properties`."""
    for node, _ in _nodes(_published(query)):
        for name, each in node.get("properties", {}).items():
            assert name != "properties"
            assert each.get("description") or each.get("items"), name


def test_arguments_are_those_of_the_grammar() -> None:
    """The names are the grammar's; only the queries that are run take a limit."""
    common = {"from_date", "to_date", "last", "unit", "group_by", "where", "time_comparison"}
    common |= {"data_group_id", "math", "math_property", "mode"}
    insights = common | {"events", "per_user", "percentile_value", "formula", "formula_label"}
    insights |= {"rolling", "cumulative"}
    funnel = common | {"steps", "conversion_window", "conversion_window_unit", "order"}
    funnel |= {"exclusions", "holding_constant", "reentry_mode"}
    flow = {"event", "forward", "reverse", "from_date", "to_date", "last", "mode", "where"}
    flow |= {"conversion_window", "conversion_window_unit", "count_type", "cardinality"}
    flow |= {"collapse_repeated", "hidden_events", "exclusions", "segments", "data_group_id"}
    assert [set(TypeAdapter(query).json_schema()["properties"]) for query in QUERIES] == [
        insights,
        insights | {"limit"},
        funnel,
        funnel | {"limit"},
        flow,
    ]


def test_only_events_and_steps_are_required() -> None:
    """A model needs to name the events; the rest has defaults."""
    required = [TypeAdapter(query).json_schema()["required"] for query in QUERIES]
    assert required == [["events"], ["events"], ["steps"], ["steps"], ["event"]]
