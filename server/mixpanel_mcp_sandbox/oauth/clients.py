"""The applications that may ask for access."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST_CLIENTS = 1000


@dataclass(frozen=True)
class Client:
    """A registered application; it has no secret, so PKCE alone ties its codes to it."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scope: str


class Clients:
    """The registered applications; beyond `most` the oldest is forgotten."""

    def __init__(self, most: int = MOST_CLIENTS):
        self.most = most
        self._held: OrderedDict[str, Client] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, client: Client) -> None:
        """Remember an application."""
        with self._lock:
            self._held[client.id] = client
            while len(self._held) > self.most:
                self._held.popitem(last=False)

    def find(self, client_id: str) -> Client | None:
        """Return the application of that id, None when it is unknown or forgotten."""
        with self._lock:
            return self._held.get(client_id)
