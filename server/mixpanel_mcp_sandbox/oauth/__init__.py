"""A small OAuth 2.1 authorization server, so that browser logins can be tried without Mixpanel.

Clients register themselves, come with PKCE and have no secrets; clients and tokens live as long
as the sandbox is open.
"""

from .routes import ROUTES, Answer
from .server import AuthorizationServer
from .visits import MOST_BYTES, Visit

__all__ = ["MOST_BYTES", "ROUTES", "Answer", "AuthorizationServer", "Visit"]
