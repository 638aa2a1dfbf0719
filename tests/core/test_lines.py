"""Lines out of pieces: the borders between pieces mean nothing."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mixpanel_mcp_core.lines import split_lines

# Few different bytes, so that newlines, blanks and halves of characters meet often.
contents = st.binary(max_size=60) | st.lists(
    st.sampled_from([b"\n", b"\r", b" ", b"a", "é".encode(), "\u2028".encode(), b"\x85"]),
    max_size=30,
).map(b"".join)


async def pieces(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    """The parts as they would arrive."""
    for part in parts:
        yield part


def lines_of(*parts: bytes) -> list[bytes]:
    """The lines of these pieces."""

    async def collected() -> list[bytes]:
        return [line async for line in split_lines(pieces(parts))]

    return anyio.run(collected)


@given(contents, st.lists(st.integers(0, 60), max_size=8))
@example(b"{}\n{}", [3, 3, 3])
def test_any_cut_of_the_same_bytes_gives_the_same_lines(content: bytes, cuts: list[int]) -> None:
    """The lines are those of the whole, trimmed, without blank ones."""
    borders = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    parts = [content[start:end] for start, end in pairwise(borders)]
    assert lines_of(*parts) == [line.strip() for line in content.split(b"\n") if line.strip()]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_a_newline_ends_a_line(separator: str) -> None:
    """What other splitters take for a line's end may stand inside a JSON string."""
    line = f'{{"city":"a{separator}b"}}'.encode()
    assert lines_of(line + b"\n" + line) == [line, line]


def test_a_long_line_in_many_pieces_is_one_line() -> None:
    """A line of many megabytes is put together once, not once for each piece."""
    piece = b"x" * 1000
    assert lines_of(*[piece] * 50_000, b"\n") == [piece * 50_000]
