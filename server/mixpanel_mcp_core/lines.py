"""JSON lines out of a stream of bytes."""

from collections.abc import AsyncIterator


async def split_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the non-blank lines of a body, trimmed, whatever the chunks' borders.

    Split at `\\n` alone: U+2028, U+0085 and the like may stand unescaped inside a JSON string, and
    a split there would tear an event apart.
    """
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line := line.strip():
                yield line
    if rest := rest.strip():
        yield rest
