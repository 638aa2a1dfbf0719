"""Many loads on their way at once, and an exact account of them when one fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from mixpanel_mcp_core.errors import InvalidInputError, MixpanelError
from mixpanel_mcp_core.imports.delivery import Delivery, account
from mixpanel_mcp_core.imports.refusals import Refusals
from mixpanel_mcp_core.imports.rows import Load, Rows
from mixpanel_mcp_core.threads import stoppable
from mixpanel_mcp_core.together import all_of

Report = Callable[[float, float | None, str], Awaitable[None]]


class Sending:
    """Sends the rows of files from the row `start` on; `count` and `imported` tell how many."""

    def __init__(
        self, rows: Rows, start: int, delivery: Delivery, refusals: Refusals, report: Report
    ) -> None:
        self._rows = rows
        self._loads: Iterator[Load] = rows.loads(start)
        self._delivery = delivery
        self._refusals = refusals
        self._report = report
        self._one_reads = asyncio.Lock()
        self._under_way: set[int] = set()
        self._failures: list[MixpanelError] = []
        self._next_row = start
        self.count = 0
        self.imported = 0
        self.requests = 0

    async def run(self, parallel: int) -> None:
        """Send all, `parallel` requests at a time.

        After a failure nothing more is begun, and what is under way is waited for. Raises the first
        failure, whose details tell what is in, and from which row to go on.
        """
        await all_of(self._work() for _ in range(parallel))
        if self._failures:
            raise self._accounted(self._failures[0])

    async def _work(self) -> None:
        try:
            while not self._failures and (load := await self._next()):
                await self._send(load)
        except MixpanelError as error:
            self._failures.append(error)

    async def _next(self) -> Load | None:
        async with self._one_reads:
            load = await stoppable(lambda _: next(self._loads, None), self._rows.stopped)
            if load:
                self._under_way.add(load.first)
                self._next_row = load.last + 1
            return load

    async def _send(self, load: Load) -> None:
        for refused in load.refused:
            self._refusals.add(refused)
        for batch in load.batches:
            async for taken in self._delivery.deliver(batch):
                self.requests += 1
                self.imported += taken.imported
                for refused in taken.refused:
                    self._refusals.add(refused)
        self._under_way.remove(load.first)
        self.count += load.rows
        told = f"{self.count:,} rows done, {self.imported:,} events imported"
        await self._report(self.count, None, told)

    def _accounted(self, error: MixpanelError) -> MixpanelError:
        if self.requests and isinstance(error, InvalidInputError):
            # It was found too late to say that nothing was sent.
            error = MixpanelError(error.message, code="UNREADABLE_FILE")
        row = min(self._under_way, default=self._next_row)
        so_far = {
            "num_records_imported": self.imported,
            "refused": self._refusals.count,
            "requests": self.requests,
        }
        account(error, self.requests, so_far, f"with start_row {row}, or without")
        if self.requests:
            error.details["start_row"] = row
        return error
