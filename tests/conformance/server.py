"""A server of our own pieces with the suite's fixtures: `server.py PORT`; 0 takes a free one.

Tools go through our `as_tool`, text prompts through our `add_prompts`, unknown names through our
middleware, and every request through our transport with its checks of Host and Origin.
"""

import asyncio
import base64
import json
import sys
from typing import Any

import asking_back
import contents
from fixture_tools import tools
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.types import (
    Completion,
    EmptyResult,
    InputRequiredResult,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)

from mixpanel_mcp.app import unknown_names_refused
from mixpanel_mcp.listing import Listing
from mixpanel_mcp.prompting import add_prompts
from mixpanel_mcp.settings import Settings
from mixpanel_mcp.transports import serve_http
from mixpanel_mcp_prompts import Argument, Prompt

TEXT_PROMPTS = [
    Prompt("test_simple_prompt", "A text.", {}, "This is a simple prompt for testing."),
    Prompt(
        "test_prompt_with_arguments",
        "A text with two arguments.",
        {"arg1": Argument("text", "First."), "arg2": Argument("text", "Second.")},
        "Prompt with arguments: arg1='{{arg1|none}}', arg2='{{arg2|none}}'",
    ),
]


def build() -> MCPServer[Any]:
    """The fixture server."""
    server: MCPServer[Any] = MCPServer(
        "mixpanel-mcp-fixtures", version="1", tools=tools(), log_level="WARNING"
    )
    server.middleware.append(unknown_names_refused(server))
    add_prompts(server, TEXT_PROMPTS, Listing(Settings()))
    _add_rich_prompts(server)
    _add_resources(server)
    _add_legacy_methods(server)

    @server.completion()
    async def complete(*_: Any) -> Completion:
        return Completion(values=["paris", "park", "party"], total=3, has_more=False)

    return server


def _add_rich_prompts(server: MCPServer[Any]) -> None:
    @server.prompt("test_prompt_with_embedded_resource", description="A resource and a text.")
    def embedded(resourceUri: str) -> list[UserMessage]:
        resource = contents.resource(resourceUri, "Embedded resource content for testing.")
        return [UserMessage(resource), UserMessage("Please process the embedded resource above.")]

    @server.prompt("test_prompt_with_image", description="An image and a text.")
    def image() -> list[UserMessage]:
        return [UserMessage(contents.image()), UserMessage("Please analyze the image above.")]

    @server.prompt("test_input_required_result_prompt", description="A question first.")
    def asking(context: Context[Any, Any]) -> InputRequiredResult | str:
        question = asking_back.form("What context should the prompt use?", context="string")
        return asking_back.asked({"user_context": question}, context) or "Thank you."


def _add_resources(server: MCPServer[Any]) -> None:
    @server.resource("test://static-text")
    def text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def binary() -> bytes:
        return base64.b64decode(contents.PNG)

    @server.resource("test://watched-resource")
    def watched() -> str:
        return "It does not change."

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def data(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _add_legacy_methods(server: MCPServer[Any]) -> None:
    async def done(_: Any, params: Any) -> EmptyResult:
        return EmptyResult()

    lowlevel = server._lowlevel_server  # pyright: ignore[reportPrivateUsage]
    lowlevel.add_request_handler("logging/setLevel", SetLevelRequestParams, done)
    lowlevel.add_request_handler("resources/subscribe", SubscribeRequestParams, done)
    lowlevel.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, done)


if __name__ == "__main__":
    asyncio.run(serve_http(build(), Settings(transport="http", port=int(sys.argv[1]))))
