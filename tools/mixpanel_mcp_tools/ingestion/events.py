"""Events that the caller holds in its hands."""

import time
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from mixpanel_mcp_core.batches import EVENTS, batches
from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.fields import TokenInstead
from mixpanel_mcp_core.imports.checks import fault
from mixpanel_mcp_core.imports.delivery import TOO_LARGE, Delivery, Refused, account, add, failed
from mixpanel_mcp_core.imports.insert_ids import Twins
from mixpanel_mcp_core.imports.records import MOST_BYTES, Event, Packed, packed
from mixpanel_mcp_core.models.ingestion import FailedRecord, Imported, NewEvent
from mixpanel_mcp_core.session import Session
from mixpanel_mcp_tools.ingestion.toolset import ingestion


@ingestion.writes(idempotent=True)
async def import_events(
    session: Session,
    events: Annotated[
        list[NewEvent], Field(min_length=1, description="Events, sent in this order.")
    ],
    strict: Annotated[bool, Field(description="Check each event and list what failed.")] = True,
    gzip: Annotated[bool, Field(description="Compress the requests.")] = True,
    token: TokenInstead | None = None,
) -> Imported:
    """Import events of any age into the project, in batches of 2,000.

    A missing `$insert_id` is derived from the event, so that repeating the call does not double
    it. Returns how many were taken, and each refused record with its index, field and reason;
    the others are in. When a later batch fails, the error tells what was imported before it. For
    a file use import_file. Ingestion API: POST /import.
    """
    numbered = (Event(place, each.event, each.properties) for place, each in enumerate(events))
    records = packed(numbered, Twins())
    fit = [each for each in records if each.size() <= MOST_BYTES]
    done = Imported(num_records_imported=0, failed_records=_too_large(records), batches=0)
    # Names that were listed before may be joined by new ones.
    session.forget()
    delivery = Delivery(session.ingest, strict, gzip, token)
    sent = 0
    for batch in batches(fit, EVENTS, Packed.size):
        try:
            async for taken in delivery.deliver(batch):
                add(done, taken)
        except MixpanelError as error:
            again = f"with all of them, or with those from index {batch[0].place} on"
            account(error, done.batches, done.model_dump(), again)
            raise
        sent += len(batch)
        await session.report(sent, len(fit), f"{sent:,} of {len(fit):,} events sent")
    done.failed_records.sort(key=lambda record: record.index)
    if not strict:
        done.doubt(_doubtful(events))
    return done


def _doubtful(events: list[NewEvent]) -> Iterator[str]:
    now_ms = int(time.time() * 1000)
    for index, each in enumerate(events):
        if broken := fault(each.event, each.properties, now_ms):
            yield f"index {index}, {broken.message}"


def _too_large(records: list[Packed]) -> list[FailedRecord]:
    return [
        failed(Refused(each.place, each.insert_id, "event", f"'event' {TOO_LARGE}"))
        for each in records
        if each.size() > MOST_BYTES
    ]
