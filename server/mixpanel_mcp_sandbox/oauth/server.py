"""What the authorization server remembers."""

from collections.abc import Callable
from datetime import datetime

from .clients import Clients
from .grants import Grants


class AuthorizationServer:
    """The registered clients, and what they were granted."""

    def __init__(self, now: Callable[[], datetime], token_seconds: int):
        self.now = now
        self.clients = Clients()
        self.grants = Grants(now, token_seconds)
