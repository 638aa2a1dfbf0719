"""One batch on its way to `/import`, and what became of each of its records."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mixpanel_mcp_core.errors import MixpanelError, QueryError
from mixpanel_mcp_core.imports.records import MOST_BYTES, Packed
from mixpanel_mcp_core.ingest_api import IngestApi
from mixpanel_mcp_core.models.ingestion import FailedRecord, Imported

# After these nobody knows whether the server took the batch.
_UNCERTAIN = ("HTTP_ERROR", "INVALID_RESPONSE", "SERVER_ERROR")
TOO_LARGE = f"is larger than {MOST_BYTES:,} bytes, and was not sent"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not taken: its place in the input, and why.

    `value` is what was wrong with the field, `record` the whole as JSON, where they are at hand.
    """

    place: int
    insert_id: Any
    field: str | None
    message: str
    value: Any = None
    record: bytes | None = None

    @property
    def id_text(self) -> str | None:
        """The `$insert_id` as text, whatever the record had there."""
        return _text(self.insert_id)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one request did: how many records are in, and which are not."""

    imported: int
    refused: Sequence[Refused]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How batches are sent; a project `token` takes the account's place."""

    ingest: IngestApi
    strict: bool = True
    gzip: bool = True
    token: str | None = None

    async def deliver(self, batch: Sequence[Packed]) -> AsyncIterator[Taken]:
        """Send a batch, in halves where the server finds it too large, and tell of each request.

        Every record has an `$insert_id`, so a request whose answer was lost is simply repeated.
        """
        try:
            _, answer = await self.ingest.post(
                "/import",
                b"[" + b",".join(each.data for each in batch) + b"]",
                {"strict": int(self.strict)},
                token=self.token,
                compress=self.gzip,
                repeatable=True,
            )
        except QueryError as error:
            if error.status_code != 413:
                raise
            if len(batch) == 1:
                [alone] = batch
                yield Taken(0, [Refused(alone.place, alone.insert_id, None, error.message)])
                return
        else:
            yield _taken(batch, answer)
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            async for taken in self.deliver(half):
                yield taken


def add(done: Imported, taken: Taken) -> None:
    """Count what one request did to what an import did up to then."""
    done.num_records_imported += taken.imported
    done.failed_records += map(failed, taken.refused)
    done.batches += 1


def failed(refused: Refused) -> FailedRecord:
    """A record that was not taken, as an import tells of it."""
    return FailedRecord(
        index=refused.place,
        insert_id=refused.id_text,
        field=refused.field,
        message=refused.message,
    )


def account(error: MixpanelError, requests: int, so_far: Mapping[str, Any], again: str) -> None:
    """Let an error tell what was imported before it, and `again` with what to go on."""
    if requests:
        error.details["imported_so_far"] = dict(so_far)
        error.message += (
            f" {so_far['num_records_imported']:,} events were imported before that. Call again "
            f"{again}: none is doubled."
        )
    elif error.code in _UNCERTAIN:
        error.message += " If events arrived all the same, a call again does not double them."


def _taken(batch: Sequence[Packed], answer: Any) -> Taken:
    told = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    refused = [_refused(batch, record) for record in told.get("failed_records") or []]
    return Taken(told.get("num_records_imported", len(batch) - len(refused)), refused)


def _refused(batch: Sequence[Packed], record: Any) -> Refused:
    told = cast("dict[str, Any]", record) if isinstance(record, dict) else {}
    index = told.get("index")
    if not isinstance(index, int) or not 0 <= index < len(batch):
        raise MixpanelError(
            "Mixpanel's answer does not tell which records it refused.",
            code="INVALID_RESPONSE",
            details={"failed_record": record},
        )
    sent = batch[index]
    # The id is called one way in Mixpanel's schema and another in its prose.
    own_id = told.get("insert_id") or told.get("$insert_id")
    message = _text(told.get("message")) or "Mixpanel gives no reason"
    return Refused(sent.place, own_id, _text(told.get("field")), message, record=sent.data)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
