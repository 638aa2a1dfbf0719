"""One answer of the export API on its way to the disk: unpacked, checked, rewritten, packed."""

import threading
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import zstandard

from mixpanel_mcp_core.exports.kinds import Kinds
from mixpanel_mcp_core.exports.records import EVENTS, as_they_came, shaped
from mixpanel_mcp_core.gunzip import Unpacker

if TYPE_CHECKING:
    from mixpanel_mcp_core.exports.target import StagedCompression

# More records at once would have Python look for garbage among them.
_AT_ONCE = 200


class Torn(Exception):
    """The body ended in the middle of a line."""

    def __str__(self) -> str:
        return "the body ended in the middle of a line"


class Packer(Protocol):
    """What compresses bytes that come one after another."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


PACKERS: dict["StagedCompression", Callable[[], Packer]] = {
    "gz": lambda: zlib.compressobj(level=1, wbits=31),
    "zst": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
}


class LineFile:
    """A file of lines, compressed as they come."""

    def __init__(self, path: Path, compression: "StagedCompression") -> None:
        self._file = path.open("wb")
        self._packer = PACKERS[compression]()

    def write(self, lines: Sequence[bytes]) -> None:
        """Add lines, each with its newline."""
        if lines:
            self._file.write(self._packer.compress(b"\n".join((*lines, b""))))

    def finish(self) -> None:
        """Write what the compression still holds."""
        self._file.write(self._packer.flush())
        self._file.flush()

    def close(self) -> None:
        """Close the file, whole or not."""
        self._file.close()


class Making(NamedTuple):
    """What is made of a body: lines as they came, other ones, or such as become columns."""

    path: str
    compression: "StagedCompression"
    packed: bool
    raw: bool
    tabular: bool


class Count(NamedTuple):
    """What was found in a body up to now."""

    events: int = 0
    skipped: int = 0
    bytes: int = 0


class Part:
    """A file that is fed the pieces of a body, in threads; `close` waits for the last of them."""

    def __init__(self, making: Making) -> None:
        self._events = self._skipped = self._bytes = 0
        self._kinds = Kinds() if making.tabular else None
        shape = EVENTS.shape(self._kinds, raw=making.raw)
        self._form = as_they_came if making.raw else partial(shaped, shape)
        self._unpacker = Unpacker() if making.packed else None
        self._file = LineFile(Path(making.path), making.compression)
        self._begun: list[bytes] = []
        self._lock = threading.Lock()

    def feed(self, piece: bytes) -> Count:
        """Take a piece of the body; raises BrokenGzip, GivenUp, OSError."""
        with self._lock:
            for text in self._unpacker.feed(piece) if self._unpacker else (piece,):
                self._take(text)
            return Count(self._events, self._skipped, self._bytes)

    def finish(self) -> tuple[Count, dict[str, int]]:
        """Take the end of the body, and tell the kinds of properties for a table.

        Raises BrokenGzip, GivenUp, Torn, OSError.
        """
        with self._lock:
            if self._unpacker:
                self._unpacker.close()
            before = self._skipped
            self._write([b"".join(self._begun)])
            if self._skipped > before and self._unpacker is None:
                # Without compression nothing else tells a whole body from one that was cut.
                raise Torn
            self._file.finish()
            kinds = self._kinds.settled() if self._kinds else {}
            return Count(self._events, self._skipped, self._bytes), kinds

    def close(self) -> None:
        """Close the file, once no thread writes to it."""
        with self._lock:
            self._file.close()

    def _take(self, text: bytes) -> None:
        self._bytes += len(text)
        whole, newline, rest = text.rpartition(b"\n")
        if newline:
            self._write(b"".join((*self._begun, whole)).split(b"\n"))
            self._begun.clear()
        self._begun.append(rest)

    def _write(self, lines: list[bytes]) -> None:
        present = list(filter(None, map(bytes.strip, lines)))
        written: list[bytes] = []
        for start in range(0, len(present), _AT_ONCE):
            written += self._form(present[start : start + _AT_ONCE])
        self._events += len(written)
        self._skipped += len(present) - len(written)
        self._file.write(written)
