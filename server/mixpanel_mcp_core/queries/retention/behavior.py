"""Retention as a behavior: two events and how returns are counted.

A retention query is one, and a metric of an insights query may be one.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from pydantic import PlainValidator

from mixpanel_mcp_core.queries.behaviors import BehaviorRef, guard_member
from mixpanel_mcp_core.queries.term import Term
from mixpanel_mcp_core.queries.vocabulary import (
    RetentionAlignment,
    RetentionUnboundedMode,
    TimeUnit,
)
from mixpanel_mcp_core.queries.words import JudgedWhole, judged_later

from .events import RetentionEvent, event_clause


class RetentionShape(Protocol):
    """What makes a retention behavior, in a query of its own or in a metric."""

    @property
    def born_event(self) -> Any: ...
    @property
    def return_event(self) -> Any: ...
    @property
    def retention_unit(self) -> str: ...
    @property
    def alignment(self) -> str: ...
    @property
    def bucket_sizes(self) -> Sequence[Any]: ...
    @property
    def unbounded_mode(self) -> str | None: ...


def _read_event(value: Any) -> str | RetentionEvent:
    return value if isinstance(value, str) else RetentionEvent.model_validate(value)


_Event = Annotated[str | RetentionEvent, PlainValidator(_read_event)]


class RetentionBehavior(Term):
    """Retention that a metric measures."""

    born_event: _Event
    return_event: _Event
    retention_unit: Annotated[TimeUnit, judged_later] = "week"
    alignment: Annotated[RetentionAlignment, judged_later] = "birth"
    bucket_sizes: list[JudgedWhole] = []
    unbounded_mode: Annotated[RetentionUnboundedMode, judged_later] | None = None

    def guard(self) -> None:
        """The two events."""
        for path, event in (("born_event", self.born_event), ("return_event", self.return_event)):
            if isinstance(event, str):
                guard_member(event)
            else:
                event.guard_at(path)


def retention_clause(shape: RetentionShape | BehaviorRef) -> dict[str, Any]:
    """The behavior on the wire; of a saved one nothing but the reference."""
    if isinstance(shape, BehaviorRef):
        return shape.clause()
    clause: dict[str, Any] = {
        "type": "retention",
        "resourceType": "events",
        "behaviors": [event_clause(shape.born_event), event_clause(shape.return_event)],
        "retentionUnit": shape.retention_unit,
        "retentionAlignmentType": shape.alignment,
        "retentionCustomBucketSizes": list(shape.bucket_sizes),
        "filter": [],
    }
    if shape.unbounded_mode is not None:
        clause["retentionUnboundedMode"] = shape.unbounded_mode
    return clause
