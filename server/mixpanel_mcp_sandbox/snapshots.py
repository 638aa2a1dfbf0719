"""Results that are read page by page: the first page computes them, later ones look them up."""

import threading
from collections import OrderedDict
from secrets import token_hex

from .database import Row

MOST_SNAPSHOTS = 8


class Snapshots:
    """The rows of the latest paged queries, by session; older ones are forgotten."""

    def __init__(self, most: int = MOST_SNAPSHOTS):
        self.most = most
        self._held: OrderedDict[str, list[Row]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, rows: list[Row]) -> str:
        """Hold rows and return the session they can be asked for by."""
        session = token_hex(16)
        with self._lock:
            self._held[session] = rows
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        return session

    def find(self, session: str) -> list[Row] | None:
        """Return the rows of a session, None when there are none or they are forgotten."""
        with self._lock:
            if session in self._held:
                self._held.move_to_end(session)
            return self._held.get(session)
