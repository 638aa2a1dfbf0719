"""Which replays there are, and which events were sent during them: two insights queries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mixpanel_mcp_core.clock import MILLISECONDS_FROM
from mixpanel_mcp_core.dates import check_range
from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.models.replays import ReplayEvent, ReplaySummary
from mixpanel_mcp_core.queries.nodes import object_in
from mixpanel_mcp_core.questions import ask
from mixpanel_mcp_core.session import Session

_RECORDED = "$mp_session_record"
_REPLAY = "$mp_replay_id"
_RETENTION = "$mp_replay_retention_period"
_OVERALL = "$overall"
_COUNT = "all"
_UNDEFINED = "undefined"
_DAYS = 90
_MILLISECONDS = 1000

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Days:
    """From when to when to look; without both, the last 90 days."""

    first: str | None = None
    last: str | None = None

    def check(self) -> None:
        """Raise ParamValidationError (WR5_DATE_RANGE_REQUIRED) for one day without the other."""
        if (self.first is None) != (self.last is None):
            lacking = "from_date" if self.first is None else "to_date"
            raise ParamValidationError(
                f"{lacking}: give both days or none; none stands for the last {_DAYS} days.",
                code="WR5_DATE_RANGE_REQUIRED",
            )
        check_range(self.first, self.last)

    def clause(self) -> Params:
        """The time section of report params."""
        if self.first and self.last:
            return {
                "dateRangeType": "between",
                "unit": "day",
                "value": [self.first, self.last],
            }
        window = {"unit": "day", "value": _DAYS}
        return {"dateRangeType": "in the last", "unit": "day", "window": window}


async def recorded(
    session: Session,
    days: Days,
    *,
    distinct_id: str | None = None,
    replay_ids: Sequence[str] | None = None,
) -> list[ReplaySummary]:
    """The replays of a person, or those named, as far as they were recorded; newest first."""
    if distinct_id is not None:
        wanted = _filter("$distinct_id", [distinct_id])
    else:
        wanted = _filter(_REPLAY, list(replay_ids or []))
    first_moment = {"math": "min", "property": {"name": "$time", "resourceType": "events"}}
    params = _params(_RECORDED, first_moment, days, [wanted], [_REPLAY, _RETENTION])
    answer = await ask(session, params)
    found = {
        replay: ReplaySummary(
            replay_id=replay,
            distinct_id=distinct_id,
            project_id=int(session.project_id),
            start_time=_milliseconds(moment),
            retention_days=int(retention) if retention.isdecimal() else None,
        )
        for (replay, retention), moment in _leaves(answer, 2)
    }
    return sorted(found.values(), key=lambda each: each.start_time, reverse=True)


async def events_during(
    session: Session, replay_ids: Sequence[str], properties: Sequence[str], days: Days
) -> dict[str, list[ReplayEvent]]:
    """The events of each replay in the order of time; a replay without any has an empty list."""
    filters = [
        _filter(_REPLAY, list(replay_ids)),
        _filter("$event_name", [_RECORDED], "does not equal"),
    ]
    groups = ["$time", "$event_name", _REPLAY, *properties]
    answer = await ask(session, _params("$all_events", {"math": "total"}, days, filters, groups))
    events: dict[str, list[ReplayEvent]] = defaultdict(list)
    for (moment, name, replay, *values), count in _leaves(answer, len(groups)):
        event = ReplayEvent(
            replay_id=replay,
            event_name=name,
            event_time=_seconds(moment),
            properties=_defined(properties, values),
        )
        events[replay] += [event] * max(int(count), 1)
    return {
        replay: sorted(events.get(replay, []), key=lambda each: each.event_time)
        for replay in replay_ids
    }


def _defined(names: Sequence[str], values: Sequence[str]) -> dict[str, str] | None:
    """The properties that an event has; None where none were asked for."""
    if not names:
        return None
    pairs = zip(names, values, strict=True)
    return {name: value for name, value in pairs if value != _UNDEFINED}


def _params(
    event: str,
    measurement: Params,
    days: Days,
    filters: list[Params],
    groups: Sequence[str],
) -> Params:
    behavior = {
        "type": "event",
        "name": event,
        "resourceType": "events",
        "filtersDeterminer": "all",
        "filters": [],
    }
    return {
        "sections": {
            "show": [{"type": "metric", "behavior": behavior, "measurement": measurement}],
            "time": [days.clause()],
            "filter": filters,
            "group": [_group(name) for name in groups],
        },
        "displayOptions": {"chartType": "table", "analysis": "linear"},
    }


def _filter(name: str, values: list[str], operator: str = "equals") -> Params:
    return {
        "resourceType": "events",
        "filterType": "string",
        "defaultType": "string",
        "filterValue": values,
        "filterOperator": operator,
        "value": name,
    }


def _group(name: str) -> Params:
    return {
        "value": name,
        "propertyName": name,
        "resourceType": "events",
        "propertyType": "string",
        "propertyDefaultType": "string",
    }


def _leaves(answer: Any, levels: int) -> Iterator[tuple[tuple[str, ...], float]]:
    """The values below the metrics of a table, each with the names of its levels."""
    for node in object_in(object_in(answer).get("series")).values():
        yield from _walked(node, (), levels)


def _walked(
    node: Any, path: tuple[str, ...], levels: int
) -> Iterator[tuple[tuple[str, ...], float]]:
    inner = object_in(node)
    if len(path) == levels:
        value = inner.get(_COUNT)
        if isinstance(value, int | float):
            yield path, value
        return
    for name, each in inner.items():
        if name != _OVERALL:
            yield from _walked(each, (*path, name), levels)


def _milliseconds(moment: float) -> int:
    return int(moment if moment >= MILLISECONDS_FROM else moment * _MILLISECONDS)


def _seconds(label: str) -> int:
    """The moment that a label of `$time` stands for: a number, or a day and time in UTC."""
    if label.isdecimal():
        return _milliseconds(int(label)) // _MILLISECONDS
    moment = datetime.fromisoformat(label)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
