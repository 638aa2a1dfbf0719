"""Input schemas of the fixture tools that take arguments."""

from typing import Any

Schema = dict[str, Any]


def required(**types: str) -> Schema:
    """An object of these fields, each a plain type and each required."""
    fields = {name: {"type": kind} for name, kind in types.items()}
    return {"type": "object", "properties": fields, "required": [*types]}


NONE: Schema = {"type": "object", "properties": {}, "additionalProperties": False}

BY_TOOL: dict[str, Schema] = {
    "test_sampling": required(prompt="string"),
    "test_elicitation": required(message="string"),
    "test_x_mcp_header": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
        "required": ["region"],
    },
    "json_schema_2020_12_tool": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
}
