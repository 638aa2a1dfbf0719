"""A process that writes parts of exports, so that every core does; told what over its input.

Run as `python -m mixpanel_mcp_core.exports.worker`. What is to be made comes first, then pieces,
then None for the end; each message has an answer.
"""

import pickle
import struct
import sys
from typing import Any, BinaryIO

from mixpanel_mcp_core.exports.parts import Making, Part, Torn
from mixpanel_mcp_core.gunzip import BrokenGzip
from mixpanel_mcp_core.lines import GivenUp

LENGTH = struct.Struct("<I")


def framed(message: Any) -> bytes:
    """A message with its length before it."""
    data = pickle.dumps(message)
    return LENGTH.pack(len(data)) + data


def main(asked: BinaryIO, told: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    part: Part | None = None
    while header := asked.read(LENGTH.size):
        message = pickle.loads(asked.read(*LENGTH.unpack(header)))
        try:
            answer = None
            if isinstance(message, Making):
                part = Part(message)
            elif part and message is not None:
                answer = part.feed(message)
            elif part:
                answer = part.finish()
                part.close()
        except (BrokenGzip, GivenUp, Torn, OSError) as error:
            answer = error
        told.write(framed(answer))
        told.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
