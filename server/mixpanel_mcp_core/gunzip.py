"""A gzip body, unpacked as it arrives and to its very end."""

import zlib
from collections.abc import AsyncIterator, Iterator

_GZIP_HEADER = 16 + zlib.MAX_WBITS
_LARGEST_PIECE = 1 << 20


class BrokenGzip(Exception):
    """The body is no gzip, or stops before its end."""


async def gunzip(packed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what the pieces hold, at most a mebibyte at a time; raises BrokenGzip.

    A body may be several members one after another. HTTP libraries tend to deliver the first one
    alone, and to take a body that was cut off for a whole one.
    """
    unpacker = Unpacker()
    async for piece in packed:
        for unpacked in unpacker.feed(piece):
            yield unpacked
    unpacker.close()


class Unpacker:
    """Unpacks a gzip body that is fed to it piece by piece."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_HEADER)
        self._between = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What a piece holds, at most a mebibyte at a time; raises BrokenGzip."""
        # Between members there may be padding.
        while data := data.lstrip(b"\0") if self._between else data:
            if self._between:
                self._member = zlib.decompressobj(_GZIP_HEADER)
            try:
                piece = self._member.decompress(data, _LARGEST_PIECE)
            except zlib.error as error:
                raise BrokenGzip(f"the compressed body cannot be unpacked: {error}") from error
            if piece:
                yield piece
            self._between = self._member.eof
            data = self._member.unused_data if self._between else self._member.unconsumed_tail

    def close(self) -> None:
        """Raise BrokenGzip where the body stopped before its end."""
        if not self._between:
            raise BrokenGzip("the compressed body stops before its end")
