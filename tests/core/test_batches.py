"""Records in requests: in order, within limits, and none lost or doubled by a failure."""

from collections.abc import Sequence
from itertools import pairwise

import anyio
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpanel_mcp_core.batches import Buffer, Limits, Record, batches

LIMITS = Limits(records=4, size=60)
RECORDS = st.lists(st.text(max_size=30), max_size=20).map(
    lambda texts: [{"n": number, "text": text} for number, text in enumerate(texts)]
)


class Down(Exception):
    """The server cannot be reached."""


def fits(batch: Sequence[Record]) -> bool:
    """Whether a request is within the limits, or holds one record that cannot be cut."""
    small = len(orjson.dumps(batch)) <= LIMITS.size
    return len(batch) == 1 or (len(batch) <= LIMITS.records and small)


@settings(max_examples=50)
@given(records=RECORDS)
def test_batches_are_the_records_in_order_and_as_few_as_can_be(records: list[Record]) -> None:
    """The first record of each would not have fitted into the one before."""
    cut = list(batches(records, LIMITS))
    assert [record for batch in cut for record in batch] == records
    assert all(fits(batch) for batch in cut)
    assert not any(fits([*before, after[0]]) for before, after in pairwise(cut))


@settings(max_examples=50)
@given(records=RECORDS, outages=st.lists(st.booleans(), max_size=10))
def test_a_buffer_loses_and_doubles_nothing(records: list[Record], outages: list[bool]) -> None:
    """What failed is sent by the next flush, before anything that came later."""
    down = iter(outages)
    taken: list[Sequence[Record]] = []

    async def send(batch: Sequence[Record]) -> None:
        if next(down, False):
            raise Down
        taken.append(batch)

    async def all_of_it() -> Buffer:
        buffer = Buffer(send, LIMITS)
        for record in records:
            while True:
                try:
                    await buffer.add(record)
                    break
                except Down:
                    continue
        while True:
            try:
                await buffer.flush()
            except Down:
                continue
            return buffer

    buffer = anyio.run(all_of_it)
    assert [record for batch in taken for record in batch] == records
    assert all(fits(batch) for batch in taken)
    assert (buffer.taken, buffer.requests) == (len(records), len(taken))
