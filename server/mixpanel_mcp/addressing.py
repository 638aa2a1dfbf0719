"""How a server learns of an address that can be read."""

from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.resources import FunctionResource, ResourceSecurity, ResourceTemplate
from mcp.shared.uri_template import UriTemplate

# The variables are names in a project, never paths of files.
_ANY_NAME = ResourceSecurity(reject_path_traversal=False, reject_absolute_paths=False)


def add_address(server: MCPServer[Any], uri: str, read: Callable[..., Any], title: str) -> None:
    """Register what reads an address, its variables by their names.

    The SDK's decorator would make a model that checks the variables, which are texts: that takes
    longer than all else at the start of a server.
    """
    about: dict[str, Any] = {
        "name": read.__name__,
        "title": title,
        "description": read.__doc__,
        "mime_type": "text/plain",
        "fn": read,
    }
    if "{" not in uri:
        return server.add_resource(FunctionResource(uri=uri, **about))
    templates = server._resource_manager._templates  # pyright: ignore[reportPrivateUsage]
    templates[uri] = ResourceTemplate(
        uri_template=uri,
        parsed_template=UriTemplate.parse(uri),
        parameters={},
        context_kwarg=None,
        security=_ANY_NAME,
        **about,
    )
