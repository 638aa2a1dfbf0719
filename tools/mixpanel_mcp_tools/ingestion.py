"""Ingestion: events into the project."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, cast

import orjson
from pydantic import Field

from mixpanel_mcp_core.errors import MixpanelError
from mixpanel_mcp_core.models.ingestion import FailedRecord, Imported, NewEvent
from mixpanel_mcp_core.operation import Toolset
from mixpanel_mcp_core.session import Session

ingestion = Toolset("ingestion", "Send events into the project")

_BATCH_RECORDS = 2000
_BATCH_BYTES = 9_500_000  # Mixpanel's limit is 10 MB, and refuses the batch as a whole.

Event = dict[str, Any]


@ingestion.writes(idempotent=True)
async def import_events(
    session: Session,
    events: Annotated[list[NewEvent], Field(min_length=1, description="Events, oldest first.")],
    strict: Annotated[bool, Field(description="Check each event and list what failed.")] = True,
    gzip: Annotated[bool, Field(description="Compress the requests.")] = True,
    token: Annotated[str, Field(description="Project token, in place of the account.")]
    | None = None,
) -> Imported:
    """Import events of any age into the project, in batches of 2,000.

    A missing `$insert_id` is derived from the event, so that repeating the call does not double
    it. Returns how many were taken, and each refused record with its index, field and reason.
    When a later batch fails, the error tells what was imported before it. Ingestion API: POST
    /import.
    """
    records = _identified(events)
    # Names that were listed before may be joined by new ones.
    session.forget()
    done = Imported(num_records_imported=0, failed_records=[], batches=0)
    sent = 0
    for batch in _batches(records):
        try:
            _, answer = await session.ingest.post(
                "/import",
                batch,
                {"strict": int(strict)},
                token=token,
                compress=gzip,
                repeatable=True,
            )
        except MixpanelError as error:
            if done.batches:
                error.details["imported_so_far"] = done.model_dump()
            raise
        done = _and(done, answer, sent)
        sent += len(batch)
        told = f"{sent:,} of {len(records):,} events sent"
        await session.report(sent, len(records), told)
    return done


def _and(done: Imported, answer: Any, offset: int) -> Imported:
    told = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    failed = [
        FailedRecord(
            index=offset + record["index"],
            insert_id=record.get("insert_id") or record.get("$insert_id"),
            field=record.get("field"),
            message=record.get("message", ""),
        )
        for record in told.get("failed_records") or []
    ]
    return Imported(
        num_records_imported=done.num_records_imported + told.get("num_records_imported", 0),
        failed_records=[*done.failed_records, *failed],
        batches=done.batches + 1,
    )


def _identified(events: Sequence[NewEvent]) -> list[Event]:
    """The events with an `$insert_id` each: the given one, or a hash of the event.

    Events that are equal to the letter are numbered, so that none of them is lost.
    """
    seen: Counter[bytes] = Counter()
    records: list[Event] = []
    for each in events:
        properties = each.properties
        if not properties.get("$insert_id"):
            digest = hashlib.sha256(
                orjson.dumps([each.event, properties], option=orjson.OPT_SORT_KEYS)
            ).digest()
            seen[digest] += 1
            suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
            properties = {**properties, "$insert_id": digest.hex()[: 36 - len(suffix)] + suffix}
        records.append({"event": each.event, "properties": properties})
    return records


def _batches(records: Sequence[Event]) -> Iterator[list[Event]]:
    """The records in order, each batch within Mixpanel's limits of count and size."""
    batch: list[Event] = []
    size = 0
    for record in records:
        weight = len(orjson.dumps(record)) + 1
        if batch and (len(batch) == _BATCH_RECORDS or size + weight > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += weight
    yield batch
