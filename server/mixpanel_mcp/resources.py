"""Resources: what can be read at an address, answered by the operations that the tools run.

To add a template, write a method of `Addresses` and its address into `add_resources`: the
variables of the address are the method's arguments, its docstring is the description, and what it
returns is the text. `told` gives an operation's answer; an address that leads nowhere raises an
MCPError with `INVALID_PARAMS`. A variable called like a kind of `naming.Names` is completed.
"""

from typing import Any

from mcp import MCPError
from mcp.server.mcpserver import MCPServer
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult

from mixpanel_mcp.addressing import add_address
from mixpanel_mcp.binding import Binder
from mixpanel_mcp.naming import LEXICON, Names
from mixpanel_mcp_core.errors import MixpanelError

_NOWHERE = ("EVENT_NOT_FOUND", "INVALID_INPUT")


def add_resources(server: MCPServer[Any], binder: Binder, names: Names) -> None:
    """Register every address."""
    at = Addresses(binder, names)
    for uri, read in (
        ("mixpanel://schema", at.schema),
        ("mixpanel://lexicon/{section}", at.lexicon),
        ("mixpanel://events/{event}", at.event),
        ("mixpanel://properties/{property}", at.property),
        ("mixpanel://reports/{report}", at.report),
        ("mixpanel://dashboards/{dashboard}", at.dashboard),
    ):
        add_address(server, uri, read, read.__name__.capitalize())


class Addresses:
    """What stands at each address."""

    def __init__(self, binder: Binder, names: Names) -> None:
        self._binder = binder
        self._names = names

    async def schema(self) -> str:
        """Every event of the project with its properties, description and tags."""
        return await self.told("schema_graph")

    async def lexicon(self, section: str) -> str:
        """The data dictionary: what it says of all `events`, or of all `properties`."""
        if section not in LEXICON:
            allowed = ", ".join(LEXICON)
            raise MCPError(INVALID_PARAMS, f"section: one of {allowed}, not {section!r}")
        return await self.told(LEXICON[section], names=[])

    async def event(self, event: str) -> str:
        """One event: its properties, and what the Lexicon says of it."""
        carried = await self.told("properties", event=event)
        return f"{carried}\n\n{await self.told('get_event_definitions', names=[event])}"

    async def property(self, property: str) -> str:
        """One event property: its most frequent values, and what the Lexicon says of it."""
        values = await self.told("property_values", property_name=property)
        return f"{values}\n\n{await self.told('get_property_definitions', names=[property])}"

    async def report(self, report: str) -> str:
        """One saved report, by its name or id, with its query."""
        return await self.told("get_bookmark", bookmark_id=await self._id("report", report))

    async def dashboard(self, dashboard: str) -> str:
        """One dashboard, by its name or id, with its cards."""
        found = await self._id("dashboard", dashboard)
        return await self.told("get_dashboard", dashboard_id=found)

    async def _id(self, kind: str, name: str) -> int:
        try:
            return await self._names.id_of(kind, name)
        except MixpanelError as error:
            raise MCPError(INTERNAL_ERROR, error.message) from error

    async def told(self, operation: str, **arguments: Any) -> str:
        """An operation's answer; its error is one of the protocol, as reading has no other."""
        result = await self._binder.call(operation, arguments)
        # Only a change has something to ask first.
        assert isinstance(result, CallToolResult)
        text = "".join(getattr(block, "text", "") for block in result.content)
        if not result.is_error:
            return text
        error = (result.structured_content or {}).get("error", {})
        nowhere = error["code"] in _NOWHERE or error["details"].get("status_code") == 404
        raise MCPError(INVALID_PARAMS if nowhere else INTERNAL_ERROR, text, error)
