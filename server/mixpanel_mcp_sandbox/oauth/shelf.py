"""Things kept under a secret for a while."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Things by their secrets, of which only hashes are held; beyond `most` the oldest goes."""

    def __init__(self, now: Callable[[], datetime], most: int):
        self._now = now
        self._most = most
        self._held: dict[bytes, tuple[datetime, Thing]] = {}

    def put(self, secret: str, thing: Thing, seconds: int) -> None:
        """Keep a thing for some seconds from now on, however long it was kept before."""
        self._drop_expired()
        self._held[_digest(secret)] = (self._now() + timedelta(seconds=seconds), thing)
        while len(self._held) > self._most:
            del self._held[next(iter(self._held))]

    def get(self, secret: str) -> Thing | None:
        """Return the thing under a secret, None when there is none or its time is over."""
        until, thing = self._held.get(_digest(secret), (None, None))
        return thing if until and self._now() < until else None

    def drop(self, secret: str) -> None:
        """Forget the thing under a secret."""
        self._held.pop(_digest(secret), None)

    def _drop_expired(self) -> None:
        now = self._now()
        self._held = {key: held for key, held in self._held.items() if now < held[0]}


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
