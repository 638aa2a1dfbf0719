"""What a tool says of itself: a schema that every host and model API accepts, and a lint for it.

Hosts drop a tool, or the whole server, for one construct that they do not know. So the published
schema is narrow: inlined, without unions, titles or null; the validator behind it takes more.
"""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from mixpanel_mcp.charting import TOOL_META, is_charted
from mixpanel_mcp.parameters import parameters_of
from mixpanel_mcp_core.operation import Operation

Schema = dict[str, Any]

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_DESCRIPTION = 1000
LONGEST_SENTENCE = 100
LARGEST_SCHEMA = 8000
DEEPEST = 5

# Bounds that pydantic could not say as JSON Schema stand under its own names.
_DROPPED = frozenset({"title", "const", "$defs", "discriminator", "ge", "le"})
_COMBINATORS = ("anyOf", "oneOf", "allOf", "not", "$ref", "$defs", "prefixItems")


def publish(operation: Operation) -> dict[str, Any]:
    """The tool as it stands in `tools/list`, in the protocol's own spelling."""
    effect = operation.effect
    return {
        "name": operation.name,
        "description": description_of(operation),
        "inputSchema": narrow(parameters_of(operation).model_json_schema(by_alias=False)),
        "annotations": {
            "title": operation.name.replace("_", " ").capitalize(),
            "readOnlyHint": effect.read_only,
            "destructiveHint": effect.destructive,
            "idempotentHint": effect.idempotent,
            "openWorldHint": effect.open_world,
        },
        **({"_meta": dict(TOOL_META)} if is_charted(operation) else {}),
    }


def description_of(operation: Operation) -> str:
    """The docstring, unindented, its lines joined within each paragraph."""
    paragraphs = inspect.cleandoc(operation.call.__doc__ or "").split("\n\n")
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def narrow(schema: Schema) -> Schema:
    """A pydantic schema in its portable form.

    A model that appears several times has its fields and their defaults told where it appears
    first.
    """
    published = _Narrowing(schema.get("$defs", {})).of(schema)
    published.setdefault("properties", {})
    return published


class _Narrowing:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self._described: set[str] = set()

    def of(self, node: Schema) -> Schema:
        if "$ref" in node:
            return self._referred(node)
        node = _without_null(node)
        if "$ref" in node:
            return self._referred(node)
        if "const" in node:
            node = {**node, "enum": [node["const"]]}
        out = {key: value for key, value in node.items() if _kept(key, value)}
        if "properties" in out:
            inner = cast("Mapping[str, Schema]", out["properties"])
            out["properties"] = {name: self.of(each) for name, each in inner.items()}
        if "items" in out:
            out["items"] = self.of(out["items"])
        if out.get("type") == "object" and out.get("additionalProperties") is not False:
            out.pop("additionalProperties", None)
        return out

    def _referred(self, node: Schema) -> Schema:
        name = node["$ref"].rsplit("/", 1)[-1]
        own = {key: value for key, value in node.items() if key != "$ref"}
        out = self.of({**self._definitions[name], **own})
        if name in self._described and "properties" in out:
            fields = cast("Mapping[str, Schema]", out["properties"])
            out["properties"] = {key: _undescribed(each) for key, each in fields.items()}
            out.pop("additionalProperties", None)
        self._described.add(name)
        return out


def _without_null(node: Schema) -> Schema:
    """An optional field's schema: published fields are left out, never null."""
    while "anyOf" in node:
        chosen = [each for each in node["anyOf"] if each != {"type": "null"}]
        if len(chosen) != 1:
            raise ValueError(f"a union cannot be published: {json.dumps(node)[:200]}")
        node = {**chosen[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    return node


def _kept(key: str, value: Any) -> bool:
    return key not in _DROPPED and not (key == "default" and value is None)


def _undescribed(node: Schema) -> Schema:
    return {key: value for key, value in node.items() if key not in ("description", "default")}


def lint(tool: Mapping[str, Any]) -> list[str]:
    """Everything in a published tool that some host would stumble over; empty is good."""
    return [f"{tool['name']}: {problem}" for problem in _problems(tool)]


def _problems(tool: Mapping[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(tool["name"]):
        yield "the name has other characters than a-z, 0-9 and _, or more than 40"
    description: str = tool["description"]
    if len(description) > LONGEST_DESCRIPTION:
        yield f"the description has {len(description)} characters"
    first = re.split(r"(?<=[.!?])\s", description, maxsplit=1)[0]
    if not first or len(first) > LONGEST_SENTENCE:
        yield f"the first sentence has {len(first)} characters"
    schema: Schema = tool["inputSchema"]
    if len(json.dumps(schema, separators=(",", ":"))) >= LARGEST_SCHEMA:
        yield "the input schema is too large"
    if schema.get("type") != "object":
        yield "the root is not an object"
    for name, each in schema.get("properties", {}).items():
        if name == "properties":
            yield "an argument is called properties"
        if "description" not in each:
            yield f"{name} has no description"
    yield from _node_problems(schema, "", 0)


def _node_problems(node: Schema, path: str, depth: int) -> Iterator[str]:
    where = path or "the root"
    if depth > DEEPEST:
        yield f"{where} is nested too deeply"
    for word in _COMBINATORS:
        if word in node:
            yield f"{where} has {word}"
    if not isinstance(node.get("type"), str):
        yield f"{where} has no single type"
    if "title" in node or ("default" in node and node["default"] is None):
        yield f"{where} has a title or a null default"
    if isinstance(node.get("additionalProperties"), dict):
        yield f"{where} has additionalProperties with a schema"
    if any(not isinstance(value, str) for value in node.get("enum", [])):
        yield f"{where} has an enum of something other than strings"
    if node.get("type") == "array":
        items = node.get("items")
        if not isinstance(items, dict):
            yield f"{where} is an array of anything"
        else:
            yield from _node_problems(cast("Schema", items), f"{path}[]", depth)
    for name, each in node.get("properties", {}).items():
        yield from _node_problems(each, f"{path}.{name}".lstrip("."), depth + 1)
