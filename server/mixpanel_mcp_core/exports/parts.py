"""One answer of the export API on its way to the disk: unpacked, checked, rewritten, packed."""

import threading
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import zstandard

from mixpanel_mcp_core.exports.records import Form
from mixpanel_mcp_core.exports.target import StagedCompression
from mixpanel_mcp_core.gunzip import Unpacker

# More records at once would have Python look for garbage among them.
_AT_ONCE = 200


class Torn(Exception):
    """The body ended in the middle of a line."""

    def __init__(self) -> None:
        super().__init__("the body ended in the middle of a line")


class Packer(Protocol):
    """What compresses bytes that come one after another."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


PACKERS: dict[StagedCompression, Callable[[], Packer]] = {
    "gz": lambda: zlib.compressobj(level=1, wbits=31),
    "zst": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
}


class LineFile:
    """A file of lines, compressed as they come."""

    def __init__(self, path: Path, compression: StagedCompression) -> None:
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


class Part:
    """A file that is fed the pieces of a body, in threads; `close` waits for the last of them."""

    def __init__(self, file: LineFile, form: Form, *, packed: bool) -> None:
        self.events = self.skipped = self.bytes = 0
        self._file = file
        self._form = form
        self._unpacker = Unpacker() if packed else None
        self._begun: list[bytes] = []
        self._lock = threading.Lock()

    def feed(self, piece: bytes) -> None:
        """Take a piece of the body; raises BrokenGzip, GivenUp, OSError."""
        with self._lock:
            for text in self._unpacker.feed(piece) if self._unpacker else (piece,):
                self._take(text)

    def finish(self) -> None:
        """Take the end of the body; raises BrokenGzip, GivenUp, Torn, OSError."""
        with self._lock:
            if self._unpacker:
                self._unpacker.close()
            before = self.skipped
            self._write([b"".join(self._begun)])
            if self.skipped > before and self._unpacker is None:
                # Without compression nothing else tells a whole body from one that was cut.
                raise Torn
            self._file.finish()

    def close(self) -> None:
        """Close the file, once no thread writes to it."""
        with self._lock:
            self._file.close()

    def _take(self, text: bytes) -> None:
        self.bytes += len(text)
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
        self.events += len(written)
        self.skipped += len(present) - len(written)
        self._file.write(written)
