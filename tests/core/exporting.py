"""Events by day, a Mixpanel on a socket that gives them out, and exports from it."""

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from clients import Clock, session
from origin import OPEN_ENDED, Origin, Reply, Seen, chunk, listening, reply

from mixpanel_mcp_core.exports.events import Asked, export_events
from mixpanel_mcp_core.exports.target import Target, read_target
from mixpanel_mcp_core.models.streaming import Written

DAYS = ("2026-05-01", "2026-05-02", "2026-05-03")
A_DAY = 4


def event(day: str, number: int, **properties: Any) -> dict[str, Any]:
    """One exported event, the same whenever it is asked for."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=number)
    own = {"time": int(moment.timestamp()), "distinct_id": "u", "$insert_id": f"{day}-{number}"}
    return {"event": "Ping", "properties": {**own, **properties}}


def body(day: str) -> bytes:
    """All events of a day, as Mixpanel sends them."""
    lines = (json.dumps(event(day, number)) for number in range(A_DAY))
    return "\n".join(lines).encode() + b"\n"


def ids(days: Sequence[str] = DAYS) -> list[str]:
    """What tells the events of these days apart, in order."""
    return [f"{day}-{number}" for day in days for number in range(A_DAY)]


def whole(data: bytes) -> Reply:
    """A good answer."""
    return reply(200, gzip.compress(data), {"content-encoding": "gzip"})


def cut(data: bytes) -> Reply:
    """An answer whose connection breaks before its end."""
    return reply(200, chunk(data), OPEN_ENDED, breaks=True)


@dataclass
class Mixpanel:
    """Answers with the events of the days asked for; first with the `faults` of a first day.

    A day that is `stalled` is answered when the event is set. `asked` lists the ranges.
    """

    origin: Origin
    faults: dict[str, list[Reply]] = field(default_factory=dict[str, list[Reply]])
    stalled: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, seen: Seen) -> Reply:
        """The answer to a request."""
        query = {name: each[0] for name, each in parse_qs(urlsplit(seen.target).query).items()}
        first, last = query["from_date"], query["to_date"]
        self.asked.append(first if first == last else f"{first}..{last}")
        if first in self.stalled:
            await self.stalled[first].wait()
        if self.faults.get(first):
            return self.faults[first].pop(0)
        return whole(b"".join(map(body, _days(first, last))))

    async def export(
        self, folder: Path, name: str = "e.jsonl", clock: Clock | None = None, **arguments: Any
    ) -> Written:
        """The result of an export of three days into a file of the folder."""
        asked = Asked(DAYS[0], DAYS[-1], raw=True)._replace(**arguments)
        if not name.endswith("jsonl"):
            asked = asked._replace(raw=False)
        async with session(self.origin.url, clock) as mixpanel:
            mixpanel = replace(mixpanel, files=folder)
            return await export_events(mixpanel, asked, target_of(folder, name, asked))


def target_of(folder: Path, name: str, asked: Asked) -> Target:
    """The target of a name."""
    return read_target(folder, name, raw=asked.raw, may_be_daily=asked.limit is None)


def _days(first: str, last: str) -> list[str]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(begin + timedelta(days=each)) for each in range((end - begin).days + 1)]


@asynccontextmanager
async def serving() -> AsyncGenerator[Mixpanel]:
    """A Mixpanel on a free port of this machine."""
    async with listening() as origin:
        mixpanel = Mixpanel(origin)
        origin.answer = mixpanel.answer
        try:
            yield mixpanel
        finally:
            for each in mixpanel.stalled.values():
                each.set()


def stored(path: Path) -> list[str]:
    """The insert ids in a file of raw events, in its order."""
    lines = path.read_text("utf-8").splitlines()
    return [json.loads(line)["properties"]["$insert_id"] for line in lines]


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden or not."""
    return sorted(each.name for each in folder.iterdir())


async def kept(folder: Path, days: int) -> None:
    """Return when so many days of an export to `e.jsonl` are noted as fetched."""
    manifest = folder / ".e.jsonl.export" / "manifest.json"
    async with asyncio.timeout(20):
        while True:
            if manifest.exists() and len(json.loads(manifest.read_text())["done"]) >= days:
                return
            await asyncio.sleep(0.01)
