"""How clients reach the server: stdio, or Streamable HTTP behind checks."""

import gc
import hmac
import ipaddress
import socket
import sys
from collections.abc import Sequence
from typing import Any

from mcp.server.mcpserver import MCPServer

from mixpanel_mcp.settings import Settings
from mixpanel_mcp_core.errors import ConfigError

_SHORTEST_TOKEN = 16
_HEALTH = "/health"


async def serve_stdio(server: MCPServer[Any]) -> None:
    """Serve one client over stdin and stdout until its end of input."""
    await server.run_stdio_async()


async def serve_http(server: MCPServer[Any], settings: Settings) -> None:
    """Serve any number of clients at `http://HOST:PORT/mcp` until interrupted.

    ConfigError when the address cannot be bound.
    """
    import uvicorn

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            # Only now does an interrupt end the server in order.
            print(f"mixpanel-mcp serves {url}", file=sys.stderr, flush=True)

    app = http_app(server, settings)
    listener = _listener(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{listener.getsockname()[1]}/mcp"
    # What start-up made stays for good: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    # h11, not httptools, which keeps trailing blanks of header values.
    config = uvicorn.Config(app, log_config=None, http="h11", lifespan="on")
    await Announced(config).serve(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # Connections inherit it: an answer's body need not wait for the client's word on its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"Cannot serve on {host}:{port}: {getattr(error, 'strerror', None) or error}. Choose "
            "another --host or --port; port 0 takes a free one."
        ) from error


def http_app(server: MCPServer[Any], settings: Settings) -> Any:
    """The ASGI app: Host and Origin checked, a bearer token where one is set, `/health` open.

    Raises ConfigError for an address beyond this machine without a token.
    """
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    token = settings.http_token.get_secret_value() if settings.http_token else None
    _check_exposure(settings.host, token)

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    server.custom_route(_HEALTH, methods=["GET"])(health)
    app = server.streamable_http_app(
        host=settings.host,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=allowed_hosts(settings),
            allowed_origins=allowed_origins(settings),
        ),
    )
    return BearerGuard(app, token) if token else app


def _check_exposure(host: str, token: str | None) -> None:
    if token is None and not is_loopback(host):
        raise ConfigError(
            f"Serving on {host} would let anybody on the network use your Mixpanel account. Set "
            "MIXPANEL_MCP_HTTP_TOKEN to a secret of at least 16 characters that clients send as "
            "`Authorization: Bearer <token>`, or serve on 127.0.0.1.",
            details={"host": host},
        )
    if token is not None and len(token) < _SHORTEST_TOKEN:
        raise ConfigError("MIXPANEL_MCP_HTTP_TOKEN needs at least 16 characters.")


def is_loopback(host: str) -> bool:
    """Whether an address is reachable from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_hosts(settings: Settings) -> list[str]:
    """Host headers that are answered: this machine's names, and those of the settings."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if not is_loopback(settings.host):
        names += [settings.host, socket.gethostname()]
    return [*_with_ports(names), *settings.allowed_hosts]


def allowed_origins(settings: Settings) -> list[str]:
    """Origin headers that are answered: pages of this machine, and those of the settings."""
    names = _with_ports(["http://localhost", "http://127.0.0.1", "http://[::1]"])
    return [*names, *settings.allowed_origins]


def _with_ports(names: Sequence[str]) -> list[str]:
    return [each for name in names for each in (name, f"{name}:*")]


class BearerGuard:
    """Answers 401 to every request but `/health` that does not carry the token."""

    def __init__(self, app: Any, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] != _HEALTH and not self._authorised(scope):
            from starlette.responses import JSONResponse

            refusal = JSONResponse(
                {"error": "a bearer token is required"}, 401, {"WWW-Authenticate": "Bearer"}
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _authorised(self, scope: Any) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(given, self._expected)
