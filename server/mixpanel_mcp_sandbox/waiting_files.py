"""Files that were put into the sandbox's object storage, until they are registered."""

import threading
from collections import OrderedDict
from secrets import token_bytes

MOST_FILES = 4


class Files:
    """The latest files by key, in memory; `secret` signs the URLs that lead to them."""

    def __init__(self, most: int = MOST_FILES):
        self.most = most
        self.secret = token_bytes(32)
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, key: str, content: bytes) -> None:
        """Hold a file under its key."""
        with self._lock:
            self._held[key] = content
            self._held.move_to_end(key)
            while len(self._held) > self.most:
                self._held.popitem(last=False)

    def find(self, key: str) -> bytes | None:
        """Return the file of a key, None when there is none or it gave way."""
        with self._lock:
            return self._held.get(key)
