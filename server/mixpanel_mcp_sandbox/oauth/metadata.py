"""The authorization server's description of itself (RFC 8414)."""

from starlette.responses import Response

from .registration import GRANT_TYPES, SCOPE
from .visits import Visit, json_answer


def metadata(visit: Visit) -> Response:
    """Return where everything is, under the name that the server was called by."""
    issuer = visit.issuer
    return json_answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize/",
            "token_endpoint": f"{issuer}/oauth/token/",
            "registration_endpoint": f"{issuer}/oauth/mcp/register/",
            "scopes_supported": SCOPE.split(),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": GRANT_TYPES,
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )
