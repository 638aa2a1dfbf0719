"""The MCP server: settings, binding, catalogue, results, safety, transports, command line."""

from importlib.metadata import version

__version__ = version("mixpanel-mcp")
