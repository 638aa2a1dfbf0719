"""What a metric counts: an event, a custom event, several of them, or a saved behavior."""

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, cast

from pydantic import PlainValidator

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.behaviors import BehaviorRef, CustomEventRef, guard_member
from mixpanel_mcp_core.queries.filter_clauses import filter_clauses
from mixpanel_mcp_core.queries.filters import Filter
from mixpanel_mcp_core.queries.funnels.steps import FunnelStep
from mixpanel_mcp_core.queries.names import guard_event, is_blank
from mixpanel_mcp_core.queries.term import Term, guard_each

Event = str | CustomEventRef


def _read_member(value: Any) -> Event | FunnelStep:
    if isinstance(value, str | CustomEventRef | FunnelStep):
        return value
    if isinstance(value, Mapping):
        kind = CustomEventRef if "custom_event_id" in value else FunnelStep
        return kind.model_validate(value)
    _refuse_kind(value)


class SimpleBehavior(Term):
    """Any of several events, each with its own conditions, counted as one."""

    events: list[Annotated[Event | FunnelStep, PlainValidator(_read_member)]]
    name: str | None = None

    def guard(self) -> None:
        """The events, and that there is one."""
        guard_each("events", self.events)
        _guard_members(self.events)

    def label(self) -> str:
        """The name it is shown under, by default those of its events."""
        if self.name is not None and not is_blank(self.name):
            return self.name
        return " or ".join(map(label_of, self.events))


MetricEvent = Event | list[Event] | SimpleBehavior | BehaviorRef


def _read_event(value: Any) -> MetricEvent:
    if isinstance(value, str | Term):
        return cast("MetricEvent", value)
    if isinstance(value, list):
        return [_read_listed(item) for item in cast("list[Any]", value)]
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    if "behavior_id" in keys:
        return BehaviorRef.model_validate(keys)
    if "events" in keys:
        return SimpleBehavior.model_validate(keys)
    return _read_listed(value)


def _read_listed(value: Any) -> Event:
    if isinstance(value, str | CustomEventRef):
        return value
    if isinstance(value, Mapping) and "custom_event_id" in value:
        return CustomEventRef.model_validate(value)
    _refuse_kind(value)


def _refuse_kind(value: object) -> NoReturn:
    message = f'Expected the name of an event, or {{"custom_event_id": 7}}, got {value!r}.'
    raise ParamValidationError(message, code="MT5_INVALID_EVENT_TYPE")


EventSpec = Annotated[MetricEvent, PlainValidator(_read_event, json_schema_input_type=str)]


def guard_metric_event(event: MetricEvent, has_filters: bool) -> None:
    """Raise ParamValidationError for an event that no metric can count."""
    match event:
        case str():
            guard_event(event)
        case list():
            guard_each("event", event)
            _guard_members(event)
        case _:
            event.guard_at("event")
    if isinstance(event, BehaviorRef):
        event.guard_type("simple")
    if has_filters and isinstance(event, SimpleBehavior | BehaviorRef):
        message = "The filters belong to the events of the behavior, not to the metric."
        raise ParamValidationError(message, code="MT3_FILTERS_WITH_BEHAVIOR")


def _guard_members(events: list[Event] | list[Event | FunnelStep]) -> None:
    if not events:
        message = 'At least one event is needed, e.g. ["Login", "SSO Login"].'
        raise ParamValidationError(message, code="BH1_STEP_COUNT")
    for event in events:
        if isinstance(event, str):
            guard_member(event)


def names_of(event: MetricEvent) -> list[str]:
    """The plain event names of a metric, for the rules on names."""
    members = event.events if isinstance(event, SimpleBehavior) else event
    listed = members if isinstance(members, list) else [members]
    return [each for each in listed if isinstance(each, str)]


def label_of(event: Event | FunnelStep) -> str:
    """The name that an event is shown under."""
    match event:
        case FunnelStep():
            return event.label or str(event.event)
        case CustomEventRef():
            return event.name
        case _:
            return event


def behavior_clause(
    event: MetricEvent, filters: list[Filter] | None, combinator: str
) -> dict[str, Any]:
    """`behavior` of a metric on the wire."""
    conditions = {"filtersDeterminer": combinator, "filters": filter_clauses(filters)}
    match event:
        case BehaviorRef():
            return event.clause()
        case SimpleBehavior():
            return _simple_clause(event.label(), [_member(each) for each in event.events])
        case [single]:
            return behavior_clause(single, filters, combinator)
        case list():
            name = " or ".join(map(label_of, event))
            return _simple_clause(name, [{**_member(each), **_last(conditions)} for each in event])
        case CustomEventRef():
            identity = {"type": "custom-event", "id": event.custom_event_id, "name": event.name}
            return {**identity, "resourceType": "events", **conditions}
        case _:
            return {"type": "event", "name": event, "resourceType": "events", **conditions}


def _last(conditions: dict[str, Any]) -> dict[str, Any]:
    # Here filters stand before what joins them; the order of keys is that of the wire.
    return {key: conditions[key] for key in ("filters", "filtersDeterminer")}


def _simple_clause(name: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "simple",
        "name": name,
        "resourceType": "events",
        "filtersDeterminer": "all",
        "filters": [],
        "behaviors": members,
    }


def _member(event: Event | FunnelStep) -> dict[str, Any]:
    custom = isinstance(event, CustomEventRef)
    clause: dict[str, Any] = {
        "type": "custom-event" if custom else "event",
        "id": event.custom_event_id if custom else None,
        "name": event.event if isinstance(event, FunnelStep) else label_of(event),
        "filters": [],
        "filtersDeterminer": "all",
    }
    if isinstance(event, FunnelStep):
        clause["filters"] = filter_clauses(event.filters)
        clause["filtersDeterminer"] = event.filters_combinator
        if event.label is not None:
            clause["renamed"] = event.label
    return clause
