"""JSON lines out of a stream of bytes."""

from collections.abc import AsyncIterator

# What Mixpanel writes into an export that it gives up in the middle.
GIVEN_UP = b"terminated early"


class GivenUp(Exception):
    """Mixpanel stopped in the middle of an export, and said so in its last line."""

    def __str__(self) -> str:
        return "Mixpanel terminated the export early"


async def split_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the non-blank lines of a body, trimmed, whatever the chunks' borders.

    Split at `\\n` alone: U+2028, U+0085 and the like may stand unescaped inside a JSON string, and
    a split there would tear an event apart.
    """
    begun: list[bytes] = []
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if not others:
            continue
        *whole, rest = others
        for line in (b"".join(begun), *whole):
            if line := line.strip():
                yield line
        begun = [rest]
    if rest := b"".join(begun).strip():
        yield rest
