"""Records on their way in, as many to a request as it may carry."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mixpanel_mcp_core.lenient_json import written

T = TypeVar("T")

Record = dict[str, Any]
Send = Callable[[Sequence[Record]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one request may carry, in records and in bytes of JSON."""

    records: int
    size: int


# Below Mixpanel's 10 MB and 1 MB, beyond which it refuses the request as a whole.
EVENTS = Limits(records=2000, size=9_500_000)
UPDATES = Limits(records=2000, size=1_000_000)


def json_size(record: Any) -> int:
    """The bytes of a record as JSON."""
    return len(written(record))


class Batch(Generic[T]):
    """Records that go together; a single one is taken whatever its size."""

    def __init__(self, limits: Limits, size_of: Callable[[T], int] = json_size) -> None:
        self._limits = limits
        self._size_of = size_of
        # The bracket before the records; behind each stands a comma, or the other bracket.
        self._size = 1
        self.records: list[T] = []

    def take(self, record: T) -> bool:
        """Take a record, unless it would be too much; whether it was taken."""
        size = self._size + self._size_of(record) + 1
        full = len(self.records) == self._limits.records or size > self._limits.size
        if self.records and full:
            return False
        self.records.append(record)
        self._size = size
        return True


def batches(
    records: Iterable[T], limits: Limits, size_of: Callable[[T], int] = json_size
) -> Iterator[list[T]]:
    """The records in order, each batch within the limits."""
    batch = Batch(limits, size_of)
    for record in records:
        if not batch.take(record):
            yield batch.records
            batch = Batch(limits, size_of)
            batch.take(record)
    if batch.records:
        yield batch.records


class Buffer:
    """Records of one endpoint, sent in order as soon as there are enough for a request.

    What `send` raised for stays at the head, so that a later flush sends it again, and nothing
    that was taken. `taken` and `requests` count what was.
    """

    def __init__(self, send: Send, limits: Limits) -> None:
        self._send = send
        self._limits = limits
        self._batch: Batch[Record] = Batch(limits)
        self.taken = self.requests = 0

    async def add(self, record: Record) -> None:
        """Take a record; raises what the sending of earlier ones raised, and then does not."""
        if not self._batch.take(record):
            await self.flush()
            self._batch.take(record)

    async def flush(self) -> None:
        """Send what waits."""
        records = self._batch.records
        if not records:
            return
        await self._send(records)
        self.taken += len(records)
        self.requests += 1
        self._batch = Batch(self._limits)
