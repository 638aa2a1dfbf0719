"""`mixpanel-mcp serve`: the server itself."""

import argparse
import asyncio
import os

from mixpanel_mcp.app import build
from mixpanel_mcp.arguments import settings_of
from mixpanel_mcp.logs import configure
from mixpanel_mcp.secrets import Masker
from mixpanel_mcp.transports import serve_http, serve_stdio


def run(options: argparse.Namespace) -> int:
    """Serve until the client goes or the process is interrupted."""
    settings = settings_of(options)
    masker = Masker(os.environ)
    configure(settings.log_level, masker)
    server = build(settings, masker=masker)
    if settings.transport == "http":
        asyncio.run(serve_http(server, settings))
    else:
        asyncio.run(serve_stdio(server))
    return 0
