"""`mixpanel-mcp sandbox serve`: the sandbox as an HTTP server of its own."""

import argparse
import sys

from mixpanel_mcp_core.errors import ConfigError
from mixpanel_mcp_sandbox import SandboxError, open_sandbox, serve


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted. Any Mixpanel client can be pointed at it with MP_API_BASE_URL."""
    try:
        with open_sandbox(
            options.sandbox,
            identity=options.identity,
            timezone=options.project_timezone,
            token_seconds=options.token_seconds,
        ) as sandbox:
            if sandbox.note:
                print(sandbox.note, file=sys.stderr)
            serve(sandbox, options.host, options.port, lambda port: _tell(options.host, port))
    except SandboxError as error:
        raise ConfigError(str(error)) from error
    return 0


def _tell(host: str, port: int) -> None:
    print(_USAGE.format(host=host, port=port), file=sys.stderr, flush=True)


_USAGE = """\
The sandbox serves http://{host}:{port} as project 1. Point a client at it with
  MP_API_BASE_URL=http://{host}:{port}/{{host}} MP_USERNAME=sandbox MP_SECRET=sandbox \
MP_PROJECT_ID=1 MP_REGION=us
Browser logins work too, with no credentials but MP_API_BASE_URL=http://{host}:{port}/{{host}}"""
