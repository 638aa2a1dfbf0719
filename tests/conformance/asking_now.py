"""Tools that ask the client in mid-call, as the protocol did until 2025-11-25."""

from collections.abc import Mapping
from typing import Any

from contents import text
from mcp.server.mcpserver import Context
from mcp.shared.message import ServerMessageMetadata
from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    SamplingMessage,
)
from schemas import Schema, required

Call = Context[Any, Any]

DEFAULTS: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "default": True},
    },
}


def _titled(*names: str) -> list[dict[str, str]]:
    return [{"const": name, "title": name.capitalize()} for name in names]


ENUMS: Schema = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": ["one", "two", "three"]},
        "titledSingle": {"type": "string", "oneOf": _titled("one", "two", "three")},
        "legacyEnum": {
            "type": "string",
            "enum": ["one", "two", "three"],
            "enumNames": ["One", "Two", "Three"],
        },
        "untitledMulti": {
            "type": "array",
            "items": {"type": "string", "enum": ["one", "two", "three"]},
        },
        "titledMulti": {"type": "array", "items": {"anyOf": _titled("one", "two", "three")}},
    },
}


async def sample(arguments: Mapping[str, Any], context: Call) -> CallToolResult:
    """Ask the client's model."""
    message = SamplingMessage(role="user", content=text(arguments["prompt"]))
    reply = await context.session.send_request(
        CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=100)),
        CreateMessageResult,
        metadata=ServerMessageMetadata(related_request_id=context.request_id),
    )
    return CallToolResult(content=[text(f"LLM response: {getattr(reply.content, 'text', '')}")])


async def elicit(arguments: Mapping[str, Any], context: Call) -> CallToolResult:
    """Ask the person for a name and an address."""
    return await _asked(context, arguments["message"], required(username="string", email="string"))


async def elicit_defaults(_: Mapping[str, Any], context: Call) -> CallToolResult:
    """Ask with a default in every field."""
    return await _asked(context, "Are these right?", DEFAULTS)


async def elicit_enums(_: Mapping[str, Any], context: Call) -> CallToolResult:
    """Ask to choose, in each of the five ways."""
    return await _asked(context, "Which ones?", ENUMS)


async def _asked(context: Call, question: str, schema: Schema) -> CallToolResult:
    answer = await context.session.elicit_form(question, schema, context.request_id)
    told = f"action={answer.action}, content={answer.content}"
    return CallToolResult(content=[text(f"Elicitation completed: {told}")])
