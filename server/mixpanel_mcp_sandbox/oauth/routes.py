"""Which path of the authorization server is answered by what."""

from collections.abc import Callable
from functools import partial

from starlette.responses import Response

from mixpanel_mcp_sandbox.errors import Refusal

from .authorization import ask, decide
from .exchange import exchange
from .metadata import metadata
from .registration import register
from .visits import Visit, json_answer

Answer = Callable[[Visit], Response]


def _refusing(answer: Answer, visit: Visit) -> Response:
    """Answer; a refusal here has OAuth's shape and is kept by nobody."""
    try:
        return answer(visit)
    except Refusal as refusal:
        return json_answer(refusal.body, refusal.status)


ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/.well-known/oauth-authorization-server", metadata),
    ("POST", "/oauth/mcp/register/", partial(_refusing, register)),
    ("GET", "/oauth/authorize/", ask),
    ("POST", "/oauth/authorize/", partial(_refusing, decide)),
    ("POST", "/oauth/token/", partial(_refusing, exchange)),
)
